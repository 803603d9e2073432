/** Certificates that are brought, through the API: what is taken, what is refused and why, and that no answer holds a key. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Certificate, CertificateDetails } from '../../src/contract/shapes/https.ts'
import type { Url, UrlPlan } from '../../src/contract/shapes/urls.ts'
import type { Problem } from '../../src/contract/shapes.ts'
import { People, type Person } from '../access/people.ts'
import { needs } from '../needs.ts'
import { badPairs } from '../x509/bad-pairs.ts'
import { AUTHORITY, type Made, OpenSsl, stamp } from '../x509/openssl.ts'
import { site, startTestApp, type TestApp } from './app.ts'

const PRODUCTION = '/services/web/environments/production'
const loopback = { hostname: '127.0.0.1', port: 0 }
const openssl = new OpenSsl()
const authority = openssl.make({ subject: '/O=Somebody/CN=Root', names: '', extensions: AUTHORITY })
let app: TestApp
let people: People
let owner: Person
let viewer: Person

beforeAll(async () => {
  app = await startTestApp(new Map(), { sitesTlsListen: loopback })
  await app.ask('POST', '/services', { json: { name: 'web' } })
  await app.ask('POST', `${PRODUCTION}/deployments?wait=true`, { body: site('web') })
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
  viewer = await people.person('viewer', { role: 'viewer' })
})
afterAll(async () => {
  people.close()
  await app.stop()
  openssl.end()
})

const ask = (method: string, path: string, json?: object, headers = {}) =>
  app.ask(method, path, { headers: { ...owner.key, ...headers }, ...(json && { json }) })
const signed = (name: string, more = {}): Made =>
  openssl.make({ subject: `/CN=${name}`, names: `DNS:${name}`, by: authority, ...more })
const chained = ({ certificate, key }: Made) => ({ certificate: certificate + authority.certificate, key })

async function brought(given: { certificate: string; key: string }): Promise<CertificateDetails> {
  const { status, text, body } = await ask('POST', '/certificates', given)
  expect([text, status]).toEqual([text, 201])
  return body
}
const listed = async (query = ''): Promise<Certificate[]> =>
  ((await ask('GET', `/certificates${query}`)).body as { items: Certificate[] }).items
/** The base64 of a key, without its lines. */
const inside = (key: string): string => key.split('\n').at(1) ?? ''

needs('openssl')('one is brought, listed, shown and deleted, and its key is never told', async () => {
  const made = signed('docs.example.com')
  const answer = await ask('POST', '/certificates', chained(made))
  const certificate = answer.body as CertificateDetails
  expect(certificate).toMatchObject({
    kind: 'own',
    names: ['docs.example.com'],
    issuer: 'Somebody, Root',
    directoryUrl: null,
    renewAt: null,
    urls: [],
    warnings: [],
    chain: expect.stringMatching(/^-----BEGIN CERTIFICATE-----\n/),
  })
  expect(answer.headers.get('location')).toBe(`/api/v1/certificates/${certificate.id}`)
  const shown = await ask('GET', `/certificates/${certificate.id}`)
  expect(shown.body).toEqual(certificate as never)
  const { chain: _, warnings: __, ...brief } = certificate
  expect(await listed()).toEqual([brief])
  expect(await listed('?kind=acme')).toEqual([])
  for (const { text } of [answer, shown, await ask('GET', '/certificates'), await ask('GET', '/audit')])
    expect(text).not.toContain(inside(made.key))

  const again = await ask('POST', '/certificates', chained(made))
  expect([again.status, again.body]).toMatchObject([409, { code: 'conflict' }])
  const stale = await ask('DELETE', `/certificates/${certificate.id}`, undefined, { 'if-match': '"other"' })
  expect(stale.status).toBe(412)
  const gone = await ask('DELETE', `/certificates/${certificate.id}`)
  expect([gone.status, gone.body]).toEqual([200, certificate as never])
  expect((await ask('GET', `/certificates/${certificate.id}`)).status).toBe(404)
  expect(await listed()).toEqual([])
})

needs('openssl')('a request that is sent again brings it once', async () => {
  const made = chained(signed('once.example.com'))
  const headers = { 'idempotency-key': 'once' }
  const first = await ask('POST', '/certificates', made, headers)
  const second = await ask('POST', '/certificates', made, headers)
  expect([second.status, second.body]).toEqual([201, first.body])
  const { id } = first.body as CertificateDetails
  expect((await ask('DELETE', `/certificates/${id}`)).status).toBe(200)
})

