/** How a URL answers over HTTPS, and what its certificate is, as people are told. */
import type { CertificateKind, HttpsMode, HttpsState, HttpsWays } from '../../../domain/https.ts'
import type { CertificateRow } from '../../../store/certificates.ts'
import type { UrlRow } from '../../../store/urls.ts'
import type { World } from '../../step.ts'
import { plannedAt, standingOf } from './ending.ts'

export interface CertificateBrief {
  id: string
  kind: CertificateKind
  names: string[]
  issuer: string
  notBefore: number
  notAfter: number
  fingerprint: string
}

export interface HttpsStanding extends HttpsWays {
  mode: HttpsMode
  state: HttpsState
  certificate: CertificateBrief | null
  /** Null: never by itself. */
  renewAt: number | null
  problem: { message: string; hint: string | null; at: number } | null
}

/** Of a URL, as things stand. */
export function httpsOf(world: Pick<World, 'store' | 'clock'>, row: UrlRow): HttpsStanding {
  const { mode, redirect, hsts, minimumTls, renewal } = row.https
  const certificate = standingOf(world, row)
  const standIn = certificate?.standIn ?? null
  return {
    mode,
    redirect,
    hsts,
    minimumTls,
    state: stateOf(mode, certificate, world.clock.now()),
    certificate: certificate && certificateBrief(certificate),
    renewAt: renewal.at ?? (certificate && plannedAt(row, certificate)),
    problem:
      renewal.problem ??
      (standIn && {
        message: `A placeholder that no browser trusts stands in for the certificate of ${row.hostname}. ${standIn.reason}`,
        hint:
          mode === 'own'
            ? 'Bring the certificate with its key once more: fairlead certificate add.'
            : 'A new one is asked for by itself.',
        at: standIn.at,
      }),
  }
}

function stateOf(mode: HttpsMode, certificate: CertificateRow | null, now: number): HttpsState {
  if (mode === 'none') return 'none'
  if (!certificate?.issued) return 'pending'
  if (certificate.standIn !== null) return 'placeholder'
  return now > certificate.issued.notAfter ? 'expired' : 'valid'
}

/** Null: it is asked for just now. Of one whose placeholder stands in, that. */
export function certificateBrief({ id, kind, issued, standIn }: CertificateRow): CertificateBrief | null {
  if (issued === null) return null
  const { names, issuer, notBefore, notAfter, fingerprint } = issued
  const brief = { id, names, issuer, notBefore, notAfter }
  return standIn === null
    ? { ...brief, kind, fingerprint }
    : { ...brief, kind: 'placeholder', fingerprint: standIn.fingerprint }
}

/** When the CA is asked for the next one in place of a certificate: with the first URL that answers with it; null: never. */
export function renewalOf({ store }: Pick<World, 'store'>, certificate: CertificateRow): number | null {
  const [first] = store.urls.ofCertificate(certificate.id)
  return first ? (first.https.renewal.at ?? plannedAt(first, certificate)) : null
}
