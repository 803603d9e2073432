/** Looks each minute and on demand, findings as events, what heals by itself, and who sees what. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '../../src/base/limits.ts'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import type { Event } from '../../src/contract/shapes.ts'
import { EVERYWHERE } from '../../src/domain/access.ts'
import type { DriftKind } from '../../src/domain/drift.ts'
import { Store } from '../../src/store/store.ts'
import { People } from '../access/people.ts'
import { DriftStage, FILES } from './stage.ts'
import { TurnedClock } from './turned-clock.ts'

const MINUTE = 60_000
let clock: TurnedClock
let at: DriftStage
beforeEach(async () => {
  clock = new TurnedClock()
  at = await DriftStage.start({ clock })
  await at.deploy(FILES)
  await at.look()
})
afterEach(() => at.stop())

const open = async () => (await at.ok<{ items: Drift[] }>('GET', '/drift')).items
const ended = async () => (await at.ok<{ items: Drift[] }>('GET', '/drift?ended=true')).items
const events = async () =>
  (await at.ok<{ items: Event[] }>('GET', '/events?limit=200')).items.filter(({ kind }) =>
    kind.startsWith('drift.'),
  )

/** Strangers may not change settings, and accounts are none of this. */
function heal(kinds: DriftKind[]): void {
  const store = new Store(at.at('fairlead.db'), { now: 0 })
  store.settings.put('drift', { heal: kinds })
  store.close()
}

/** What a look that the clock has begun finds takes as long as it takes. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}

/** Minute by minute, until it is so. */
async function minutesUntil(isSo: () => Promise<boolean>, most: number): Promise<void> {
  for (let minute = 0; minute < most; minute++) {
    clock.turn(MINUTE)
    await at.look()
    await at.idle()
    if (await isSo()) return
  }
  throw new Error(`it did not come to pass in ${most} minutes`)
}

test('what is found within a minute is an event, and so is its end', async () => {
  at.write('index.html', 'by hand')
  clock.turn(MINUTE)
  await until(async () => (await open()).length === 1)
  const [drift] = await open()
  expect(drift).toMatchObject({
    kind: 'tree',
    service: 'web',
    environment: 'production',
    end: null,
    operation: null,
  })
  at.write('index.html', 'by hand again')
  const seen = await at.look()
  expect(seen).toMatchObject([{ id: drift?.id, foundAt: drift?.foundAt }])
  expect(seen[0]?.seen).not.toBe(drift?.seen)
  if (seen[0]) await at.revert(seen[0])
  const about = { drift: drift?.id, kind: 'tree', thing: drift?.thing }
  expect(await events()).toMatchObject([
    { kind: 'drift.found', actor: { kind: 'system' }, environment: 'production', data: about },
    {
      kind: 'drift.ended',
      actor: { kind: 'local' },
      operation: expect.any(String),
      data: { ...about, end: 'reverted' },
    },
  ])
  expect(await open()).toEqual([])
  expect(await ended()).toMatchObject([{ id: drift?.id, end: 'reverted' }])
})

test('what somebody puts right himself is over by itself', async () => {
  at.write('extra.txt', 'x')
  const [drift] = await at.look()
  rmSync(join(at.tree(), 'extra.txt'))
  expect(await at.look()).toEqual([])
  expect(await ended()).toMatchObject([{ id: drift?.id, end: 'gone', operation: null }])
  expect((await events()).at(-1)).toMatchObject({ kind: 'drift.ended', actor: { kind: 'system' } })
})

test('nobody puts back or takes over what he has not seen', async () => {
  at.write('index.html', 'first')
  const [shown] = await at.look()
  if (!shown) throw new Error('nothing was found')
  at.write('index.html', 'second')
  // The row is as it was shown, the disk is not.
  for (const way of ['revert', 'adopt'] as const) {
    const { status, text } = await at.way(shown, way)
    expect([status, text]).toEqual([409, expect.stringContaining('not as it was shown')])
  }
  expect(at.read('index.html')).toBe('second')
  const [again] = await at.look()
  for (const way of ['revert', 'adopt'] as const) expect((await at.way(shown, way)).status).toBe(409)
  if (again) await at.revert(again)
  expect((await at.way(again ?? shown, 'revert')).status).toBe(409)
})

test('what is right by the time ends quietly', async () => {
  at.write('extra.txt', 'x')
  const [drift] = await at.look()
  rmSync(join(at.tree(), 'extra.txt'))
  expect((await at.revert(drift ?? ({} as Drift))).status).toBe('succeeded')
  expect(await ended()).toMatchObject([{ end: 'gone', operation: { status: 'succeeded' } }])
})

test('chosen kinds heal by themselves, and what comes back again and again is left alone', async () => {
  heal(['tree'])
  for (let time = 1; time <= LIMITS.drift.healsMost; time++) {
    at.write('index.html', `again ${time}`)
    await minutesUntil(async () => (await ended()).length === time, 2 ** time)
    expect(at.read('index.html')).toBe(FILES['index.html'] ?? '')
  }
  expect((await ended()).map(({ end }) => end)).toEqual(Array(LIMITS.drift.healsMost).fill('healed'))
  at.write('index.html', 'once more')
  await at.look()
  clock.turn(60 * MINUTE)
  await at.look()
  await at.idle()
  expect(at.read('index.html')).toBe('once more')
  expect(await open()).toMatchObject([{ healing: { count: LIMITS.drift.healsMost, nextAt: null } }])
  expect((await events()).filter(({ kind }) => kind === 'drift.left-alone')).toHaveLength(1)
  const healed = (await events()).filter(({ data }) => data['end'] === 'healed')
  expect(healed).toHaveLength(LIMITS.drift.healsMost)
  for (const { actor } of healed) expect(actor.kind).toBe('system')
})

