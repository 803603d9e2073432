import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Engine } from '../../src/engine/engine.ts'
import type { World } from '../../src/engine/step.ts'
import { attachUrl, detachUrl, type UrlWish } from '../../src/engine/url/claim.ts'
import type { UrlRow } from '../../src/store/urls.ts'
import { Outside, Power } from './outside.ts'
import { ADDRESS } from './outside-names.ts'

let folder: string
let outside: Outside
let world: World
let engine: Engine

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-urls-'))
  outside = new Outside()
  world = outside.world(join(folder, 'db'), new Power())
  engine = new Engine(world)
  for (const name of ['web', 'shop'])
    world.store.environments.create(world.store.services.create(name, 0), 'production', { now: 0 })
  await engine.start()
})

afterEach(async () => {
  await engine.stop()
  world.store.close()
  rmSync(folder, { recursive: true })
})

const environment = (service = 'web') =>
  world.store.environments.named(world.store.services.named(service), 'production')
const attach = (hostname: string, wish: Partial<UrlWish> = {}): UrlRow =>
  attachUrl(
    engine,
    { hostname, kind: 'site', environmentId: environment().id, dnsMode: 'auto', ...wish },
    LOCAL_ACTOR,
  )
const ended = async ({ operationId }: UrlRow) =>
  await engine.queue.waitFor(operationId ?? '', new AbortController().signal)
const logOf = ({ operationId }: UrlRow): string[] =>
  world.store.logs.list(operationId ?? '', { limit: 100, after: null }).map(({ text }) => text)
const id = () => world.store.instance.id()

describe('attaching a URL', () => {
  test('puts up the site, writes marked records, and is told step by step', async () => {
    const url = attach('Docs.Example.com.')
    expect(await ended(url)).toMatchObject({ status: 'succeeded', kind: 'url-attach', serviceName: 'web' })
    expect(world.store.urls.required(url.id)).toMatchObject({
      hostname: 'docs.example.com',
      state: 'attached',
      site: 'empty',
      dns: { state: 'answered', records: [{ name: 'docs.example.com', type: 'A', values: [ADDRESS] }] },
      lastProbe: { ok: true },
    })
    expect(outside.names.dump()).toEqual([
      `_fairlead-a.docs.example.com TXT fairlead=1 instance=${id()}`,
      `docs.example.com A ${ADDRESS}`,
    ])
    expect(logOf(url)).toEqual([
      'http://docs.example.com/ answers; nothing is deployed there yet.',
      `Wrote _fairlead-a.docs.example.com TXT fairlead=1 instance=${id()} (TTL 300 s) at "Memory", zone example.com.`,
      `Wrote docs.example.com A ${ADDRESS} (TTL 300 s) at "Memory", zone example.com.`,
      'ns1.example.com answers it.',
      'ns2.example.com answers it.',
      'The site answers from nothing yet.',
      'Done.',
    ])
  })

  test('and detaching takes all of it away, and holds the name', async () => {
    const url = attach('docs.example.com')
    await ended(url)
    const detaching = detachUrl(engine, url.id, LOCAL_ACTOR)
    expect(await ended(detaching)).toMatchObject({ status: 'succeeded' })
    expect(outside.names.dump()).toEqual([])
    expect([...outside.names.hosts]).toEqual([])
    expect(world.store.urls.find(url.id)).toBeNull()
    expect(() => attach('docs.example.com', { environmentId: environment('shop').id })).toThrow(
      /was used by another service/,
    )
    expect(await ended(attach('docs.example.com'))).toMatchObject({ status: 'succeeded' })
  })
})
