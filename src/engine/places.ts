/** Services and environments: made, renamed, ordered. (Deleting and settings that visitors see are operations.) */
import type { EnvironmentSettings } from '../domain/environment.ts'
import type { Actor } from '../domain/operation.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import type { NewEvent } from '../store/events.ts'
import type { ServiceRow } from '../store/services.ts'
import { requireNotDeleting } from './accept.ts'
import type { Engine } from './engine.ts'

export interface EnvironmentChange {
  name?: string | undefined
  position?: number | undefined
  settings: Partial<EnvironmentSettings>
}

/** A new service comes with the environment production. Throws `conflict`, `standing_by`. */
export function createService(engine: Engine, name: string, actor: Actor): ServiceRow {
  const { store, clock } = engine.world
  engine.acceptance.requireActing()
  return store.tx(() => {
    const now = clock.now()
    const service = store.services.create(name, now)
    const data = { after: { name } }
    store.events.append({ ...about(service), at: now, kind: 'service.created', actor, data })
    addEnvironment(engine, service, { name: 'production', settings: {}, actor })
    return service
  })
}

/** Throws `conflict` when the name is taken. */
export function renameService(
  engine: Engine,
  service: ServiceRow,
  given: { name: string; actor: Actor },
): void {
  const { store, clock } = engine.world
  if (given.name === service.name) return
  store.tx(() => {
    store.services.rename(service.id, given.name)
    store.events.append({
      ...about({ ...service, name: given.name }),
      at: clock.now(),
      kind: 'service.renamed',
      actor: given.actor,
      data: { before: { name: service.name }, after: { name: given.name } },
    })
  })
}

export interface NewEnvironment {
  name: string
  settings: Partial<EnvironmentSettings>
  actor: Actor
}

/** Throws `conflict`, `standing_by`. */
export function createEnvironment(
  engine: Engine,
  service: ServiceRow,
  given: NewEnvironment,
): EnvironmentRow {
  engine.acceptance.requireActing()
  return engine.world.store.tx(() => addEnvironment(engine, service, given))
}

function addEnvironment(
  { world: { store, clock } }: Engine,
  service: ServiceRow,
  { name, settings, actor }: NewEnvironment,
): EnvironmentRow {
  requireNotDeleting(service.deleting === 1, `The service "${service.name}"`)
  const now = clock.now()
  const environment = store.environments.create(service, name, { settings, now })
  const data = { after: { ...environment.settings, name, position: environment.position } }
  store.events.append({ ...about(service, environment), at: now, kind: 'environment.created', actor, data })
  return environment
}

/**
 * Changes what is given and counts one revision. Answers the operation that brings new serving rules to the gateway,
 * or null when visitors notice nothing. Throws `conflict`, and `standing_by` for settings.
 */
export function changeEnvironment(
  engine: Engine,
  row: EnvironmentRow,
  given: { change: EnvironmentChange; actor: Actor },
): string | null {
  const { store, clock } = engine.world
  const { change, actor } = given
  const service = store.services.named(row.serviceName)
  const settings = { ...row.settings, ...change.settings }
  const { name = row.name, position = row.position } = change
  const before = { ...row.settings, name: row.name, position: row.position }
  const after = { ...settings, name, position }
  const changed = differing(before, after)
  if (changed.length === 0) return null
  const changesSettings = differing(row.settings, settings).length > 0
  if (changesSettings) engine.acceptance.requireActing()
  requireNotDeleting(row.deleting, `The environment "${row.name}"`)
  return store.tx(() => {
    if (name !== row.name) store.environments.rename(service, row.id, name)
    if (change.position !== undefined) store.environments.move(row, change.position)
    store.environments.bumpRevision(row.id)
    store.events.append({
      ...about(service, { ...row, name }),
      at: clock.now(),
      kind: 'environment.changed',
      actor,
      data: { before: only(changed, before), after: only(changed, after) },
    })
    return changesSettings ? engine.acceptance.changeSettings(row.id, settings, actor) : null
  })
}

const differing = <T extends object>(a: T, b: T): (keyof T)[] =>
  (Object.keys(b) as (keyof T)[]).filter((key) => JSON.stringify(b[key]) !== JSON.stringify(a[key])) // its own keys

const only = <T extends object>(keys: readonly (keyof T)[], from: T): object =>
  Object.fromEntries(keys.map((key) => [key, from[key]]))

type Named = Pick<NewEvent, 'service' | 'environment'>
const about = (service: { id: string; name: string }, environment?: { id: string; name: string }): Named => ({
  service: { id: service.id, name: service.name },
  ...(environment && { environment: { id: environment.id, name: environment.name } }),
})
