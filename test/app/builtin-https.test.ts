/** HTTPS through the whole program: the builtin gateway for visitors, a real BIND, and a real CA that looks at both. */
import { afterAll, beforeAll, expect } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { People, type Person } from '../access/people.ts'
import { Pebble } from '../acme/pebble.ts'
import { archiveOf, startTestApp, type TestApp } from '../api/app.ts'
import { makeCertificate } from '../certificates.ts'
import { freePort } from '../dns/daemon.ts'
import { KEY, Named } from '../dns/named.ts'
import { KeptConnection } from '../gateway/kept-connection.ts'
import { has, needs } from '../needs.ts'
import { rawRequest } from '../serving/table.ts'

const NEEDED = ['pebble', 'pebble-challtestsrv', 'openssl', 'named', 'nsupdate', 'dig'] as const
const PRODUCTION = '/services/web/environments/production'
const withAuthority = needs(...NEEDED)
const TIMEOUT_MS = 120_000

let named: Named
let pebble: Pebble
let app: TestApp
let people: People
let owner: Person
let port: number
let tlsPort: number

beforeAll(async () => {
  if (!NEEDED.every(has)) return
  port = await freePort()
  named = await Named.start()
  const dnsServer = `127.0.0.1:${named.port}`
  pebble = await Pebble.start({ httpPort: port, dnsServer, badNonces: 30, reused: 50 })
  const hostname = '127.0.0.1'
  app = await startTestApp(new Map(), {
    sitesListen: { hostname, port },
    sitesTlsListen: { hostname, port: 0 },
  })
  tlsPort = Number(new URL(app.sitesTlsUrl ?? '').port)
  people = new People(app)
  owner = await people.person('owner', { role: 'owner' })
  const { directoryUrl, root } = pebble
  const certificates = { directoryUrl, root, contact: 'ops@example.com', termsAgreed: true }
  const dns = { addresses: ['127.0.0.1'] }
  expect((await ask('PATCH', '/settings', { certificates, dns })).status).toBe(200)
  const server = { ...KEY, server: '127.0.0.1', port: named.port, allowPrivateNetwork: true }
  const config = { ...server, zones: ['example.com'], nameservers: [dnsServer] }
  expect((await ask('POST', '/dns-providers', { kind: 'rfc2136', label: 'BIND', config })).status).toBe(201)
  await ask('POST', '/services', { name: 'web', kind: 'static' })
  await deploy('one')
}, TIMEOUT_MS)
afterAll(async () => {
  people?.close()
  await app?.stop()
  await pebble?.end()
  await named?.end()
})

const ask = (method: string, path: string, json?: object) =>
  app.ask(method, path, { headers: owner.key, ...(json && { json }) })

async function deploy(text: string): Promise<void> {
  const body = archiveOf({ 'index.html': text })
  expect(
    (await app.ask('POST', `${PRODUCTION}/deployments?wait=true`, { body, headers: owner.key })).status,
  ).toBe(201)
}

interface Url {
  id: string
  url: string
  https: { state: string; certificate: { id: string; fingerprint: string } | null }
}

async function attach(hostname: string, more: object): Promise<Url> {
  const json = { hostname, https: 'auto', ...more }
  const { status, body, text } = await ask('POST', `${PRODUCTION}/urls?wait=true`, json)
  expect([status, text]).toEqual([201, text])
  return body
}

async function change(method: string, path: string, json?: object): Promise<Url> {
  const { status, body, text } = await ask(method, path, json)
  expect([[200, 201].includes(status), text]).toEqual([true, text])
  return body
}

