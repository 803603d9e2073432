/** What is taken out of the history: a hidden deployment, and a bundle of which no byte stays. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApp } from '../../src/app.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Deployment, Problem } from '../../src/contract/shapes.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Store } from '../../src/store/store.ts'
import { tarOf } from '../web/site.ts'
import { type Asked, archiveOf, site, startTestApp, type TestApp } from './app.ts'

let app: TestApp
let count = 0
let service = ''
let production = ''

beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())
beforeEach(async () => {
  service = `web-${++count}`
  production = `/services/${service}/environments/production`
  await ask('POST', '/services', { json: { name: service } })
})

const ask = async (method: string, path: string, given: Asked = {}) => {
  const { status, body } = await app.ask(method, path, given)
  return { status, value: body as Deployment, problem: body as Problem }
}
const deploy = async (text: string): Promise<Deployment> =>
  (await ask('POST', `${production}/deployments?wait=true`, { body: site(text) })).value
const digestOf = (text: string) => createHash('sha256').update(site(text)).digest('hex')
const rollBack = (to: string) =>
  ask('POST', `${production}/deployments?wait=true`, { json: { rollbackTo: to } })
const erase = (text: string, reason = 'a token was in it') =>
  ask('DELETE', `/services/${service}/bundles/${digestOf(text)}?reason=${encodeURIComponent(reason)}`)
const history = async () =>
  ((await app.ask('GET', `${production}/deployments`)).body as { items: Deployment[] }).items.map(
    ({ id }) => id,
  )

/** Files of the data folder in which a text stands, the database and its log left out. */
async function filesWith(text: string, data = app.data): Promise<string[]> {
  const names = await readdir(data, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile() && !entry.name.startsWith('fairlead.db'))
  const found: string[] = []
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name)
    // What was listed may be gone by now.
    const bytes = await readFile(path).catch(() => null)
    if (bytes?.includes(text)) found.push(path)
  }
  return found
}

describe('a deployment is deleted', () => {
  test('it is gone from lists, by its id and its log, and nothing is rolled back to it; its bundle stays', async () => {
    const a = await deploy('one')
    const b = await deploy('two')
    const c = await deploy('three')
    expect((await ask('DELETE', `/deployments/${b.id}?reason=wrong`)).status).toBe(200)
    expect(await history()).toEqual([c.id, a.id])
    for (const path of [`/deployments/${b.id}`, `/deployments/${b.id}/log`, `/operations/${b.id}`])
      expect((await ask('GET', path)).status).toBe(404)
    const { items } = (await app.ask('GET', '/operations?limit=200')).body as { items: { id: string }[] }
    expect(items.map(({ id }) => id)).not.toContain(b.id)
    expect((await rollBack(b.id)).status).toBe(404)
    expect((await rollBack('previous')).value.bundle).toBe(a.bundle)
    expect((await ask('GET', `/services/${service}/bundles/${b.bundle}`)).status).toBe(200)
    expect((await ask('DELETE', `/deployments/${b.id}`)).status).toBe(404)
  })

  test('it is no longer what an environment was sent last', async () => {
    const live = await deploy('one')
    await ask('PATCH', production, { json: { approval: true } })
    const waiting = (await ask('POST', `${production}/deployments`, { body: site('two') })).value
    await ask('POST', `/operations/${waiting.id}/cancel`)
    const latest = async () => {
      const { environments } = (await app.ask('GET', `/services/${service}`)).body as {
        environments: { latest: { id: string } }[]
      }
      const shown = (await app.ask('GET', production)).body as { latest: { id: string } }
      return [environments[0]?.latest.id, shown.latest.id]
    }
    expect(await latest()).toEqual([waiting.id, waiting.id])
    expect((await ask('DELETE', `/deployments/${waiting.id}`)).status).toBe(200)
    expect(await latest()).toEqual([live.id, live.id])
  })

  test('not while it is live, nor before it has ended', async () => {
    const live = await deploy('one')
    const { status, problem } = await ask('DELETE', `/deployments/${live.id}`)
    expect(status).toBe(409)
    expect(problem.detail).toContain('live in "production"')
    await ask('PATCH', production, { json: { approval: true } })
    const waiting = (await ask('POST', `${production}/deployments`, { body: site('two') })).value
    expect((await ask('DELETE', `/deployments/${waiting.id}`)).problem.detail).toContain('has not ended')
  })
})

