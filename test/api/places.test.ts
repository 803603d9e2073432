/** Services and environments over HTTP: settings, order, revisions, deletion. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment, Event, Operation, Problem, Service } from '../../src/contract/shapes.ts'
import { type Asked, site, startTestApp, type TestApp } from './app.ts'

let app: TestApp
let count = 0
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const ask = async <T>(method: string, path: string, given: Asked = {}) => {
  const answer = await app.ask(method, path, given)
  return {
    ...answer,
    value: answer.body as T,
    problem: answer.body as Problem,
    etag: answer.headers.get('etag') ?? '',
  }
}
const service = () => ask<Service>('POST', '/services', { json: { name: `s${++count}` } })
const environments = async (name: string): Promise<string[]> =>
  (await ask<{ items: Environment[] }>('GET', `/services/${name}/environments`)).value.items.map(
    (one) => one.name,
  )

describe('services', () => {
  test('come with production, and their names are free again at once', async () => {
    const { value, status, headers } = await service()
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/api/v1/services/${value.name}`)
    expect(value.environments.map((one) => one.name)).toEqual(['production'])
    expect((await ask('POST', '/services', { json: { name: value.name } })).status).toBe(409)
    const renamed = await ask<Service>('PATCH', `/services/${value.name}`, {
      json: { name: `${value.name}-new` },
    })
    expect(renamed.value).toMatchObject({ id: value.id, name: `${value.name}-new`, revision: 2 })
    expect((await ask('GET', `/services/${value.name}`)).status).toBe(404)
    expect((await ask('POST', '/services', { json: { name: value.name } })).status).toBe(201)
  })

  for (const name of [
    '',
    '-a',
    'a-',
    'A',
    'a_b',
    'a.b',
    'x'.repeat(41),
    'ä',
    "a'; DROP TABLE services;--",
    'a\0',
  ])
    test(`R18 ${JSON.stringify(name.slice(0, 30))} is no name`, async () => {
      const { status, problem } = await ask('POST', '/services', { json: { name } })
      expect(status).toBe(422)
      expect(problem.errors).toEqual([
        { field: 'name', message: expect.stringContaining('1 to 40 characters') },
      ])
    })

  test('are listed page by page, each once', async () => {
    for (let i = 0; i < 5; i++) await service()
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { value }: { value: { items: Service[]; next: string | null } } = await ask(
        'GET',
        `/services?limit=2${cursor && `&cursor=${cursor}`}`,
      )
      expect(value.items.length).toBeLessThanOrEqual(2)
      seen.push(...value.items.map((one) => one.id))
      cursor = value.next
    }
    const { value } = await ask<{ items: Service[]; next: null }>('GET', '/services?limit=200')
    expect(seen).toEqual(value.items.map((one) => one.id))
    expect(value.next).toBeNull()
  })

  test('a cursor of one list is none of another', async () => {
    const { value } = await ask<{ next: string }>('GET', '/services?limit=1')
    expect((await ask('GET', `/operations?cursor=${value.next}`)).status).toBe(422)
  })
})

describe('environments', () => {
  test('have an order that can be changed', async () => {
    const { value } = await service()
    const path = `/services/${value.name}/environments`
    for (const name of ['dev', 'staging']) await ask('POST', path, { json: { name } })
    expect(await environments(value.name)).toEqual(['production', 'dev', 'staging'])
    const moved = await ask<Environment>('PATCH', `${path}/staging`, { json: { position: 0 } })
    expect(moved.value).toMatchObject({ name: 'staging', position: 0, revision: 2 })
    expect(await environments(value.name)).toEqual(['staging', 'production', 'dev'])
    await ask('PATCH', `${path}/staging`, { json: { position: 1000 } })
    expect(await environments(value.name)).toEqual(['production', 'dev', 'staging'])
    expect((await ask('PATCH', `${path}/dev`, { json: { name: 'staging' } })).status).toBe(409)
    expect((await ask('PATCH', `${path}/dev`, { json: { position: -1 } })).status).toBe(422)
  })

  test('a change that changes nothing counts no revision', async () => {
    const { value } = await service()
    const path = `/services/${value.name}/environments/production`
    const before = await ask<Environment>('GET', path)
    const same = { name: 'production', retain: before.value.retain, buildFolders: before.value.buildFolders }
    for (const json of [{}, same]) expect((await ask('PATCH', path, { json })).body).toEqual(before.body)
  })

  test('new settings are true for visitors when they are answered, and take effect together', async () => {
    const { value } = await service()
    const path = `/services/${value.name}/environments/production`
    await app.ask('POST', `${path}/deployments?wait=true`, { body: site('app') })
    const deep = `http://production.${value.name}.localhost:${new URL(app.sitesUrl).port}/deep/link`
    expect((await fetch(deep)).status).toBe(404)
    const json = { notFoundHandling: 'single-page-application', retain: 3 }
    const changed = await ask<Environment>('PATCH', path, { json })
    expect(changed.status).toBe(200)
    expect(changed.value).toMatchObject({ ...json, revision: 2, live: { status: 'succeeded' } })
    const answer = await fetch(deep)
    expect([answer.status, await answer.text()]).toEqual([200, '<h1>app</h1>'])
  })

  test('settings out of bounds are named', async () => {
    const { value } = await service()
    const json = {
      retain: -1,
      assetGraceSeconds: 1.5,
      htmlHandling: 'other',
      buildFolders: ['../x/'],
      notFoundHandling: null,
    }
    const { problem } = await ask('PATCH', `/services/${value.name}/environments/production`, { json })
    expect(problem.errors.map((error) => error.field).sort()).toEqual([
      'assetGraceSeconds',
      'htmlHandling',
      'notFoundHandling',
      'retain',
    ])
  })
})

describe('R10 If-Match', () => {
  test('of a service and of an environment: the second of two editors is told what the first one did', async () => {
    const made = await service()
    const path = `/services/${made.value.name}`
    const place = `${path}/environments/production`
    const cases: [string, unknown][] = [
      [path, { name: `${made.value.name}-b` }],
      [place, { retain: 2 }],
    ]
    for (const [thing, json] of cases.toReversed()) {
      const first = await ask<Service>('GET', thing)
      const { status, value } = await ask<Service>('PATCH', thing, {
        json,
        headers: { 'if-match': first.etag },
      })
      expect([status, value.revision]).toEqual([200, 2])
      const now = thing === path ? `${path}-b` : place
      for (const [method, given] of [
        ['PATCH', { json: { name: 'lost' } }],
        ['DELETE', {}],
      ] as const) {
        const second = await ask(method, now, { ...given, headers: { 'if-match': first.etag } })
        expect(second.status).toBe(412)
        expect(second.problem).toMatchObject({ code: 'precondition_failed', current: { revision: 2 } })
        expect(second.etag).toBe((await ask('GET', now)).etag)
      }
    }
  })

  test('counts settings and not deployments, in each spelling of the revision', async () => {
    const { value, etag } = await service()
    const path = `/services/${value.name}/environments/production`
    const before = await ask<Environment>('GET', path)
    await app.ask('POST', `${path}/deployments?wait=true`, { body: site('x') })
    const after = await ask<Environment>('GET', path, { headers: { 'if-none-match': before.etag } })
    expect(after.status).toBe(200)
    expect(after.value.revision).toBe(1)
    const known = await ask('GET', path, { headers: { 'if-none-match': after.etag } })
    expect([known.status, known.text, known.etag]).toEqual([304, '', after.etag])
    for (const [index, match] of [before.etag, '"2"', '"9", "3"', '*'].entries())
      expect(
        (await ask('PATCH', path, { json: { retain: index + 1 }, headers: { 'if-match': match } })).status,
      ).toBe(200)
    for (const match of ['"1"', `W/"5"`, '"x"', etag])
      expect((await ask('PATCH', path, { json: { retain: 9 }, headers: { 'if-match': match } })).status).toBe(
        412,
      )
    for (const match of ['5', '', 'W/5', '"5'])
      expect((await ask('PATCH', path, { json: { retain: 9 }, headers: { 'if-match': match } })).status).toBe(
        400,
      )
    expect((await ask<Environment>('GET', path)).value.retain).toBe(4)
  })
})

describe('deleting', () => {
  test('is an operation; what stays is history', async () => {
    const { value } = await service()
    const path = `/services/${value.name}`
    await app.ask('POST', `${path}/environments/production/deployments?wait=true`, {
      body: site('gone soon'),
    })
    const accepted = await ask<Operation>('DELETE', `${path}/environments/production`)
    expect(accepted.status).toBe(202)
    expect(accepted.value).toMatchObject({ kind: 'environment-deletion', environment: 'production' })
    const log = await app.ask('GET', `/operations/${accepted.value.id}/log`, {
      headers: { accept: 'text/event-stream' },
    })
    expect(log.text).toContain('"status":"succeeded"')
    expect((await ask('GET', `${path}/environments/production`)).status).toBe(404)
    const waited = await ask<Operation>('DELETE', `${path}?wait=true`)
    expect(waited.status).toBe(200)
    expect(waited.value).toMatchObject({ kind: 'service-deletion', status: 'succeeded', environment: null })
    expect(waited.headers.get('location')).toBe(`/api/v1/operations/${waited.value.id}`)
    expect((await ask('DELETE', path)).status).toBe(404)
    expect(
      (await fetch(`http://production.${value.name}.localhost:${new URL(app.sitesUrl).port}/`)).status,
    ).not.toBe(200)
    expect((await readdir(join(app.data, 'bundles'))).length).toBeGreaterThan(0)
    const { value: page } = await ask<{ items: Operation[] }>('GET', '/operations?limit=200')
    expect(page.items.filter((one) => one.service === value.name).map((one) => one.kind)).toEqual([
      'service-deletion',
      'environment-deletion',
      'deployment',
    ])
  })
})

describe('events', () => {
  test('tell who did what, resumably', async () => {
    const { value } = await service()
    await ask('POST', `/services/${value.name}/environments`, { json: { name: 'dev' } })
    await ask('PATCH', `/services/${value.name}/environments/dev`, { json: { name: 'test' } })
    const all: Event[] = []
    let next: string | null = ''
    while (next !== null) {
      const { value: page }: { value: { items: Event[]; next: string | null } } = await ask(
        'GET',
        `/events?limit=10${next && `&cursor=${next}`}`,
      )
      all.push(...page.items)
      next = page.next
    }
    expect(all.map((one) => one.number)).toEqual(all.map((_, index) => index + 1))
    const own = all.filter((one) => one.service === value.name)
    expect(own.map((one) => one.kind)).toEqual([
      'service.created',
      'environment.created',
      'environment.created',
      'environment.changed',
    ])
    expect(own.at(-1)).toMatchObject({
      actor: { kind: 'local' },
      environment: 'test',
      data: { before: { name: 'dev' }, after: { name: 'test' } },
    })
  })

  test('live: what happens next, or everything after an id', async () => {
    const leave = new AbortController()
    const stream = (headers: Record<string, string>) =>
      fetch(`${app.url}/api/v1/events`, {
        headers: { accept: 'text/event-stream', ...headers },
        signal: leave.signal,
      })
    const [fromNow, fromStart] = [await stream({}), await stream({ 'last-event-id': '0' })]
    const { value } = await service()
    for (const [response, first] of [
      [fromNow, false],
      [fromStart, true],
    ] as const) {
      let text = ''
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk)
        if (text.includes(`"service":"${value.name}","environment":"production"`)) break
      }
      expect(text.includes('id: 1\n')).toBe(first)
      expect(text).toContain('event: event\n')
    }
    leave.abort()
  })
})

describe('bundles', () => {
  test('can be stored, listed, looked into and fetched byte for byte', async () => {
    const { value } = await service()
    const body = site('kept')
    const stored = await ask<{ digest: string }>('POST', `/services/${value.name}/bundles`, { body })
    expect(stored.status).toBe(201)
    expect(stored.value).toMatchObject({ format: 'tar', size: body.length, fileCount: 1 })
    const path = `/services/${value.name}/bundles`
    expect((await ask<{ items: unknown[] }>('GET', path)).value.items).toEqual([stored.value])
    const shown = await ask<{ files: unknown[] }>('GET', `${path}/${stored.value.digest}`)
    expect(shown.value.files).toEqual([
      { path: 'index.html', size: 13, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ])

    const archive = `${app.url}/api/v1${path}/${stored.value.digest}/archive`
    const whole = await fetch(archive)
    expect(Buffer.from(await whole.arrayBuffer()).equals(body)).toBe(true)
    expect(whole.headers.get('content-disposition')).toBe(
      `attachment; filename="${value.name}-${stored.value.digest.slice(0, 12)}.tar"`,
    )
    expect(whole.headers.get('content-security-policy')).toContain('sandbox')
    const etag = whole.headers.get('etag') ?? ''
    const part = (headers: Record<string, string>, method = 'GET') => fetch(archive, { headers, method })
    const some = await part({ range: 'bytes=257-261' })
    expect([some.status, some.headers.get('content-range'), await some.text()]).toEqual([
      206,
      `bytes 257-261/${body.length}`,
      'ustar',
    ])
    expect((await part({ range: 'bytes=-5' })).headers.get('content-length')).toBe('5')
    expect((await part({ range: `bytes=${body.length}-` })).status).toBe(416)
    expect((await part({ range: 'bytes=0-1, 4-5' })).status).toBe(200)
    expect((await part({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    expect((await part({ 'if-none-match': etag })).status).toBe(304)
    const head = await part({}, 'HEAD')
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(body.length)])
  })

  test('a refused archive is stored nowhere', async () => {
    const { value } = await service()
    const { status, problem } = await ask('POST', `/services/${value.name}/bundles`, { body: 'no archive' })
    expect([status, problem.code]).toEqual([422, 'archive_refused'])
    expect(await app.staging()).toEqual([])
    expect(existsSync(join(app.data, 'staging'))).toBe(true)
  })
})