const names = (folder: string): string[] => readdirSync(join(app.data, folder)).toSorted()
const shown = async (hostname: string): Promise<string> => {
  const kept = await KeptConnection.open(tlsPort, hostname)
  kept.end()
  return kept.certificate
}
const plain = (host: string, path = '/') =>
  rawRequest(
    { address: '127.0.0.1', port },
    `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  )

withAuthority(
  'a name gets its certificate over the builtin gateway, and changes it under load without a failed request',
  async () => {
    const hsts = { maxAgeSeconds: 60, includeSubDomains: false, preload: false }
    const url = await attach('docs.example.com', { hsts })
    expect(url).toMatchObject({ url: `https://docs.example.com:${tlsPort}/`, https: { state: 'valid' } })
    expect(await shown('docs.example.com')).toBe(url.https.certificate?.fingerprint ?? '')
    expect((await plain('docs.example.com', '/a?b')).headers.get('location')).toBe(
      `https://docs.example.com:${tlsPort}/a?b`,
    )
    expect([names('challenges'), names('certificates')]).toEqual([[], [`${url.https.certificate?.id}.pem`]])

    const over = new AbortController()
    const certificates = new Set<string>()
    const seen = new Set<string>()
    const visitor = async (isKept: boolean) => {
      let kept = await KeptConnection.open(tlsPort, 'docs.example.com')
      while (!over.signal.aborted) {
        certificates.add(kept.certificate)
        seen.add((await kept.get('/')).toString())
        if (isKept) continue
        kept.end()
        kept = await KeptConnection.open(tlsPort, 'docs.example.com')
      }
      kept.end()
    }
    const visitors = [true, true, false, false].map(visitor)
    const renewed: Url[] = []
    for (let round = 0; round < 3; round++)
      renewed.push(await change('POST', `/urls/${url.id}/renew?wait=true`))
    await deploy('two')
    const ca = { ...makeCertificate(['A CA'], { isAuthority: true }), name: 'A CA' }
    const own = makeCertificate(['docs.example.com'], { issuer: ca })
    const brought = { certificate: own.chain + ca.chain, key: own.key }
    await change('POST', '/certificates', brought)
    const changed = await change('PATCH', `/urls/${url.id}?wait=true`, {
      https: 'own',
      minimumTls: 'TLSv1.3',
    })
    over.abort()
    await Promise.all(visitors)
    expect([...seen].toSorted()).toEqual(['one', 'two'])
    const fingerprints = [url, ...renewed, changed].map(({ https }) => https.certificate?.fingerprint ?? '')
    expect(new Set(fingerprints).size).toBe(5)
    expect([...certificates].filter((sha256) => !fingerprints.includes(sha256))).toEqual([])
    expect([await shown('docs.example.com'), own.sha256]).toEqual([own.sha256, fingerprints.at(-1) ?? ''])
    expect([names('challenges'), names('certificates')]).toEqual([
      [],
      [`${changed.https.certificate?.id}.pem`],
    ])

    await change('PATCH', `/urls/${url.id}?wait=true`, { https: 'none' })
    expect((await plain('docs.example.com')).body.toString()).toBe('two')
    expect(await shown('docs.example.com').catch(() => 'refused')).toBe('refused')
  },
  TIMEOUT_MS,
)

withAuthority(
  'redirects get certificates too, and what is taken away leaves nothing',
  async () => {
    const url = await attach('www.example.com', { kind: 'redirect', redirectTo: 'docs.example.com' })
    const at = { address: '127.0.0.1', port: tlsPort, sni: 'www.example.com' }
    const answer = await rawRequest(
      at,
      'GET /a HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n',
    )
    expect([answer.status, answer.headers.get('location')]).toEqual([
      308,
      `https://docs.example.com:${tlsPort}/a`,
    ])
    await ask('DELETE', `/urls/${url.id}?wait=true`)
    expect(await shown('www.example.com').catch(() => 'refused')).toBe('refused')
    expect([names('challenges'), names('builtin/hosts').includes('www.example.com.json')]).toEqual([
      [],
      false,
    ])
  },
  TIMEOUT_MS,
)

withAuthority(
  'a wildcard gets one by DNS, and an exact name below it keeps its own',
  async () => {
    const before = await named.dump()
    const wild = await attach('*.any.example.com', {})
    const exact = await attach('own.any.example.com', {})
    for (const name of ['x.any.example.com', 'y.any.example.com', 'a.b.any.example.com'])
      expect(await shown(name)).toBe(wild.https.certificate?.fingerprint ?? '')
    expect(await shown('own.any.example.com')).toBe(exact.https.certificate?.fingerprint ?? '')
    expect((await named.dump()).filter((line) => line.includes('_acme-challenge'))).toEqual([])
    for (const { id } of [exact, wild]) await ask('DELETE', `/urls/${id}?wait=true`)
    const records = (lines: string[]) => lines.filter((line) => !line.includes('\tSOA\t'))
    expect(records(await named.dump())).toEqual(records(before))
  },
  TIMEOUT_MS,
)
