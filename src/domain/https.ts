/** How names answer over HTTPS, and where their certificates come from. */
import type { Hsts, TlsVersion } from './host-site.ts'

/** `auto`: a certificate of the CA that is set up; `own`: the one among those that were brought which covers the name longest. */
export const HTTPS_MODES = ['none', 'auto', 'own'] as const
export type HttpsMode = (typeof HTTPS_MODES)[number]

/** `placeholder`: a certificate that nobody trusts stands in, since the real one is gone or can't be read. */
export const HTTPS_STATES = ['none', 'pending', 'valid', 'placeholder', 'expired'] as const
export type HttpsState = (typeof HTTPS_STATES)[number]

export const CERTIFICATE_KINDS = ['acme', 'own', 'placeholder'] as const
export type CertificateKind = (typeof CERTIFICATE_KINDS)[number]

/** How a CA is shown that a name is ours; `auto`: by DNS for wildcards, else over HTTP. */
export const CHALLENGE_WAYS = ['auto', 'http-01', 'dns-01'] as const
export type ChallengeWay = (typeof CHALLENGE_WAYS)[number]

/** How one name answers over HTTPS. */
export interface HttpsWays {
  /** Whether plain HTTP leads there. */
  redirect: boolean
  hsts: Hsts | null
  /** The oldest version that is spoken. */
  minimumTls: TlsVersion
}

/** What names to come get when nothing is said. */
export interface HttpsSetting extends HttpsWays {
  default: HttpsMode
}

/** The CA that certificates are asked of. */
export interface CertificateSetting {
  /** Null: none is set up. */
  directoryUrl: string | null
  /** An email address; null: none is told. */
  contact: string | null
  /** Nothing is asked of the CA before. */
  termsAgreed: boolean
  /** PEM: what its own HTTPS is trusted by, beside the usual ones. */
  root: string | null
  externalKeyId: string | null
  /** Sealed. */
  externalHmacKey: string | null
  /** Null: the CA's own choice. */
  profile: string | null
  challenge: ChallengeWay
}
