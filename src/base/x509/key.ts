/** Private keys of certificates. They never stand in a message. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { Fault } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import type { Certificate } from './certificate.ts'
import { inside, readDer, TAG } from './der.ts'
import { type PemBlock, pem, pemBlocks } from './pem.ts'

/** A new P-256 key, as PKCS#8 PEM. */
export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ type: 'pkcs8', format: 'pem' })

/**
 * The one key of a PEM text (PKCS#8, SEC 1, PKCS#1), as PKCS#8 PEM. Throws `invalid` for none, several, an encrypted one,
 * or one of a kind that is not known; `too_large`.
 */
export function parseKey(text: string): string {
  const { keyBytes } = LIMITS.certificate
  if (text.length > keyBytes)
    throw new Fault('too_large', `The key has more than ${keyBytes} bytes.`, {
      hint: 'Give the private key alone, as PEM.',
    })
  const blocks = pemBlocks(text, 'key').filter(({ label }) => label !== 'EC PARAMETERS')
  const [block, second] = blocks
  if (!block)
    throw new Fault('invalid', 'There is no key in it.', {
      hint: 'Give PEM: text that begins with "-----BEGIN PRIVATE KEY-----".',
    })
  if (second)
    throw new Fault('invalid', 'There is more in it than one key.', {
      hint: 'Give the private key of the certificate alone.',
    })
  return pkcs8Of(block)
}

function pkcs8Of({ label, hasHeaders, der }: PemBlock): string {
  if (label === 'ENCRYPTED PRIVATE KEY' || hasHeaders)
    throw new Fault('invalid', 'The key is locked by a passphrase.', {
      hint: 'Unlock it first: openssl pkey -in key.pem -out unlocked.pem. Fairlead seals it when it keeps it.',
    })
  if (!/^((EC|RSA) )?PRIVATE KEY$/.test(label))
    throw new Fault('invalid', `A block "${label}" stands where the private key belongs.`, {
      hint: 'Give the file that begins with "-----BEGIN PRIVATE KEY-----".',
    })
  try {
    return createPrivateKey(pem(label, der)).export({ type: 'pkcs8', format: 'pem' })
  } catch {
    // The platform's own message may quote what it was given.
    throw new Fault('invalid', "The key can't be read.", {
      hint: 'It is cut off, or of a kind that browsers do not know. Make a new one: P-256 or RSA with 2048 bits.',
    })
  }
}

/** Whether this private key (PEM) is the one that a certificate is for. */
export function keyFits(key: string, certificate: Certificate): boolean {
  const [signed] = inside(readDer(certificate.der), TAG.sequence)
  const [, , , , , , publicKey] = inside(signed, TAG.sequence)
  return publicKey !== undefined && Buffer.from(publicKey.whole).equals(publicKeyDer(createPrivateKey(key)))
}

/** SubjectPublicKeyInfo. */
export const publicKeyDer = (key: KeyObject): Uint8Array =>
  createPublicKey(key).export({ type: 'spki', format: 'der' })
