/** What is live is brought to the gateway once more: with new settings, or because it is not what stands there. */
import type { EnvironmentSettings } from '../domain/environment.ts'
import type { Actor } from '../domain/operation.ts'
import { rulesDigest, servingRules } from '../domain/serving/rules.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import type { OperationRow } from '../store/operations.ts'
import { operationEvent } from './journal.ts'
import { environmentOf } from './standing.ts'
import type { World } from './step.ts'

/**
 * Queues the operation that brings what is live to the gateway once more: with new settings, or because it is not
 * what stands there. Answers its id.
 */
export function queueRefresh(
  world: World,
  environment: EnvironmentRow,
  given: { kind: 'settings-change' | 'site-repair'; actor: Actor; facts?: ChangedSettings },
): string {
  const { store, clock } = world
  const operation = store.operations.create({
    kind: given.kind,
    actor: given.actor,
    facts: { ...given.facts },
    serviceId: environment.serviceId,
    environmentId: environment.id,
    now: clock.now(),
  })
  store.events.append(operationEvent(operation, 'queued', clock.now()))
  return operation.id
}

interface ChangedSettings {
  previous: EnvironmentSettings
  wanted: EnvironmentSettings
}

/** Settings that the gateway could not be brought to are no settings: what visitors see and what the row says stay one. */
export function giveSettingsBack(world: World, operation: OperationRow): void {
  const { previous, wanted } = operation.facts as Partial<ChangedSettings> // given by whoever queued it
  const environment = environmentOf(world, operation.environmentId)
  if (!previous || !wanted || !sameServing(environment.settings, wanted)) return
  // Visitors notice nothing of these, so they stand; else a protection switched on meanwhile would be off again.
  const { retain, approval } = environment.settings
  world.store.environments.changeSettings(environment.id, { ...previous, retain, approval })
  world.store.environments.bumpRevision(environment.id)
}

/** Whether two settings answer visitors alike, whatever the bundle. */
export function sameServing(a: EnvironmentSettings, b: EnvironmentSettings): boolean {
  const bare = { headersText: null, redirectsText: null, ownGzip: [] }
  return rulesDigest(servingRules(a, bare)) === rulesDigest(servingRules(b, bare))
}
