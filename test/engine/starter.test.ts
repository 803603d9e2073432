/** Z10: an operation runs with the rights that its starter has now. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EVERYWHERE, type Permission } from '../../src/domain/access.ts'
import type { Actor } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { Source } from '../../src/engine/source.ts'
import { attachUrl } from '../../src/engine/url/claim.ts'
import { Outside, Power } from './outside.ts'

let folder: string
let engine: Engine
let environmentId: string
let actor: Actor
let digests: string[]
let unpacking: PromiseWithResolvers<void>
let hold: Promise<void>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-starter-'))
  const outside = new Outside()
  digests = ['a', 'b'].map((name) => outside.addBundle({ 'index.html': name }))
  const world = outside.world(join(folder, 'db'), new Power())
  hold = Promise.resolve()
  unpacking = Promise.withResolvers()
  const put = world.trees.put.bind(world.trees)
  world.trees.put = async (tree, bases, signal) => {
    unpacking.resolve()
    await hold
    return put(tree, bases, signal)
  }
  engine = new Engine(world)
  const { store } = world
  const service = store.services.create('web', 0)
  environmentId = store.environments.create(service, 'production', { now: 0 }).id
  for (const digest of digests) store.bundles.add(service.id, digest, 0)
  const user = store.users.create({
    kind: 'machine',
    login: 'ci',
    name: 'CI',
    passwordHash: null,
    now: 0,
  })
  store.grants.add(user.id, { role: 'deployer', scope: EVERYWHERE, now: 0 })
  actor = { kind: 'user', name: 'ci', userId: user.id }
  await engine.start()
})

afterEach(async () => {
  await engine.stop()
  engine.world.store.close()
  rmSync(folder, { recursive: true })
})

const deploy = (source: Source): string =>
  engine.acceptance.deploy({ environmentId, actor, message: null }, source)
const ended = (id: string) => engine.queue.waitFor(id, new AbortController().signal)
const live = () => {
  const { store } = engine.world
  return store.deployments.find(store.environments.byId(environmentId)?.liveDeploymentId ?? '')?.bundle
}

test('a right that is withdrawn under way stops it at the next step, and what was live stays', async () => {
  const [a = '', b = ''] = digests
  expect((await ended(deploy({ bundle: a }))).status).toBe('succeeded')
  const letGo = Promise.withResolvers<void>()
  hold = letGo.promise
  unpacking = Promise.withResolvers()
  const id = deploy({ bundle: b })
  await unpacking.promise
  engine.world.store.grants.removeAll(actor.userId ?? '')
  letGo.resolve()
  const { status, problem } = await ended(id)
  expect(status).toBe('failed')
  expect(problem).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('deployments:deploy') })
  expect(live()).toBe(a)
})

test('an approval counts only as long as who gave it may', async () => {
  const { store } = engine.world
  const [a = '', b = ''] = digests
  expect((await ended(deploy({ bundle: a }))).status).toBe('succeeded')
  const settings = store.environments.byId(environmentId)?.settings
  if (settings) engine.acceptance.changeSettings(environmentId, { ...settings, approval: true }, actor)
  const second = store.users.create({ kind: 'person', login: 'b', name: 'B', passwordHash: null, now: 0 })
  store.grants.add(second.id, { role: 'deployer', scope: EVERYWHERE, now: 0 })
  const letGo = Promise.withResolvers<void>()
  hold = letGo.promise
  unpacking = Promise.withResolvers()
  const id = deploy({ bundle: b })
  engine.acceptance.approve(id, { kind: 'user', name: 'b', userId: second.id })
  await unpacking.promise
  store.grants.removeAll(second.id)
  letGo.resolve()
  const { status, problem } = await ended(id)
  expect(status).toBe('failed')
  expect(problem).toMatchObject({ detail: expect.stringContaining('deployments:approve') })
  expect(live()).toBe(a)
})

test('what waits in the queue is refused when its turn comes', async () => {
  const [a = '', b = ''] = digests
  const letGo = Promise.withResolvers<void>()
  hold = letGo.promise
  const first = deploy({ bundle: a })
  await unpacking.promise
  const second = deploy({ bundle: b })
  engine.world.store.users.setDisabled(actor.userId ?? '', true)
  letGo.resolve()
  expect((await ended(first)).status).toBe('failed')
  expect((await ended(second)).status).toBe('failed')
  expect(live()).toBeUndefined()
})

test('a wildcard is attached only as long as its permission is held', async () => {
  const { store, hosts } = engine.world
  const grant = (...permissions: Permission[]) => {
    store.grants.removeAll(actor.userId ?? '')
    store.roles.remove('names')
    store.roles.create('names', permissions, 0)
    store.grants.add(actor.userId ?? '', { role: 'names', scope: EVERYWHERE, now: 0 })
  }
  const put = hosts.put.bind(hosts)
  const attach = async (hostname: string) => {
    const row = attachUrl(engine, { hostname, kind: 'site', environmentId, dnsMode: 'none' }, actor)
    const { status, problem } = await ended(row.operationId ?? '')
    return [status, problem?.['detail']]
  }
  grant('urls:create', 'urls:wildcard')
  expect(await attach('*.example.com')).toEqual(['succeeded', undefined])
  hosts.put = async (...given) => {
    await put(...given)
    grant('urls:create')
  }
  expect(await attach('*.docs.example.com')).toEqual([
    'failed',
    'ci may no longer do this: "urls:wildcard" was withdrawn.',
  ])
  expect(await attach('docs.example.com')).toEqual(['succeeded', undefined])
})
