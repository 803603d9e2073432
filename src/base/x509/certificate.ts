/** What a certificate says of itself (RFC 5280), read strictly. */

import { shown } from '../fault.ts'
import { sha256Hex } from '../secrets.ts'
import {
  around,
  bitsOf,
  type Der,
  DerError,
  expected,
  inPlace,
  inside,
  integerOf,
  latin1Of,
  oidOf,
  readDer,
  TAG,
  textOf,
  timeOf,
} from './der.ts'
import { CURVES, HASHES, OID, PLAIN_KEYS, SIGNATURES } from './oids.ts'

export interface Certificate {
  der: Uint8Array
  /** The DNS names it is for, in lower case; wildcards begin with `*.`. Its common name counts for nothing. */
  names: string[]
  /** In ms since 1970: the first and the last moment of its life. */
  notBefore: number
  notAfter: number
  /** Who has signed it and whom it is of, in words: organization, common name. */
  issuer: string
  subject: string
  /** In lower-case hex. */
  serial: string
  /** SHA-256 of the whole, in lower-case hex. */
  fingerprint: string
  key: CertificateKey
  signature: { algorithm: string; hash: string }
  isAuthority: boolean
  /** It names itself as its issuer. */
  isSelfIssued: boolean
  /** Whether servers may use it (RFC 5280 §4.2.1.12). */
  isForServers: boolean
  /** How a CA that tells when to renew calls it (RFC 9773 §4.1). */
  renewalId: string | null
}

export interface CertificateKey {
  /** `RSA`, `EC`, `Ed25519`, or the number of another algorithm. */
  type: string
  /** Of an RSA modulus. */
  bits: number | null
  /** Of EC: `P-256` and so on, or its number. */
  curve: string | null
}

/** Throws DerError for what is no certificate of version 3, or has anything after its end. */
export function readCertificate(bytes: Uint8Array): Certificate {
  const [signed, algorithm, , ...rest] = inside(readDer(bytes), TAG.sequence)
  if (rest.length > 0) throw new DerError('a certificate of more than three parts')
  const [version, serial, inner, issuer, validity, subject, key, ...optional] = inside(signed, TAG.sequence)
  if (integerOf(inside(version, around(0))[0])[0] !== 2)
    throw new DerError('a certificate that is not of version 3')
  if (latin1Of(inner?.whole) !== latin1Of(algorithm?.whole))
    throw new DerError('a certificate with two different signature algorithms')
  const [notBefore, notAfter] = inside(validity, TAG.sequence)
  const number = integerOf(serial)
  const extensions = extensionsOf(optional.find(({ tag }) => tag === around(3)))
  return {
    der: bytes,
    names: namesOf(extensions.get(OID.names)),
    notBefore: timeOf(notBefore),
    // The second in which it ends belongs to it (RFC 5280 §4.1.2.5).
    notAfter: timeOf(notAfter),
    issuer: nameText(issuer),
    subject: nameText(subject),
    serial: Buffer.from(number)
      .toString('hex')
      .replace(/^(00)(?=.)/, ''),
    fingerprint: sha256Hex(bytes),
    key: keyOf(key),
    signature: signatureOf(algorithm),
    isAuthority: isAuthority(extensions.get(OID.basicConstraints)),
    isSelfIssued: latin1Of(issuer?.whole) === latin1Of(subject?.whole),
    isForServers: isForServers(extensions.get(OID.extendedKeyUsage)),
    renewalId: renewalIdOf(extensions.get(OID.authorityKey), number),
  }
}

/** By their number: the value within. */
function extensionsOf(list: Der | undefined): Map<string, Der> {
  const extensions = new Map<string, Der>()
  if (!list) return extensions
  for (const extension of inside(inside(list, around(3))[0], TAG.sequence)) {
    const [id, ...rest] = inside(extension, TAG.sequence)
    const key = oidOf(id)
    if (extensions.has(key)) throw new DerError(`the extension ${key} twice`)
    extensions.set(key, readDer(expected(rest.at(-1), TAG.octets).content))
  }
  return extensions
}

const namesOf = (names: Der | undefined): string[] =>
  names === undefined
    ? []
    : inside(names, TAG.sequence)
        .filter(({ tag }) => tag === inPlace(2))
        .map(({ content }) => shown(latin1Of(content).toLowerCase(), 300))

/** `Let's Encrypt, R11`: organization and common name; of a name that has neither, whatever it has. */
function nameText(name: Der | undefined): string {
  const parts = inside(name, TAG.sequence).flatMap((set) =>
    inside(set, TAG.set).map((pair) => {
      const [type, value] = inside(pair, TAG.sequence)
      return { type: oidOf(type), text: value ? (textOf(value) ?? '') : '' }
    }),
  )
  const known = [OID.organization, OID.commonName].flatMap((id) => parts.filter(({ type }) => type === id))
  const texts = (known.length > 0 ? known : parts).map(({ text }) => text).filter((text) => text !== '')
  return shown([...new Set(texts)].join(', '))
}

function keyOf(info: Der | undefined): CertificateKey {
  const [algorithm, key] = inside(info, TAG.sequence)
  const [id, parameters] = inside(algorithm, TAG.sequence)
  const type = oidOf(id)
  if (type === OID.rsa || type === OID.rsaPss) {
    const [modulus] = inside(readDer(bitsOf(key)), TAG.sequence)
    return { type: 'RSA', bits: bitLength(integerOf(modulus)), curve: null }
  }
  if (type === OID.ec) {
    const curve = parameters?.tag === TAG.oid ? oidOf(parameters) : 'its own'
    return { type: 'EC', bits: null, curve: CURVES[curve] ?? curve }
  }
  return { type: PLAIN_KEYS[type] ?? type, bits: null, curve: null }
}

function bitLength(bytes: Uint8Array): number {
  const from = bytes.findIndex((byte) => byte !== 0)
  return from < 0 ? 0 : (bytes.length - from) * 8 - (Math.clz32(bytes[from] ?? 0) - 24)
}

function signatureOf(algorithm: Der | undefined): { algorithm: string; hash: string } {
  const [id, parameters] = inside(algorithm, TAG.sequence)
  const number = oidOf(id)
  if (number === OID.rsaPss) return { algorithm: 'RSA-PSS', hash: pssHashOf(parameters) }
  const [name, hash] = SIGNATURES[number] ?? [number, 'unknown']
  return { algorithm: name, hash }
}

/** SHA-1 when it is not said (RFC 4055 §3.1). */
function pssHashOf(parameters: Der | undefined): string {
  const hash = parameters && inside(parameters, TAG.sequence).find(({ tag }) => tag === around(0))
  if (!hash) return 'SHA-1'
  const number = oidOf(inside(inside(hash, around(0))[0], TAG.sequence)[0])
  return HASHES[number] ?? number
}

function isAuthority(constraints: Der | undefined): boolean {
  const [first] = constraints ? inside(constraints, TAG.sequence) : []
  return first?.tag === TAG.boolean && first.content[0] === 0xff
}

function isForServers(usages: Der | undefined): boolean {
  if (!usages) return true
  const all = inside(usages, TAG.sequence).map(oidOf)
  return all.includes(OID.serverUsage) || all.includes(OID.anyUsage)
}

function renewalIdOf(authorityKey: Der | undefined, serial: Uint8Array): string | null {
  const key = authorityKey && inside(authorityKey, TAG.sequence).find(({ tag }) => tag === inPlace(0))
  return key ? [key.content, serial].map((part) => Buffer.from(part).toString('base64url')).join('.') : null
}