describe('texts as people have them', () => {
  const made = signed('text.example.com')
  const whole = chained(made)
  const crlf = (text: string) => text.replaceAll('\n', '\r\n')
  for (const [what, given] of [
    ['line ends of Windows', { certificate: crlf(whole.certificate), key: crlf(made.key) }],
    ['a byte order mark', { certificate: `\ufeff${whole.certificate}`, key: `\ufeff${made.key}` }],
    [
      'words around',
      { certificate: `subject=CN = text.example.com\n${whole.certificate}\n\n`, key: `Key:\n${made.key}` },
    ],
    ['without its root', { certificate: made.certificate, key: made.key }],
  ] as const)
    needs('openssl')(what, async () => {
      const { id, chain } = await brought(given)
      expect(chain).not.toMatch(/[\r\ufeff]|subject/)
      expect((await ask('DELETE', `/certificates/${id}`)).status).toBe(200)
    })
})

describe('what browsers would refuse is refused, with every reason and its field', () => {
  for (const { what, make, says } of badPairs(openssl, authority))
    needs('openssl')(what, async () => {
      const given = make()
      const { status, body, text } = await ask('POST', '/certificates', given)
      const problem = body as Problem
      expect([what, status, problem.code]).toEqual([what, 422, 'invalid'])
      for (const [field, message] of says)
        expect(problem.errors).toContainEqual({ field, message: expect.stringMatching(message) })
      if (given.key.includes('PRIVATE KEY')) expect(text).not.toContain(inside(given.key))
      expect(await listed()).toEqual([])
    })
})

describe('URLs with a certificate of their own', () => {
  const hostname = 'own.example.com'
  const attach = (json: object) => ask('POST', `${PRODUCTION}/urls?wait=true`, { dns: 'none', ...json })
  /** What is answered over TLS under the name, with the certificate that answers. */
  const visit = async (ca: string): Promise<string> =>
    await (
      await fetch(`${app.sitesTlsUrl}/`, {
        headers: { host: hostname },
        tls: { ca, serverName: hostname },
      })
    ).text()

  needs('openssl')('get it when they are told to, and the next one when it is brought', async () => {
    const planned = await ask('POST', `${PRODUCTION}/urls/plan`, { hostname, dns: 'none', https: 'own' })
    expect(planned.body as UrlPlan).toMatchObject({
      possible: false,
      https: {
        mode: 'own',
        certificate: null,
        findings: expect.arrayContaining([expect.objectContaining({ level: 'problem' })]),
      },
    })
    const none = await attach({ hostname, https: 'own' })
    expect([none.status, none.body]).toMatchObject([409, { code: 'conflict' }])
    expect((await attach({ hostname })).status).toBe(201)

    const first = await brought(chained(signed(hostname)))
    const [url] = ((await ask('GET', `/urls?hostname=${hostname}`)).body as { items: Url[] }).items
    const path = `/urls/${url?.id}`
    expect(url?.https).toMatchObject({ mode: 'none', state: 'none', certificate: null, redirect: true })
    const wish = { https: 'own', minimumTls: 'TLSv1.3', hsts: HSTS }
    const changed = await ask('PATCH', `${path}?wait=true`, wish)
    expect([changed.status, changed.body]).toMatchObject([
      200,
      {
        url: `https://${hostname}:${new URL(app.sitesTlsUrl ?? '').port}/`,
        https: {
          mode: 'own',
          state: 'valid',
          minimumTls: 'TLSv1.3',
          hsts: HSTS,
          certificate: { id: first.id, kind: 'own', fingerprint: first.fingerprint },
          problem: null,
        },
        operation: { kind: 'url-change', status: 'succeeded' },
      },
    ])
    expect(await visit(authority.certificate)).toContain('web')
    expect((await ask('GET', `/certificates/${first.id}`)).body).toMatchObject({
      urls: [{ id: url?.id, hostname }],
    })
    const kept = await ask('DELETE', `/certificates/${first.id}`)
    expect([kept.status, kept.body]).toMatchObject([409, { detail: expect.stringContaining(hostname) }])

    const longer = stamp(Date.now() + 60 * 86_400_000)
    const second = await brought(chained(signed(hostname, { until: longer })))
    const moved = await ask('PATCH', `${path}?wait=true`, {})
    const shown = moved.status === 409 ? await settled(path) : (moved.body as Url)
    expect(shown.https.certificate?.id).toBe(second.id)
    expect((await ask('DELETE', `/certificates/${first.id}`)).status).toBe(200)

    const plain = await ask('PATCH', `${path}?wait=true`, { https: 'none' })
    expect([plain.status, plain.body]).toMatchObject([
      200,
      {
        url: `http://${hostname}:${new URL(app.sitesUrl).port}/`,
        https: { state: 'none', certificate: null },
      },
    ])
    expect((await ask('DELETE', `${path}?wait=true`)).status).toBe(200)
    expect((await ask('DELETE', `/certificates/${second.id}`)).status).toBe(200)
  })

  test('and those of a CA, when none is set up, are refused before anything is changed', async () => {
    const { status, body } = await attach({ hostname: 'auto.example.com', https: 'auto' })
    expect([status, body]).toMatchObject([
      409,
      { code: 'conflict', detail: expect.stringContaining('No CA') },
    ])
    expect((await ask('GET', '/urls?hostname=auto.example.com')).body).toEqual({
      items: [],
      next: null,
    } as never)
    expect((await attach({ hostname: 'plain.example.com' })).status).toBe(201)
    const found = await ask('GET', '/urls?hostname=plain.example.com')
    const [url] = (found.body as { items: Url[] }).items
    const renewed = await ask('POST', `/urls/${url?.id}/renew?wait=true`)
    expect([renewed.status, renewed.body]).toMatchObject([409, { code: 'conflict' }])
    expect((await ask('DELETE', `/urls/${url?.id}?wait=true`)).status).toBe(200)
  })
})

