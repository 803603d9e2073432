/** What a P-256 key signs about DNS names: requests for certificates, and certificates of its own. */
import { createPrivateKey, randomBytes, sign } from 'node:crypto'
import { around, bits, der, inPlace, oid, positiveInteger, sequence, TAG, text, time } from './der.ts'
import { publicKeyDer } from './key.ts'
import { OID } from './oids.ts'
import { pem } from './pem.ts'

const ALGORITHM = sequence(oid(OID.ecdsaSha256))
const SERIAL_BYTES = 16
/** RFC 5280, appendix A.1: ub-common-name. */
const COMMON_NAME_CHARS = 64

/** A request (PKCS#10, RFC 2986) for these names, as DER. `key`: P-256, PEM. */
export function certificateRequest(names: readonly string[], key: string): Uint8Array {
  const privateKey = createPrivateKey(key)
  const extensions = sequence(oid(OID.extensionRequest), der(TAG.set, sequence(namesExtension(names))))
  const wanted = sequence(
    positiveInteger(Uint8Array.of(0)),
    sequence(),
    publicKeyDer(privateKey),
    der(around(0), extensions),
  )
  return signedBy(key, wanted)
}

export interface OwnCertificate {
  names: readonly [string, ...string[]]
  /** Who made it, in words. */
  organization: string
  /** In ms since 1970. */
  notBefore: number
  notAfter: number
  /** P-256, PEM. */
  key: string
}

/** A certificate that nobody but its own key vouches for, as PEM. */
export function selfSigned({ names, organization, notBefore, notAfter, key }: OwnCertificate): string {
  const [first] = names
  const commonName = first.length <= COMMON_NAME_CHARS ? [attribute(OID.commonName, first)] : []
  const name = sequence(attribute(OID.organization, organization), ...commonName)
  const serial = randomBytes(SERIAL_BYTES)
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40 // positive, and never shorter
  const yes = der(TAG.boolean, Uint8Array.of(0xff))
  const extensions = sequence(
    namesExtension(names),
    extension(OID.basicConstraints, sequence(), yes),
    // Of the bits, the first: digital signature.
    extension(OID.keyUsage, der(TAG.bits, Uint8Array.of(7, 0x80)), yes),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverUsage))),
  )
  const certificate = sequence(
    der(around(0), positiveInteger(Uint8Array.of(2))),
    positiveInteger(serial),
    ALGORITHM,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKeyDer(createPrivateKey(key)),
    der(around(3), extensions),
  )
  return pem('CERTIFICATE', signedBy(key, certificate))
}

const signedBy = (key: string, what: Uint8Array): Uint8Array =>
  sequence(what, ALGORITHM, bits(sign('sha256', what, createPrivateKey(key))))

const namesExtension = (names: readonly string[]): Uint8Array =>
  extension(OID.names, sequence(...names.map((name) => text(name, inPlace(2)))))

const extension = (id: string, value: Uint8Array, critical?: Uint8Array): Uint8Array =>
  sequence(oid(id), ...(critical ? [critical] : []), der(TAG.octets, value))

const attribute = (type: string, value: string): Uint8Array => der(TAG.set, sequence(oid(type), text(value)))
