/** Wishes about the HTTPS of a URL that is attached. */
import { Fault } from '../../../base/fault.ts'
import type { Actor } from '../../../domain/operation.ts'
import type { OperationRow } from '../../../store/operations.ts'
import type { UrlRow } from '../../../store/urls.ts'
import { type Accepting, type HttpsWish, idleUrl, queueUrl, wishedHttps } from '../claim.ts'

/**
 * Queues the operation that has it answer as it is wished; what is not named stays. The certificate is had first, and
 * until then it answers as before. Throws `not_found`, `conflict`, `standing_by`.
 */
export function changeUrl(engine: Accepting, id: string, given: { wish: HttpsWish; actor: Actor }): UrlRow {
  return engine.acceptance.accepted(() => {
    const row = attachedUrl(engine, id)
    const { mode, redirect, hsts, minimumTls } = row.https
    const before = { mode, redirect, hsts, minimumTls }
    const wish = wishedHttps({ default: mode, redirect, hsts, minimumTls }, given.wish)
    return queueUrl(
      engine,
      { url: id, wish },
      { kind: 'url-change', actor: given.actor, ...placeOf(row), data: { before, after: wish } },
    )
  })
}

/** Queues a renewal, whenever it would be due. Throws `not_found`, `conflict`, `standing_by`. */
export function renewUrl(engine: Accepting, id: string, actor: Actor): UrlRow {
  return engine.acceptance.accepted(() => {
    const row = attachedUrl(engine, id)
    if (row.https.mode !== 'auto')
      throw new Fault('conflict', `${row.hostname} gets no certificate of a CA by itself.`, {
        hint: 'Change it to https "auto" first.',
      })
    const under = openRenewal(engine, row)
    if (under) throw underRenewal(row)
    return queueUrl(engine, { url: id }, { kind: 'certificate-renewal', actor, ...placeOf(row) })
  })
}

export const placeOf = ({ serviceId, environmentId }: UrlRow) => ({ serviceId, environmentId })

/** The renewal of a URL that is queued or running. */
export function openRenewal(
  { world: { store } }: Pick<Accepting, 'world'>,
  row: UrlRow,
): OperationRow | null {
  const isOfIt = ({ kind, facts }: OperationRow) => kind === 'certificate-renewal' && facts['url'] === row.id
  return store.operations.openOf(row.serviceId).find(isOfIt) ?? null
}

const underRenewal = ({ hostname }: UrlRow): Fault =>
  new Fault('conflict', `A certificate for ${hostname} is asked for just now.`, {
    hint: 'Wait for the end of the operation.',
  })

function attachedUrl(engine: Accepting, id: string): UrlRow {
  const row = idleUrl(engine, id)
  if (row.state === 'attached') return row
  throw new Fault('conflict', `${row.hostname} is ${row.state} just now.`, {
    hint: 'Wait until it is attached.',
  })
}