describe('a bundle is erased', () => {
  test('no byte of it stays in archives, trees, grace files or the trash; the tombstone says who, when and why', async () => {
    const secret = `secret-${service}-4f1d`
    const files = { 'index.html': 'a page', 'assets/app.0a1b2c3d.js': secret }
    const { bundle } = (await ask('POST', `${production}/deployments?wait=true`, { body: tarOf(files) }))
      .value
    await deploy('clean')
    expect((await filesWith(secret)).some((path) => path.includes('/grace/'))).toBe(true)
    const path = `/services/${service}/bundles/${bundle}`
    expect((await ask('DELETE', `${path}?reason=a%20token%20was%20in%20it`)).status).toBe(200)
    expect(await filesWith(secret)).toEqual([])
    expect((await ask('GET', path)).status).toBe(404)
    expect((await ask('DELETE', path)).status).toBe(404)
    const { items } = (await app.ask('GET', '/audit?kind=bundle.deleted&limit=1')).body as {
      items: { data: object; actor: { name: string } }[]
    }
    expect(items[0]).toMatchObject({
      data: { bundle, reason: 'a token was in it' },
      actor: { name: 'local' },
    })
  })

  test('its deployments stay in the history and say what happened when somebody wants them back', async () => {
    const first = await deploy('first')
    const leaky = await deploy('leaky')
    await deploy('clean')
    expect(leaky.erased).toBeNull()
    await erase('leaky')
    expect(await history()).toContain(leaky.id)
    expect((await ask('GET', `/deployments/${leaky.id}`)).value.erased).toEqual({
      at: expect.any(String),
      by: { kind: 'local', name: 'local' },
      reason: 'a token was in it',
    })
    for (const again of [
      await rollBack(leaky.id),
      await ask('POST', `${production}/deployments`, { json: { bundle: leaky.bundle } }),
    ]) {
      expect(again.status).toBe(409)
      expect(again.problem.detail).toMatch(/erased on \d{4}-\d\d-\d\d by local: a token was in it/)
    }
    expect((await rollBack('previous')).value.bundle).toBe(first.bundle)
  })

  test('not while it is live, kept for a rollback, or about to be deployed; each says where and what to do', async () => {
    await ask('PATCH', production, { json: { retain: 1 } })
    await deploy('kept')
    await deploy('live')
    const live = await erase('live')
    expect(live.status).toBe(409)
    expect(live.problem.detail).toContain('is live in "production"')
    const kept = await erase('kept')
    expect(kept.status).toBe(409)
    expect(kept.problem.hint).toContain('retain')
    await ask('PATCH', production, { json: { retain: 0, approval: true } })
    const waiting = (await ask('POST', `${production}/deployments`, { body: site('waits') })).value
    expect((await erase('waits')).problem.detail).toContain('being deployed to "production"')
    await ask('POST', `/operations/${waiting.id}/cancel`)
    expect((await erase('waits')).status).toBe(200)
    expect((await erase('kept')).status).toBe(200)
  })

  test('another service that was sent the same bytes keeps them', async () => {
    await deploy('shared')
    const other = `other-${count}`
    await ask('POST', '/services', { json: { name: other } })
    await ask('POST', `/services/${other}/bundles`, { body: site('shared') })
    await deploy('next')
    expect((await erase('shared')).status).toBe(200)
    expect((await ask('GET', `/services/${service}/bundles/${digestOf('shared')}`)).status).toBe(404)
    const { status, text } = await app.ask('GET', `/services/${other}/bundles/${digestOf('shared')}/archive`)
    expect(status).toBe(200)
    expect(text).toContain('shared')
  })

  test('a service that has been deleted keeps nothing of it', async () => {
    const secret = `gone-${service}`
    const gone = `gone-${count}`
    await ask('POST', '/services', { json: { name: gone } })
    for (const name of [gone, service]) await ask('POST', `/services/${name}/bundles`, { body: site(secret) })
    expect((await ask('DELETE', `/services/${gone}?wait=true`)).status).toBe(200)
    expect((await erase(secret)).status).toBe(200)
    expect(await filesWith(secret)).toEqual([])
  })

  test('what another release in its grace has, too, still answers; what stood in its place goes', async () => {
    const chunk = (name: string) => `assets/${name}-0a1b2c3d.js`
    const release = async (files: Record<string, string>) =>
      (
        await ask('POST', `${production}/deployments?wait=true`, {
          body: archiveOf({ 'index.html': '', ...files }),
        })
      ).value.bundle
    await release({ [chunk('same')]: 'same', [chunk('own')]: 'of the first', [chunk('first')]: '1' })
    const leaky = await release({ [chunk('same')]: 'same', [chunk('own')]: `leak-${service}` })
    await release({})
    const grace = await readdir(join(app.data, 'grace'))
    const answers = async (name: string) => {
      const found = await Promise.all(
        grace.map((id) => readFile(join(app.data, 'grace', id, chunk(name)), 'utf8').catch(() => null)),
      )
      return found.filter((text) => text === 'same' || text?.startsWith('leak-'))
    }
    expect(await answers('own')).toEqual([`leak-${service}`])
    expect((await ask('DELETE', `/services/${service}/bundles/${leaky}`)).status).toBe(200)
    expect(await filesWith(`leak-${service}`)).toEqual([])
    expect(await answers('same')).toEqual(['same'])
  })

  test('lists that are being read do not fail', async () => {
    const texts = Array.from({ length: 12 }, (_, i) => `list-${service}-${i}`)
    for (const text of texts) await ask('POST', `/services/${service}/bundles`, { body: site(text) })
    const lists = async () => {
      let left = texts.length
      while (left > 0) {
        const { status, body } = await app.ask('GET', `/services/${service}/bundles`)
        expect(status).toBe(200)
        left = (body as { items: unknown[] }).items.length
      }
    }
    const erasures = async () => {
      for (const text of texts) await erase(text)
    }
    await Promise.all([lists(), lists(), erasures()])
  })

  test('the same bytes may be sent again', async () => {
    const digest = digestOf('again')
    await ask('POST', `/services/${service}/bundles`, { body: site('again') })
    expect((await erase('again')).status).toBe(200)
    expect((await ask('POST', `/services/${service}/bundles`, { body: site('again') })).status).toBe(201)
    expect(
      (await ask('POST', `${production}/deployments?wait=true`, { json: { bundle: digest } })).value,
    ).toMatchObject({ status: 'succeeded', erased: null })
  })

  test('an upload of the same bytes at the same time ends with a row and its bytes, or with neither', async () => {
    for (let round = 0; round < 20; round++) {
      const text = `race-${service}-${round}`
      await ask('POST', `/services/${service}/bundles`, { body: site(text) })
      await Promise.all([erase(text), ask('POST', `/services/${service}/bundles`, { body: site(text) })])
      const shown = await ask('GET', `/services/${service}/bundles/${digestOf(text)}`)
      const archive = await app.ask('GET', `/services/${service}/bundles/${digestOf(text)}/archive`)
      expect([shown.status, archive.status]).toEqual(shown.status === 200 ? [200, 200] : [404, 404])
      if (shown.status === 404) expect(await filesWith(text)).toEqual([])
    }
  })
})

