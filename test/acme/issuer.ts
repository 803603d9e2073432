/** Signs certificates for requests, in this process. */
import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import {
  around,
  bits,
  der,
  inPlace,
  inside,
  oid,
  positiveInteger,
  readDer,
  sequence,
  TAG,
  text,
  time,
} from '../../src/base/x509/der.ts'
import { newKey } from '../../src/base/x509/key.ts'
import { OID } from '../../src/base/x509/oids.ts'
import { pem } from '../../src/base/x509/pem.ts'

export interface Issued {
  names: readonly string[]
  notBefore: number
  notAfter: number
}

const ALGORITHM = sequence(oid(OID.ecdsaSha256))
const YEAR_MS = 365 * 24 * 3_600_000
const name = (value: string) => sequence(der(TAG.set, sequence(oid(OID.commonName), text(value))))
const extension = (id: string, value: Uint8Array) => sequence(oid(id), der(TAG.octets, value))

export class Issuer {
  private readonly key = newKey()
  private readonly title: string
  readonly keyId = randomBytes(20)
  /** PEM. */
  readonly certificate: string

  constructor(title = 'An issuer', now = Date.now()) {
    this.title = title
    const yes = der(TAG.boolean, Uint8Array.of(0xff))
    const own = createPublicKey(createPrivateKey(this.key)).export({ type: 'spki', format: 'der' })
    const life = { notBefore: now - YEAR_MS, notAfter: now + 10 * YEAR_MS }
    this.certificate = pem(
      'CERTIFICATE',
      this.signed(own, name(this.title), {
        ...life,
        extensions: [extension(OID.basicConstraints, sequence(yes))],
      }),
    )
  }

  /** For the key of a request (PKCS#10, DER): the chain, as PEM. */
  chain(request: Uint8Array, issued: Issued): string {
    const [wanted] = inside(readDer(request), TAG.sequence)
    const [, , key] = inside(wanted, TAG.sequence)
    if (!key) throw new Error('A request has a key.')
    const names = sequence(...issued.names.map((one) => text(one, inPlace(2))))
    const authority = sequence(der(inPlace(0), this.keyId))
    const extensions = [extension(OID.names, names), extension(OID.authorityKey, authority)]
    const certificate = this.signed(key.whole, sequence(), { ...issued, extensions })
    return pem('CERTIFICATE', certificate) + this.certificate
  }

  private signed(
    key: Uint8Array,
    subject: Uint8Array,
    given: { notBefore: number; notAfter: number; extensions: readonly Uint8Array[] },
  ): Uint8Array {
    const whole = sequence(
      der(around(0), positiveInteger(Uint8Array.of(2))),
      positiveInteger(randomBytes(12)),
      ALGORITHM,
      name(this.title),
      sequence(time(given.notBefore), time(given.notAfter)),
      subject,
      key,
      der(around(3), sequence(...given.extensions)),
    )
    return sequence(whole, ALGORITHM, bits(sign('sha256', whole, createPrivateKey(this.key))))
  }
}

/** The DNS names of a request. */
export function namesOf(request: Uint8Array): string[] {
  const [wanted] = inside(readDer(request), TAG.sequence)
  const attributes = inside(wanted, TAG.sequence)[3]
  const [attribute] = inside(attributes, around(0))
  const [extensions] = inside(inside(attribute, TAG.sequence)[1], TAG.set)
  const [names] = inside(extensions, TAG.sequence)
  const list = readDer(inside(names, TAG.sequence)[1]?.content ?? new Uint8Array())
  return inside(list, TAG.sequence).map(({ content }) => Buffer.from(content).toString())
}
