/** Which CA certificates are asked of: one setting, whose parts belong together. */
import { X509Certificate } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import type { Seal, SealedPlace } from '../base/seal.ts'
import type { CertificateSetting } from '../domain/https.ts'
import type { Settings } from '../domain/settings.ts'
import type { ExternalAccount } from '../ports/certificate-authority.ts'

/** `externalHmacKey`: as the CA gives it out. */
export type AuthorityChange = { [Key in keyof CertificateSetting]?: CertificateSetting[Key] | undefined }

/** Where the sealed key of the external account stands. */
const HMAC_KEY_PLACE: SealedPlace = {
  table: 'settings',
  row: 'certificates',
  column: 'value.externalHmacKey',
}

const CHANGED_SECRET = '•••'

/**
 * The setting after a change. What was agreed to and given out by one CA is of no other one: with another directory it is
 * gone, unless it comes anew. Throws `invalid`.
 */
export function changedAuthority(
  seal: Seal,
  before: CertificateSetting,
  change: AuthorityChange,
): CertificateSetting {
  const { externalHmacKey: hmacKey, ...plain } = change
  const isElsewhere = plain.directoryUrl !== undefined && plain.directoryUrl !== before.directoryUrl
  const kept: CertificateSetting = isElsewhere ? { ...before, ...OF_ONE_CA } : before
  const after: CertificateSetting = { ...kept, ...(plain as Partial<CertificateSetting>) } // what is named
  if (hmacKey !== undefined)
    after.externalHmacKey = hmacKey && seal.seal(canonicalKey(hmacKey), HMAC_KEY_PLACE)
  if (after.externalKeyId === null && hmacKey === undefined) after.externalHmacKey = null
  requireWhole(after)
  if (plain.root !== undefined && plain.root !== null) after.root = canonicalRoot(plain.root)
  return after
}

const OF_ONE_CA = {
  termsAgreed: false,
  root: null,
  externalKeyId: null,
  externalHmacKey: null,
  profile: null,
} satisfies Partial<CertificateSetting>

function requireWhole({
  directoryUrl,
  termsAgreed,
  externalKeyId,
  externalHmacKey,
}: CertificateSetting): void {
  if (directoryUrl === null && termsAgreed)
    throw invalid(
      'termsAgreed',
      'There is no CA whose terms could be agreed to.',
      'Name its directoryUrl too.',
    )
  if ((externalKeyId === null) === (externalHmacKey === null)) return
  throw invalid(
    externalKeyId === null ? 'externalKeyId' : 'externalHmacKey',
    'An external account is a key id and its key: one of them is missing.',
    'Send externalKeyId and externalHmacKey together, or null for both.',
  )
}

/** `auto` is a promise that only a CA can keep. Throws `invalid`. */
export function requireUsable({ https, certificates }: Settings): void {
  if (https.default !== 'auto' || isSetUp(certificates)) return
  throw new Fault(
    'invalid',
    'URLs to come are to get certificates by themselves, and no CA is set up for it.',
    {
      hint: 'Name the directoryUrl of a CA and agree to its terms (certificates.termsAgreed), or let https.default be another.',
      errors: [{ field: 'https.default', message: 'takes a CA whose terms are agreed to' }],
    },
  )
}

export const isSetUp = ({ directoryUrl, termsAgreed }: CertificateSetting): boolean =>
  directoryUrl !== null && termsAgreed

/** For the audit, and for whoever reads settings. */
export const shownAuthority = ({ externalHmacKey, ...plain }: CertificateSetting) => ({
  ...plain,
  externalHmacKey: externalHmacKey === null ? null : CHANGED_SECRET,
})

/** Whether the key of the external account is there and can be opened. */
export const hasHmacKey = (seal: Seal, { externalHmacKey }: CertificateSetting): boolean =>
  externalHmacKey !== null && seal.canOpen(externalHmacKey)

/** Null: the CA has given out none. Throws `broken_data` when it was sealed with another key. */
export const externalAccount = (
  seal: Seal,
  { externalKeyId, externalHmacKey }: CertificateSetting,
): ExternalAccount | null =>
  externalKeyId === null || externalHmacKey === null
    ? null
    : { keyId: externalKeyId, hmacKey: seal.open(externalHmacKey, HMAC_KEY_PLACE) }

/** base64url without padding, which CAs print in every spelling. Throws `invalid`. */
function canonicalKey(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const isBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text)
  if (isBase64 && bytes.length >= LEAST_KEY_BYTES) return bytes.toString('base64url')
  throw invalid(
    'externalHmacKey',
    'The key of the external account is not base64url.',
    'Copy it from the CA as it stands there, without blanks.',
  )
}

/** Shorter than what any CA gives out. */
const LEAST_KEY_BYTES = 8

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** The certificates alone, without what programs print around them. Throws `invalid`. */
export function canonicalRoot(pem: string): string {
  const blocks = pem.match(BLOCK) ?? []
  if (blocks.length > 0 && blocks.every(isCertificate))
    return blocks.map((block) => new X509Certificate(block).toString()).join('')
  throw invalid(
    'root',
    'The root of the CA is not a certificate.',
    'Send it as PEM: it begins with -----BEGIN CERTIFICATE-----.',
  )
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

const invalid = (field: string, message: string, hint: string): Fault =>
  new Fault('invalid', message, { hint, errors: [{ field: `certificates.${field}`, message }] })
