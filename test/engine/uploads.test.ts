import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { type DiskDrivers, diskDrivers, prepareDataFolder } from '../../src/drivers/disk/index.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { World } from '../../src/engine/step.ts'
import { site } from '../api/app.ts'
import { Outside, Power } from './outside.ts'

let data: string
let disk: DiskDrivers
let world: World
let engine: Engine

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'fairlead-uploads-'))
  await prepareDataFolder(data)
  const memory = new Outside().world(join(data, 'db'), new Power())
  disk = diskDrivers({ data, clock: memory.clock, log: silentLog, reserveBytes: 0 })
  world = { ...memory, bundles: disk.bundles, trees: disk.trees }
  world.store.environments.create(world.store.services.create('web', 0), 'production', { now: 0 })
  engine = new Engine(world)
  await engine.start()
})

afterEach(async () => {
  await engine.stop()
  await disk.stop()
  world.store.close()
  rmSync(data, { recursive: true })
})

const environment = () => world.store.environments.named(world.store.services.named('web'), 'production')
const wish = () => ({ environmentId: environment().id, actor: LOCAL_ACTOR, message: null })
const ended = (id: string) => engine.queue.waitFor(id, new AbortController().signal)
const options = () => ({
  announcedBytes: null,
  expectedDigest: null,
  signal: new AbortController().signal,
})
async function* body(bytes: Uint8Array, before: () => Promise<unknown> = async () => {}) {
  await before()
  yield bytes
}

describe('an upload', () => {
  test('whose environment is deleted meanwhile leaves no tree', async () => {
    const given = wish()
    const upload = engine.uploads.deploy(
      given,
      body(site('late'), () => ended(engine.acceptance.deleteEnvironment(given.environmentId, LOCAL_ACTOR))),
      options(),
    )
    expect(await upload.catch((error) => error)).toMatchObject({ code: 'not_found' })
    expect(readdirSync(join(data, 'trees'))).toEqual([])
    expect(readdirSync(join(data, 'staging'))).toEqual([])
  })

  test('R07 is remembered by its key in the transaction that accepts it', async () => {
    const key = { actor: 'local:local', route: 'deployments.create', key: 'k' }
    expect(world.store.idempotency.claim(key, 0)).toBeNull()
    const discard = disk.bundles.discard.bind(disk.bundles)
    const seen: (string | null)[] = []
    world.bundles.discard = async (staging) => {
      seen.push(world.store.idempotency.claim(key, 0))
      await discard(staging)
    }
    const accepted = (id: string) => world.store.idempotency.answer(key, id)
    const { deploymentId } = await engine.uploads.deploy({ ...wish(), accepted }, body(site('a')), options())
    expect(seen).toEqual([deploymentId])
    await ended(deploymentId ?? '')
  })

  test('of a known archive heals what the disk has damaged', async () => {
    const bytes = site('precious')
    const digest = createHash('sha256').update(bytes).digest('hex')
    const service = world.store.services.named('web')
    expect(await engine.uploads.store({ service, actor: LOCAL_ACTOR }, body(bytes), options())).toBe(digest)
    const archive = join(data, 'bundles', digest.slice(0, 2), digest)
    writeFileSync(archive, site('rotten'))
    expect(await engine.uploads.store({ service, actor: LOCAL_ACTOR }, body(bytes), options())).toBe(digest)
    expect(Buffer.compare(readFileSync(archive), bytes)).toBe(0)
  })
})
