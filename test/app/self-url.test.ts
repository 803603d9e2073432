/** A host name of Fairlead's own: its page and API through a real NGINX, and only where that is safe. */
import { afterAll, beforeAll, expect } from 'bun:test'
import type { Problem } from '../../src/contract/shapes.ts'
import { People, type Person } from '../access/people.ts'
import { type Answer, startTestApp, type TestApp } from '../api/app.ts'
import { DebianNginx } from '../hosts/debian-nginx.ts'
import { has, needs } from '../needs.ts'

const TIMEOUT_MS = 60_000
const WISH = { kind: 'self', hostname: 'deploy.example.com', dns: 'none' }
let nginx: DebianNginx
let app: TestApp
let people: People
let owner: Person

beforeAll(async () => {
  if (!has('nginx')) return
  ;[nginx, app] = [await DebianNginx.started(), await startTestApp()]
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
}, TIMEOUT_MS)
afterAll(async () => {
  if (!has('nginx')) return
  people.close()
  await app.stop()
  await nginx.remove()
})

const ask = (method: string, path: string, json?: object): Promise<Answer> =>
  app.ask(method, path, { headers: owner.key, ...(json && { json }) })
const choose = (listen: object[]): Promise<Answer> => {
  const { test: testing, reload } = nginx.plainCommands()
  const setting = { config: nginx.config, test: testing, reload, listen }
  return ask('PATCH', '/settings', { gateway: { kind: 'nginx', nginx: setting } })
}
/** What a browser sends and is answered at NGINX. */
const visit = (
  path: string,
  init: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(`http://127.0.0.1:${nginx.port}${path}`, {
    ...init,
    headers: { host: `deploy.example.com:${nginx.port}`, ...init.headers },
  })

needs('nginx')(
  'it is refused where passwords would travel without HTTPS',
  async () => {
    expect((await choose([{ address: null, port: nginx.port }])).status).toBe(200)
    for (const path of ['/urls?wait=true', '/urls/plan']) {
      const { status, body } = await ask('POST', path, WISH)
      expect([status, (body as Problem).detail]).toEqual([409, expect.stringContaining('without HTTPS')])
    }
    expect((await ask('GET', '/urls')).body).toMatchObject({ items: [] })
  },
  TIMEOUT_MS,
)

needs('nginx')(
  'the page and the API answer under it, changes come from its own page, and it goes again',
  async () => {
    expect((await choose([{ address: '127.0.0.1', port: nginx.port }])).status).toBe(200)
    const made = await ask('POST', '/urls?wait=true', WISH)
    expect([made.text, made.status]).toEqual([made.text, 201])
    expect(made.body).toMatchObject({
      kind: 'self',
      service: null,
      state: 'attached',
      lastProbe: { ok: true },
    })

    expect(await (await visit('/healthz')).json()).toMatchObject({ status: 'ok' })
    expect((await visit('/api/v1/services')).status).toBe(401)
    expect((await visit('/api/v1/services', { headers: owner.key })).status).toBe(200)
    const create = (name: string, origin: string) =>
      visit('/api/v1/services', {
        method: 'POST',
        headers: { ...owner.cookie, origin, 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      })
    expect((await create('own', `http://deploy.example.com:${nginx.port}`)).status).toBe(201)
    expect((await create('foreign', 'http://evil.example.com')).status).toBe(403)

    const { id } = made.body as { id: string }
    expect((await ask('DELETE', `/urls/${id}?wait=true`)).status).toBe(200)
    expect(await nginx.says('deploy.example.com', '/healthz').catch(() => '')).not.toContain('200')
    const direct = await fetch(`${app.url}/healthz`, { headers: { host: 'deploy.example.com' } })
    expect(direct.status).toBe(421)
  },
  TIMEOUT_MS,
)
