/** What a URL's row says when its certificate has changed, or when a try has come to nothing. */
import { nextTry, renewAt } from '../../../domain/certificate/renewal.ts'
import type { CertificateRow } from '../../../store/certificates.ts'
import type { OperationRow } from '../../../store/operations.ts'
import type { UrlRow } from '../../../store/urls.ts'
import { faultOf, operationEvent } from '../../journal.ts'
import type { StepContext, World } from '../../step.ts'
import { rowOf } from '../row.ts'
import { blockedUntil } from './at-authority.ts'
import { askedFor, type HttpsFacts } from './facts.ts'

/** In the transaction that commits: the tries begin anew, and the audit hears of a new certificate. */
export function noteCertificate({ world, operation }: StepContext, facts: HttpsFacts): void {
  const { store, clock } = world
  const row = rowOf(world, operation)
  const certificate = standingOf(world, row)
  const at = certificate === null ? null : plannedAt(row, certificate)
  store.urls.setRenewal(row.id, { at, attempts: 0, problem: null, warnedDays: null })
  const asked = askedFor(facts)
  if (!asked || !certificate?.issued) return
  const { names, issuer, serial, fingerprint, notBefore, notAfter } = certificate.issued
  store.events.append({
    ...operationEvent(operation, 'issued', clock.now()),
    kind: 'certificate.issued',
    data: {
      hostname: row.hostname,
      certificate: certificate.id,
      directoryUrl: asked.directoryUrl,
      replaces: facts.https?.before.certificateId ?? null,
      names,
      issuer,
      serial,
      fingerprint,
      notBefore,
      notAfter,
    },
  })
}

/** In the transaction that ends an operation which changed nothing: the next try waits, and people read why. */
export function noteFailure(world: Pick<World, 'store' | 'clock'>, operation: OperationRow): void {
  const { store, clock } = world
  const row = rowOf(world, operation)
  if (row.deletedAt !== null) return
  const now = clock.now()
  const attempts = row.https.renewal.attempts + 1
  const certificate = standingOf(world, row)
  const fault = faultOf(operation.problem)
  const at = nextTry({
    attempts,
    now,
    notAfter: certificate?.issued && certificate.standIn === null ? certificate.issued.notAfter : null,
    blockedUntil: blockedAt(world),
  })
  store.urls.setRenewal(row.id, {
    ...row.https.renewal,
    attempts,
    at: row.https.mode === 'none' ? null : at,
    problem:
      fault === null || fault.code === 'cancelled'
        ? row.https.renewal.problem
        : { message: fault.message, hint: fault.hint ?? null, at: now },
  })
}

function blockedAt(world: Pick<World, 'store' | 'clock'>): number | null {
  const { directoryUrl } = world.store.settings.read().certificates
  return directoryUrl === null ? null : blockedUntil(world, directoryUrl)
}

export const standingOf = ({ store }: Pick<World, 'store'>, { https }: UrlRow): CertificateRow | null =>
  https.certificateId === null ? null : store.certificates.find(https.certificateId)

/** When a certificate is renewed by itself, if all goes well; null: never. */
export function plannedAt({ https }: Pick<UrlRow, 'https'>, certificate: CertificateRow): number | null {
  const { issued, window, standIn, id } = certificate
  if (https.mode !== 'auto' || issued === null) return null
  if (standIn !== null) return standIn.at
  const { from = null, until = null } = window ?? {}
  return renewAt(issued, from === null || until === null ? null : { from, until }, id)
}
