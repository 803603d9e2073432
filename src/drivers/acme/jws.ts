/** What an account says, signed (RFC 8555 §6.2, RFC 7515): JSON in its flattened form. */
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { Fault } from '../../base/fault.ts'
import type { ExternalAccount } from '../../ports/certificate-authority.ts'

export interface Jwk {
  crv: string
  kty: string
  x: string
  y: string
}

/** Either the key itself or the account's URL says whose signature it is. */
export type Signer = { key: string; url: string | null }

const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url')

/** The members in the order in which a thumbprint wants them (RFC 7638 §3). */
export function jwkOf(key: string): Jwk {
  const {
    crv = '',
    kty = '',
    x = '',
    y = '',
  } = createPublicKey(createPrivateKey(key)).export({ format: 'jwk' })
  if (crv !== 'P-256') throw new Error('The key of an account is P-256.')
  return { crv, kty, x, y }
}

/** `payload` null: a mere look (POST-as-GET, RFC 8555 §6.3). */
export function signedRequest(
  signer: Signer,
  given: { url: string; nonce: string; payload: object | null },
): string {
  const { url, nonce, payload } = given
  const whose = signer.url === null ? { jwk: jwkOf(signer.key) } : { kid: signer.url }
  const head = base64url(JSON.stringify({ alg: 'ES256', ...whose, nonce, url }))
  const body = payload === null ? '' : base64url(JSON.stringify(payload))
  const signature = sign('sha256', Buffer.from(`${head}.${body}`), {
    key: createPrivateKey(signer.key),
    dsaEncoding: 'ieee-p1363',
  })
  return JSON.stringify({ protected: head, payload: body, signature: base64url(signature) })
}

/** Says that the account is that of somebody whom the CA knows (RFC 8555 §7.3.4). */
export function externalBinding(key: string, { keyId, hmacKey }: ExternalAccount, url: string): object {
  const secret = Buffer.from(hmacKey.trim(), 'base64url')
  if (!/^[\w+/-]+=*$/.test(hmacKey.trim()) || secret.length === 0)
    throw new Fault('invalid', 'The HMAC key of the external account is not base64url.', {
      hint: 'Copy it from the CA anew, without quotes.',
    })
  const head = base64url(JSON.stringify({ alg: 'HS256', kid: keyId, url }))
  const body = base64url(JSON.stringify(jwkOf(key)))
  const signature = createHmac('sha256', secret).update(`${head}.${body}`).digest()
  return { protected: head, payload: body, signature: base64url(signature) }
}

/** RFC 8555 §8.1, and §8.4 for what stands in DNS. */
export function keyAuthorization(key: string, token: string): { text: string; txt: string } {
  const thumbprint = createHash('sha256')
    .update(JSON.stringify(jwkOf(key)))
    .digest()
  const text = `${token}.${base64url(thumbprint)}`
  return { text, txt: createHash('sha256').update(text).digest('base64url') }
}
