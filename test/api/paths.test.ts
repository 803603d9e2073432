/** Paths of this machine are for those who may read its settings. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { toldProblem, withoutPaths } from '../../src/api/paths.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { People } from '../access/people.ts'
import { startTestApp, type TestApp } from './app.ts'

const DATA = '/fairlead'

describe('a sentence without paths', () => {
  for (const [text, told] of [
    ['unknown directive "x" in /etc/nginx/conf.d/a.conf:12', 'unknown directive "x" in …/a.conf:12'],
    [
      '/fairlead/nginx/docs.example.com.conf was changed by hand.',
      '…/docs.example.com.conf was changed by hand.',
    ],
    ['open("/var/log/nginx/error.log") failed', 'open("…/error.log") failed'],
    ['Add: include /etc/nginx/sites-enabled/*.conf;', 'Add: include …/sites-enabled/*.conf;'],
    ['The answer of http://docs.example.com/usr/local/x was wrong.', null],
    ['/assets/app.js answers with status 404', null],
    ['a/etc/b and and/or', null],
    ['', null],
  ] as const)
    test(text || 'nothing', () => expect(withoutPaths(text, DATA)).toBe(told ?? text))

  test('problems keep their other members', () => {
    const problem = {
      code: 'conflict',
      status: 409,
      detail: 'in /etc/a/b',
      hint: null,
      errors: [{ field: 'x', message: '/etc/a/c' }],
    }
    expect(toldProblem(problem, (text) => withoutPaths(text, DATA))).toEqual({
      ...problem,
      detail: 'in …/b',
      errors: [{ field: 'x', message: '…/c' }],
    })
  })
})

describe('through the API', () => {
  let app: TestApp
  let people: People
  beforeAll(async () => {
    app = await startTestApp()
    await app.ask('POST', '/services', { json: { name: 'web' } })
    people = new People(app)
  })
  afterAll(async () => {
    people.close()
    await app.stop()
  })

  test('an operation and its log say them to an owner, and not to who looks after a service', async () => {
    const { store } = people
    const { serviceId, environmentId } = people.environment('web', 'production')
    const made = { kind: 'site-repair', serviceId, environmentId, actor: LOCAL_ACTOR, now: 0 } as const
    const { id } = store.operations.create(made)
    store.logs.append(id, { at: 0, level: 'error', step: null, text: 'nginx: no "x" in /etc/nginx/a.conf:1' })
    const problem = {
      type: '',
      title: '',
      status: 502,
      code: 'unavailable',
      detail: 'in /etc/nginx/a.conf:1',
      hint: null,
      errors: [],
    }
    store.operations.end(id, { status: 'failed', problem, now: 1 })
    const owner = await people.person('owner', { role: 'owner' })
    const admin = await people.person('admin', { role: 'admin', scope: people.service('web') })
    const events = { accept: 'text/event-stream' }
    for (const [path, headers] of [
      ['/operations', {}],
      [`/operations/${id}`, {}],
      [`/operations/${id}/log`, {}],
      [`/operations/${id}/log`, events],
    ] as const) {
      const all = (await app.ask('GET', path, { headers: { ...owner.key, ...headers } })).text
      const some = (await app.ask('GET', path, { headers: { ...admin.key, ...headers } })).text
      expect([path, all.includes('/etc/nginx/a.conf:1')]).toEqual([path, true])
      expect([path, some.includes('/etc'), some.includes('…/a.conf:1')]).toEqual([path, false, true])
    }
  })
})
