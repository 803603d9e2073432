/** Names that files of an operator's answer for are claimed, together with the operation that takes them over. */
import type { Actor } from '../../domain/operation.ts'
import type { OperationRow } from '../../store/operations.ts'
import type { Engine } from '../engine.ts'
import { operationEvent } from '../journal.ts'
import { claimed, requireFree, type UrlWish } from './claim.ts'

export interface TakeOver {
  /** As the gateway's configuration names them. */
  files: string[]
  withCatchAll: boolean
  urls: UrlWish[]
}

/** Claims the names and queues what takes them over. Throws `invalid`, `conflict`, `not_found`, `standing_by`. */
export function takeOverUrls(engine: Engine, { urls, ...wish }: TakeOver, actor: Actor): OperationRow {
  const { store, clock } = engine.world
  return engine.acceptance.accepted(() => {
    const now = clock.now()
    const rows = urls.map((one) => {
      if (one.environmentId !== null) engine.acceptance.open(one.environmentId)
      const given = claimed(engine.world, one)
      requireFree(engine.world, given)
      return store.urls.create({ ...given, now })
    })
    const facts = { ...wish, urls: rows.map(({ id }) => id) }
    const place = { serviceId: null, environmentId: null }
    const operation = store.operations.create({ kind: 'url-take-over', actor, ...place, facts, now })
    for (const { id } of rows) store.urls.setOperation(id, operation.id)
    const data = { hostnames: rows.map(({ hostname }) => hostname), files: wish.files }
    store.events.append({ ...operationEvent(operation, 'queued', now), data })
    return operation
  })
}
