import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SQLInputValue } from 'node:sqlite'
import { Fault } from '../../src/base/fault.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import type { Database } from '../../src/store/database.ts'
import type { DeploymentRow } from '../../src/store/deployments.ts'
import { Store } from '../../src/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-plans-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Every statement that is run from now on, each with SQLite's plan for it. */
function watched(db: Database): Map<string, string[]> {
  const plans = new Map<string, string[]>()
  const all = db.all.bind(db)
  const explain = (sql: string, values: SQLInputValue[]) => {
    if (plans.has(sql) || !/^\s*(SELECT|UPDATE|DELETE)/.test(sql)) return
    const rows = all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
    plans.set(
      sql,
      rows.map(({ detail }) => detail),
    )
  }
  for (const name of ['all', 'get', 'run'] as const) {
    const real: (sql: string, ...values: SQLInputValue[]) => unknown = db[name].bind(db)
    db[name] = ((sql: string, ...values: SQLInputValue[]) => {
      explain(sql, values)
      return real(sql, ...values)
    }) as never // what the real one answers
  }
  return plans
}

/** Small partial indexes hold only what is open, or held for a while, so reading one from its beginning is no scan of history. */
const OPEN_ONLY = /USING (COVERING )?INDEX (operations_(queued|running|stuck)|urls_held)\b/

test('no statement reads all of operations, deployments, events, log lines or steps', () => {
  const store = new Store(join(folder, 'db'), { now: 0 })
  const plans = watched(store.db)
  const page = { limit: 10, after: 5 }
  const service = store.services.create('web', 0)
  const environment = store.environments.create(service, 'production', { now: 0 })
  const ids = { serviceId: service.id, environmentId: environment.id }
  const operation = store.operations.create({ ...ids, kind: 'deployment', actor: LOCAL_ACTOR, now: 0 })
  store.deployments.create({
    id: operation.id,
    number: operation.number,
    environmentId: environment.id,
    bundle: 'a'.repeat(64),
    cause: 'upload',
    originNumber: operation.number,
    source: null,
    message: null,
  })
  const deployment: DeploymentRow = store.deployments.required(operation.id)
  store.operations.plan(operation.id, [{ name: 'switch', kind: 'act' }])
  store.operations.start(operation.id, 1)
  store.operations.stepBegun(operation.id, 0, 1)
  store.operations.stepEnded(operation.id, 0, { status: 'done', now: 1 })
  store.operations.steps(operation.id)
  store.operations.saveFacts(operation.id, {})
  store.operations.turnBack(operation.id, {})
  store.operations.requestCancel(operation.id)
  store.operations.end(operation.id, { status: 'stuck', now: 1 })
  store.operations.reopen(operation.id)
  store.operations.list(page)
  for (const status of ['queued', 'running', 'stuck'] as const) store.operations.withStatus(status)
  store.operations.openOf(service.id)
  store.operations.startable()
  store.operations.stuckOf(operation)
  store.operations.openCounts()
  store.deployments.list(environment.id, page)
  store.deployments.latest(environment.id)
  store.deployments.queuedOf(environment)
  store.deployments.before(deployment)
  store.deployments.retained(deployment, 3)
  store.deployments.setMessage(operation.id, null)
  store.deployments.setUrls(operation.id, [])
  store.environments.setLive(environment.id, operation.id)
  store.overview.of([service.id])
  const { id } = store.urls.create({
    hostname: 'docs.example.com',
    kind: 'site',
    environmentId: environment.id,
    redirectTo: null,
    redirectStatus: null,
    dnsMode: 'none',
    now: 0,
  })
  store.urls.visited([environment.id])
  store.urls.list(page)
  store.urls.listOf(environment.id, page)
  store.urls.ofInstance()
  store.urls.named('docs.example.com')
  store.urls.byId(id)
  store.urls.countOfProvider('provider')
  store.urls.claimsOf('docs.example.com', 1)
  store.urls.setOperation(id, operation.id)
  store.urls.release(id, { now: 1, heldUntil: 2 })
  store.urls.forgetHolds(3)
  store.events.append({ at: 1, kind: 'service.created', actor: LOCAL_ACTOR })
  store.events.list(page)
  store.events.newest()
  store.logs.append(operation.id, { at: 1, level: 'info', step: null, text: 'x' })
  store.logs.list(operation.id, page)
  store.close()

  expect(plans.size).toBeGreaterThan(30)
  const scans = [...plans].flatMap(([sql, plan]) =>
    plan
      .filter((line) =>
        /^SCAN (operations|deployments|events|log_lines|steps|urls|[odrqu]|latest|live)\b/.test(line),
      )
      .filter((line) => !OPEN_ONLY.test(line))
      .map((line) => `${line}: ${sql}`),
  )
  expect(scans).toEqual([])
  // One environment's whole history is read by nothing but the lists of it, from their end.
  const histories = [...plans].filter(([, plan]) =>
    plan.some((line) => line.includes('operations_of_environment (environment_id=?)')),
  )
  expect(histories.map(([sql, plan]) => `${plan.join(' · ')}: ${sql}`)).toEqual([])
})

test('a transaction that SQLite rolled back itself tells of the full disk', () => {
  const store = new Store(join(folder, 'full'), { now: 0 })
  store.db.exec('PRAGMA max_page_count = 60')
  const fill = () =>
    store.tx(() => {
      for (let i = 0; i < 10_000; i++)
        store.events.append({ at: i, kind: 'x'.repeat(500), actor: LOCAL_ACTOR })
    })
  let thrown: unknown
  try {
    fill()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(Fault)
  expect(thrown).toMatchObject({ code: 'disk_full' })
  expect(store.events.newest()).toBe(0)
  store.close()
})
