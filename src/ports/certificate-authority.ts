/** A certificate authority that speaks ACME (RFC 8555). */

/** What a CA says of itself. */
export interface AuthorityDirectory {
  termsOfService: string | null
  /** Whether an account takes a key that the CA has given out (RFC 8555 §7.3.4). */
  externalAccountRequired: boolean
  /** Whether it tells when to renew (RFC 9773). */
  hasRenewalInfo: boolean
  /** Kinds of certificates by name, with a sentence each. */
  profiles: Record<string, string>
}

/** Who asks: the key signs every request. */
export interface AuthorityAccount {
  /** PKCS#8 PEM, P-256. Never in a log, an answer or a Fault. */
  key: string
  /** Null: not opened yet. */
  url: string | null
}

export interface ExternalAccount {
  keyId: string
  /** base64url, as the CA gives it out. */
  hmacKey: string
}

export const CHALLENGE_TYPES = ['http-01', 'dns-01'] as const
export type ChallengeType = (typeof CHALLENGE_TYPES)[number]

export interface AuthorityProblem {
  /** Such as `urn:ietf:params:acme:error:rateLimited`. */
  type: string
  detail: string
}

export interface Challenge {
  type: string
  url: string
  token: string
  /** `pending`, `processing`, `valid`, `invalid`. */
  status: string
  problem: AuthorityProblem | null
}

export interface Authorization {
  url: string
  /** Without the star of a wildcard. */
  name: string
  isWildcard: boolean
  /** `pending`, `valid`, `invalid`, `deactivated`, `expired`, `revoked`. */
  status: string
  challenges: Challenge[]
}

export interface Order {
  url: string
  /** `pending`, `ready`, `processing`, `valid`, `invalid`. */
  status: string
  names: string[]
  authorizations: Authorization[]
  problem: AuthorityProblem | null
}

/** When a CA wants a certificate to be renewed, in ms since 1970; `lookAgainAt`: its Retry-After. */
export interface RenewalWindow {
  from: number
  until: number
  lookAgainAt: number
}

/**
 * One CA, by its directory. Every call is bounded in time and size, tries again what may be tried (bad nonces, 5xx, a
 * dropped connection) and throws a Fault that says what the CA said, with `extra.authorityProblem` (AuthorityProblem) where
 * it said one: `unavailable` with `extra.retryAt` (ms) when it asks to wait (429, 503 with Retry-After), `unavailable` when it
 * does not answer or answers nonsense, `not_found` for an account, an order or a challenge that it does not know (any more),
 * `conflict` for what it refuses.
 */
export interface CertificateAuthority {
  directory(signal: AbortSignal): Promise<AuthorityDirectory>
  /**
   * Opens the account of this key, which agrees to the CA's terms, or finds it and sees to its contacts (twice is once).
   * `contact`: as `mailto:` URLs. Answers the account's URL.
   */
  openAccount(
    given: { key: string; contact: readonly string[]; external: ExternalAccount | null },
    signal: AbortSignal,
  ): Promise<string>
  /** Orders a certificate for DNS names; `replaces`: the certificate (PEM) that it comes after, where the CA wants to know. */
  order(
    account: AuthorityAccount,
    given: { names: readonly string[]; profile: string | null; replaces: string | null },
    signal: AbortSignal,
  ): Promise<Order>
  readOrder(account: AuthorityAccount, url: string, signal: AbortSignal): Promise<Order>
  /** What a challenge is to be answered with: the text at its path, and the value of its TXT record. */
  keyAuthorization(account: AuthorityAccount, token: string): { text: string; txt: string }
  /**
   * Has the CA look at these challenges of an order, and resolves when each of their authorizations is valid; what is valid
   * already is not asked for. Throws `conflict` with what the CA saw.
   */
  validate(
    account: AuthorityAccount,
    given: { order: Order; challengeUrls: readonly string[] },
    signal: AbortSignal,
  ): Promise<void>
  /** Hands in the key's request (twice is once) and waits for the chain (PEM), which is checked to be for the key and the names. */
  finalize(
    account: AuthorityAccount,
    given: { order: Pick<Order, 'url' | 'names'>; key: string },
    signal: AbortSignal,
  ): Promise<string>
  /** Null: the CA has no opinion. */
  renewalWindow(chain: string, signal: AbortSignal): Promise<RenewalWindow | null>
}

/** Connects to a CA by the address of its directory; `root`: PEM of what its own HTTPS is trusted by, beside the usual ones. */
export type ConnectAuthority = (given: { directoryUrl: string; root: string | null }) => CertificateAuthority
