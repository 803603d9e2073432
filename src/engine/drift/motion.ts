/** What operations change is no drift: neither while they do, nor what a look has seen before and after. */
import type { DriftThing } from '../../domain/drift.ts'
import { isOfUrl } from '../../domain/operation.ts'
import type { OperationRow } from '../../store/operations.ts'
import type { World } from '../step.ts'

type Place = Pick<OperationRow, 'kind' | 'serviceId' | 'environmentId'>

/** Whether operations have been at work on a thing since the look began, or are now. Of one transaction. */
export function motionSince(
  { store }: Pick<World, 'store'>,
  newestEvent: number,
): (thing: DriftThing) => boolean {
  const places = new Map<string, Place>()
  for (const status of ['running', 'stuck'] as const)
    for (const operation of store.operations.withStatus(status)) places.set(operation.id, operation)
  for (const id of store.events.operationsSince(newestEvent)) {
    const operation = places.has(id) ? null : store.operations.find(id)
    // What is queued has changed nothing yet.
    if (operation && operation.status !== 'queued') places.set(id, operation)
  }
  const moving = [...places.values()]
  return (thing) => moving.some((place) => concerns(place, thing))
}

function concerns({ kind, serviceId, environmentId }: Place, thing: DriftThing): boolean {
  if (thing.environmentId !== null)
    return environmentId === thing.environmentId || (environmentId === null && serviceId === thing.serviceId)
  // It may be of any URL that comes or goes.
  return serviceId === null || isOfUrl(kind) || kind.endsWith('-deletion') || kind.startsWith('drift-')
}