const HSTS = { maxAgeSeconds: 300, includeSubDomains: false, preload: false }

/** The URL, when the operation that is under way has ended. */
async function settled(path: string): Promise<Url> {
  for (;;) {
    const url = (await ask('GET', path)).body as Url
    if (url.operation?.status !== 'queued' && url.operation?.status !== 'running') return url
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('a change of a URL', () => {
  const hostname = 'changed.example.com'
  const path = async (): Promise<string> => {
    const { body } = await ask('GET', `/urls?hostname=${hostname}`)
    return `/urls/${(body as { items: Url[] }).items[0]?.id}`
  }
  beforeAll(async () => {
    await ask('POST', `${PRODUCTION}/urls?wait=true`, { hostname, dns: 'none' })
  })

  test('is accepted at once, and ends by itself', async () => {
    const answer = await ask('PATCH', await path(), { redirectToHttps: false })
    const { operation } = answer.body as Url
    expect([answer.status, answer.headers.get('location')]).toEqual([
      202,
      `/api/v1/operations/${operation?.id}`,
    ])
    const { https } = await settled(await path())
    expect(https).toMatchObject({ mode: 'none', redirect: false, minimumTls: 'TLSv1.2' })
  })

  test('is of the URL that was seen', async () => {
    const { headers } = await ask('GET', await path())
    const match = { 'if-match': headers.get('etag') ?? '' }
    const first = await ask('PATCH', `${await path()}?wait=true`, { minimumTls: 'TLSv1.3' }, match)
    expect([first.status, first.body]).toMatchObject([
      200,
      { https: { redirect: false, minimumTls: 'TLSv1.3' } },
    ])
    const second = await ask('PATCH', `${await path()}?wait=true`, { minimumTls: 'TLSv1.2' }, match)
    expect([second.status, second.body]).toMatchObject([
      412,
      { current: { https: { minimumTls: 'TLSv1.3' } } },
    ])
  })

  test("of Fairlead's own names takes what changes settings", async () => {
    people.store.roles.create('namer', ['urls:read', 'urls:update'], 0)
    const namer = await people.person('namer', { role: 'namer' })
    const self = { kind: 'self', environmentId: null, dnsMode: 'none', now: 0 } as const
    const to = { redirectTo: null, redirectStatus: null }
    const { id } = people.store.urls.create({ hostname: 'deploy.example.com', ...self, ...to })
    const as = (method: string, more = '', json = {}) =>
      app.ask(method, `/urls/${id}${more}`, { headers: namer.key, ...(method === 'PATCH' && { json }) })
    for (const answer of [await as('PATCH', '', { https: 'none' }), await as('POST', '/renew')])
      expect([answer.status, answer.body]).toMatchObject([403, { permission: 'settings:update' }])
    people.store.urls.release(id, { now: 0, heldUntil: null })
    const other = await app.ask('PATCH', await path(), { headers: namer.key, json: {} })
    expect(other.status).toBe(202)
    await settled(await path())
  })
})

test('who may not bring or see certificates does neither', async () => {
  for (const [method, path] of [
    ['GET', '/certificates'],
    ['POST', '/certificates'],
    ['GET', `/certificates/${'a'.repeat(20)}`],
    ['DELETE', `/certificates/${'a'.repeat(20)}`],
  ] as const) {
    const { status, body } = await app.ask(method, path, { headers: viewer.key })
    expect([method, path, status, body]).toMatchObject([method, path, 403, { code: 'forbidden' }])
  }
})

describe('settings of HTTPS and of the CA', () => {
  const set = (json: object) => ask('PATCH', '/settings', json)
  const field = async (json: object): Promise<string | undefined> => {
    const { status, body } = await set(json)
    return status === 422 ? (body as Problem).errors[0]?.field : `${status}`
  }
  const directoryUrl = 'https://ca.example.com/directory'

  test('what can not be is refused by its field', async () => {
    expect(await field({ https: { default: 'auto' } })).toBe('https.default')
    expect(await field({ certificates: { termsAgreed: true } })).toBe('certificates.termsAgreed')
    expect(await field({ certificates: { directoryUrl: 'http://ca.example.com/' } })).toBe(
      'certificates.directoryUrl',
    )
    expect(await field({ certificates: { contact: 'nobody' } })).toBe('certificates.contact')
    expect(await field({ certificates: { externalKeyId: 'K' } })).toBe('certificates.externalHmacKey')
    expect(await field({ certificates: { externalKeyId: 'K', externalHmacKey: 'not base64!' } })).toBe(
      'certificates.externalHmacKey',
    )
    expect(await field({ certificates: { root: 'none' } })).toBe('certificates.root')
    expect(
      await field({ https: { hsts: { maxAgeSeconds: 1, includeSubDomains: true, preload: true } } }),
    ).toBe('https.hsts.preload')
  })

  needs('openssl')(
    'are kept, the key of the external account sealed, and what was of one CA goes with it',
    async () => {
      const hmacKey = 'bm90IHRoZSBvbmUgdGhhdCB5b3UgaGF2ZSBtYWRl'
      const whole = {
        directoryUrl,
        termsAgreed: true,
        contact: 'ops@example.com',
        root: `words\r\n${authority.certificate}`,
        externalKeyId: 'K',
        externalHmacKey: hmacKey,
      }
      const kept = await set({ certificates: whole, https: { default: 'auto', hsts: HSTS } })
      expect(kept.body).toMatchObject({
        https: { default: 'auto', redirect: true, hsts: HSTS, minimumTls: 'TLSv1.2' },
        certificates: {
          directoryUrl,
          termsAgreed: true,
          contact: 'ops@example.com',
          root: authority.certificate,
          externalKeyId: 'K',
          externalHmacKeySet: true,
          profile: null,
          challenge: 'auto',
        },
      })
      const audit = await ask('GET', '/audit')
      for (const { text } of [kept, await ask('GET', '/settings'), audit]) expect(text).not.toContain(hmacKey)
      const newest = people.store.settings.read().certificates.externalHmacKey
      expect(newest).not.toBeNull()
      expect(audit.text).not.toContain(newest ?? '')

      expect(await field({ certificates: { directoryUrl: null } })).toBe('https.default')
      const moved = await set({
        certificates: { directoryUrl: `${directoryUrl}/2` },
        https: { default: 'none', hsts: null },
      })
      expect(moved.body).toMatchObject({
        certificates: {
          termsAgreed: false,
          root: null,
          externalKeyId: null,
          externalHmacKeySet: false,
          contact: 'ops@example.com',
        },
      })
      expect((await set({ certificates: { directoryUrl: null, contact: null } })).status).toBe(200)
    },
  )

  test('a CA that does not answer is no error of the request', async () => {
    const none = await ask('POST', '/settings/certificates/test', {})
    expect([none.status, none.body]).toMatchObject([409, { code: 'conflict' }])
    const asked = await ask('POST', '/settings/certificates/test', {
      directoryUrl: 'https://127.0.0.1:1/directory',
    })
    expect([asked.status, asked.body]).toMatchObject([
      200,
      { ok: false, directoryUrl: 'https://127.0.0.1:1/directory', problem: { code: 'unavailable' } },
    ])
  })
})