test('what is undone at once is put back no more often than what comes back later', async () => {
  heal(['tree'])
  const over = new AbortController()
  const other = (async () => {
    while (!over.signal.aborted) {
      if (at.read('index.html') !== 'theirs') at.write('index.html', 'theirs')
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  try {
    for (let minute = 0; minute < 40; minute++) {
      clock.turn(MINUTE)
      await at.look()
      await at.idle()
    }
  } finally {
    over.abort()
    await other
  }
  const { items } = await at.ok<{ items: { kind: string }[] }>('GET', '/operations?limit=100')
  expect(items.filter(({ kind }) => kind === 'drift-revert')).toHaveLength(LIMITS.drift.healsMost)
  expect(await open()).toMatchObject([{ healing: { count: LIMITS.drift.healsMost, nextAt: null } }])
  expect((await events()).filter(({ kind }) => kind === 'drift.left-alone')).toHaveLength(1)
}, 60_000)

test('kinds that nobody has chosen stay as they are', async () => {
  heal(['link', 'record-missing'])
  at.write('index.html', 'by hand')
  await at.look()
  clock.turn(10 * MINUTE)
  expect(await at.look()).toMatchObject([{ healing: null, operation: null }])
  expect(at.read('index.html')).toBe('by hand')
})

test('what can not be looked at is told, and ends no finding', async () => {
  at.write('index.html', 'by hand')
  const [drift] = await at.look()
  const { bundle } = await at.ok<{ bundle: string }>('GET', `/deployments/${await live()}`)
  rmSync(at.at('bundles', bundle.slice(0, 2), bundle))
  const answer = await at.ok<{ items: Drift[]; failures: { part: string; message: string }[] }>(
    'POST',
    '/drift/look',
  )
  expect(answer.items).toMatchObject([{ id: drift?.id, end: null }])
  expect(answer.failures).toMatchObject([
    { part: drift?.thing, message: expect.stringContaining('not in the data folder') },
  ])
})

async function live(): Promise<string> {
  const path = '/services/web/environments/production/deployments'
  const { items } = await at.ok<{ items: { id: string; live: boolean }[] }>('GET', path)
  return items.find((one) => one.live)?.id ?? ''
}

test('an instance that is standing by does not look', async () => {
  at.write('index.html', 'by hand')
  const store = new Store(at.at('fairlead.db'), { now: 0 })
  store.instance.setStandingBy(true)
  store.close()
  const { status, body } = await at.app.ask('POST', '/drift/look')
  expect([status, body]).toMatchObject([503, { code: 'standing_by' }])
  clock.turn(MINUTE)
  expect(await open()).toEqual([])
})

test('what is over is forgotten after a while', async () => {
  at.write('extra.txt', 'x')
  const [drift] = await at.look()
  if (drift) await at.revert(drift)
  clock.turn(LIMITS.drift.keptMs - MINUTE)
  await at.look()
  expect(await ended()).toHaveLength(1)
  clock.turn(2 * MINUTE)
  await at.look()
  expect(await ended()).toEqual([])
})

test('everybody sees the findings of what he may read', async () => {
  at.write('index.html', 'by hand')
  const [drift] = await at.look()
  await at.ok('POST', '/services', { json: { name: 'other' } })
  const people = new People(at.app)
  const see = async (name: string, ...grants: Parameters<People['person']>[1][]) => {
    const { cookie } = await people.person(name, ...grants)
    const { body } = await at.app.ask('GET', '/drift', { headers: cookie })
    return (body as { items: Drift[] }).items.map(({ id }) => id)
  }
  try {
    const mine = drift ? [drift.id] : []
    expect(mine).toHaveLength(1)
    expect(await see('owner', { role: 'owner' })).toEqual(mine)
    expect(await see('viewer', { role: 'viewer', scope: people.service('web') })).toEqual(mine)
    expect(await see('elsewhere', { role: 'admin', scope: people.service('other') })).toEqual([])
    const instance = {
      kind: 'site-stray',
      thing: 'old.example.com',
      serviceId: null,
      environmentId: null,
      urlId: null,
    } as const
    const { id } = people.store.drifts.create(
      { ...instance, diff: [], revertable: false, adoptable: false, why: null },
      0,
    )
    expect(await see('everywhere', { role: 'viewer', scope: EVERYWHERE })).toContain(id)
    expect(await see('here', { role: 'viewer', scope: people.service('web') })).toEqual(mine)
  } finally {
    people.close()
  }
})

test('the text of a gateway is taken over by whoever may change the settings of the whole instance', async () => {
  const people = new People(at.app)
  try {
    const web = people.service('web')
    const { cookie } = await people.person('ann', { role: 'admin', scope: web })
    const row = people.store.drifts.create(
      {
        kind: 'site-text',
        thing: '/nginx/docs.example.com.conf',
        serviceId: web.serviceId,
        environmentId: at.ids.get('production') ?? null,
        urlId: null,
        diff: [],
        revertable: true,
        adoptable: true,
        why: null,
      },
      0,
    )
    const path = `/drift/${row.id}/adopt`
    const { status, text } = await at.app.ask('POST', path, { headers: cookie, json: { seen: row.digest } })
    expect([status, text]).toEqual([403, expect.stringContaining('settings:update')])
  } finally {
    people.close()
  }
})