test('a crash between the rows and the bytes: the next start removes the bytes, also those in their grace', async () => {
  const data = await mkdtemp(join(tmpdir(), 'fairlead-erase-'))
  const loopback = { hostname: '127.0.0.1', port: 0 }
  const start = () =>
    startApp({
      data,
      listen: loopback,
      sitesListen: loopback,
      url: null,
      assets: new Map(),
      diskReserveBytes: 0,
      log: silentLog,
    })
  let running = await start()
  const upload = (path: string, files: Record<string, string>) =>
    fetch(`${running.url}/api/v1${path}?wait=true`, { method: 'POST', body: tarOf(files) })
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } }
  await fetch(`${running.url}/api/v1/services`, { ...json, body: '{"name":"web"}' })
  const deployments = '/services/web/environments/production/deployments'
  const leaky = { 'index.html': 'leaky', 'assets/app.0a1b2c3d.js': 'the-secret-4f1d' }
  const { bundle } = (await (await upload(deployments, leaky)).json()) as Deployment
  await upload(deployments, { 'index.html': 'clean' })
  const store = new Store(join(data, 'fairlead.db'), { now: 0, asIs: true })
  store.tx(() => {
    const { id } = store.services.named('web')
    store.bundles.erase(id, { digest: bundle ?? '', at: 0, actor: LOCAL_ACTOR, reason: null })
    store.grace.endNow(id, bundle ?? '')
  })
  store.close()
  expect(await filesWith('the-secret-4f1d', data)).not.toEqual([])
  await running.stop()
  running = await start()
  // The trash is emptied within a minute.
  const left = async () =>
    (await filesWith('the-secret-4f1d', data)).filter((path) => !path.includes('/trash/'))
  while ((await left()).length > 0);
  await running.stop()
  await rm(data, { recursive: true })
})
