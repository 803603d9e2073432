import type { Hostname } from '../domain/host-site.ts'

/** A certificate with its key, as PEM. */
export interface CertificatePem {
  /** PKCS#8. Never in a log, an answer or a Fault. */
  key: string
  /** The host's own certificate first, then those that lead to a root. */
  chain: string
}

interface StandingFile {
  /** Others than its owner may read or write it. */
  isOpen?: true
}

/**
 * DATA/certificates: what gateways read, one file `<id>.pem` a certificate with its key and chain together, so that no
 * reader ever finds the key of another one. Files are 0600, written whole, and never changed: another certificate has another id.
 */
export interface CertificateFiles {
  /** Null: not there, or not readable as a key and a chain that fit each other. */
  read(id: string): Promise<(CertificatePem & StandingFile) | null>
  /** Durable when it resolves; one that is there and differs is replaced. */
  put(id: string, pem: CertificatePem): Promise<void>
  /** Absent is fine. */
  drop(id: string): Promise<void>
  list(): Promise<string[]>
}

/** What a CA asks a host for over plain HTTP (RFC 8555 §8.3). */
export interface ChallengeKey {
  hostname: Hostname
  /** base64url. */
  token: string
}

/**
 * DATA/challenges/<host's file stem>/<token>: what both gateways answer at `/.well-known/acme-challenge/<token>` of this
 * very host name, without a reload.
 */
export interface Challenges {
  put(key: ChallengeKey, keyAuthorization: string): Promise<void>
  /** Absent is fine. */
  drop(key: ChallengeKey): Promise<void>
  list(): Promise<ChallengeKey[]>
}
