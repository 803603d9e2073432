/** HTTPS of URLs: certificates of a CA and of one's own, changed and taken away, in the world in memory. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { OF_THE_DATA_FOLDER } from '../../src/engine/account/authority.ts'
import { deleteDnsProvider } from '../../src/engine/dns-providers.ts'
import { planHttps } from '../../src/engine/url/certificate/preview.ts'
import { HttpsStage } from './https-stage.ts'
import { PROVIDER } from './outside-names.ts'
import { fail, hold } from './url-stage.ts'

let stage: HttpsStage
beforeEach(async () => {
  stage = await new HttpsStage().start()
})
afterEach(() => stage.stop())

const tls = (hostname: string) => stage.outside.names.hosts.get(hostname)?.tls
const refused = (code: 'unavailable' | 'conflict', message: string, extra = {}) =>
  new Fault(code, message, { hint: 'Ask them.', extra })

describe('a URL with HTTPS', () => {
  test('is one operation: site, records, certificate, HTTPS, and asked for over TLS', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    expect(stage.https(url)).toMatchObject({ mode: 'auto', state: 'valid', problem: null })
    expect(tls('docs.example.com')).toEqual({
      certificate: url.https.certificateId ?? '',
      redirect: true,
      hsts: null,
      minimum: 'TLSv1.2',
    })
    expect(url.lastProbe?.detail).toMatch(/Over HTTPS .* Plain HTTP leads there/)
    stage.requireNoOrphans()
  })

  test('keeps its HTTPS over deployments, which are verified through it', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto', redirectToHttps: false })
    for (const headers of [null, '/*\n  X-Version: 2\n']) {
      const id = stage.deploy({ 'index.html': `with ${headers}` }, headers)
      expect((await stage.ended(id)).status).toBe('succeeded')
      expect(stage.log(id).join('\n')).toContain('https://docs.example.com/')
      expect(tls('docs.example.com')?.certificate).toBe(url.https.certificateId ?? '')
    }
    const [newest] = stage.world.store.deployments.list(stage.environment().id, { limit: 1, after: null })
    expect(newest?.urls).toContain('https://docs.example.com/')
  })

  test('is a wildcard by DNS, beside whatever stands at the name that the CA asks for', async () => {
    const foreign = { name: '_acme-challenge.example.com', type: 'TXT', ttlSeconds: 60, values: ['theirs'] }
    stage.outside.names.put(foreign)
    const url = await stage.attached('*.example.com', { https: 'auto' })
    expect(stage.https(url).certificate?.names).toEqual(['*.example.com'])
    expect(stage.log(url.operationId).join('\n')).toContain('Wrote _acme-challenge.example.com TXT')
    expect(stage.outside.names.records.get('_acme-challenge.example.com TXT')).toEqual(foreign)
  })

  test('asks for a name and a wildcard at the same time, which share the record', async () => {
    const [one, other] = [
      stage.attach('example.com', { https: 'auto', dnsMode: 'none' }),
      stage.attach('*.example.com', { https: 'auto', service: 'shop' }),
    ]
    stage.world.store.settings.put('certificates', {
      ...stage.world.store.settings.read().certificates,
      challenge: 'dns-01',
    })
    for (const { operationId } of [one, other])
      expect((await stage.ended(operationId)).status).toBe('succeeded')
    stage.requireNoOrphans()
  })

  test('goes when it is detached, and leaves nothing', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    expect((await stage.ended(stage.detach(url).operationId)).status).toBe('succeeded')
    await stage.engine.certificates.sweep()
    stage.requireNoOrphans()
    const row = stage.world.store.certificates.find(url.https.certificateId ?? '')
    expect(row).toMatchObject({ key: null, supersededAt: stage.at })
  })
})

describe('what keeps a name from a certificate is said before anything is changed', () => {
  const attachFails = async (hostname: string, wish: Parameters<HttpsStage['attach']>[1]) => {
    const { problem, status } = await stage.ended(stage.attach(hostname, wish).operationId)
    expect(status).toBe('failed')
    expect(stage.outside.names.hosts.size).toBe(0)
    expect(stage.outside.authority.calls).toEqual([])
    return `${String(problem?.['detail'])} ${String(problem?.['hint'])}`
  }

  test('no CA is set up', async () => {
    const { certificates } = stage.world.store.settings.read()
    stage.world.store.settings.put('certificates', { ...certificates, termsAgreed: false })
    expect(await attachFails('docs.example.com', { https: 'auto' })).toMatch(
      /No CA is set up.*agree to its terms/,
    )
  })

  test('a wildcard over HTTP', async () => {
    const { certificates } = stage.world.store.settings.read()
    stage.world.store.settings.put('certificates', { ...certificates, challenge: 'http-01' })
    expect(await attachFails('*.example.com', { https: 'auto' })).toMatch(/No CA takes HTTP for a wildcard/)
  })

  test('a wildcard in a zone that nobody here writes', async () => {
    const text = await attachFails('*.elsewhere.test', { https: 'auto', dnsMode: 'none' })
    expect(text).toMatch(/_acme-challenge\.elsewhere\.test/)
  })

  test('no own certificate covers it', async () => {
    expect(await attachFails('docs.example.com', { https: 'own' })).toMatch(/fairlead certificate add/)
  })
})

describe('a CA that does not give a certificate leaves nothing behind, and says why', () => {
  const FAULTS: [call: string, fault: Fault][] = [
    ['openAccount', refused('conflict', 'externalAccountRequired')],
    ['order', refused('unavailable', 'too many', { retryAt: Date.UTC(2026, 0, 1, 2) })],
    ['readOrder', refused('unavailable', 'status 500')],
    ['validate', refused('conflict', 'connection refused at 203.0.113.5')],
    ['finalize', refused('unavailable', 'orderNotReady')],
  ]
  for (const [call, fault] of FAULTS)
    test(`${call}: ${fault.message}`, async () => {
      stage.outside.authority.refuses = (asked) => (asked === call ? fault : null)
      const { operationId } = stage.attach('docs.example.com', { https: 'auto' })
      expect(await stage.ended(operationId)).toMatchObject({
        status: 'failed',
        problem: { detail: fault.message },
      })
      expect(stage.outside.names.hosts.size).toBe(0)
      stage.requireNoOrphans()
    })

  test('one that wants to be left alone is left alone, for all names', async () => {
    const { authority } = stage.outside
    const retryAt = stage.at + 3_600_000
    authority.refuses = (call) => (call === 'order' ? refused('unavailable', '429', { retryAt }) : null)
    await stage.ended(stage.attach('docs.example.com', { https: 'auto' }).operationId)
    const asked = authority.calls.length
    for (const name of ['a', 'b', 'c']) {
      const { operationId } = stage.attach(`${name}.example.com`, { https: 'auto' })
      expect((await stage.ended(operationId)).problem).toMatchObject({
        detail: expect.stringContaining('wants to be left alone until 2026-01-01T01:00'),
      })
    }
    expect(authority.calls.length).toBe(asked)
    authority.refuses = null
    stage.at = retryAt + 1
    await stage.attached('docs.example.com', { https: 'auto' })
  })
})

describe('a change', () => {
  test('turns HTTPS on, changes its ways without the CA, and turns it off', async () => {
    const url = await stage.attached('docs.example.com')
    expect((await stage.change(url, { https: 'auto' })).status).toBe('succeeded')
    const asked = stage.outside.authority.calls.length
    const hsts = { maxAgeSeconds: 300, includeSubDomains: false, preload: false }
    expect((await stage.change(url, { hsts, minimumTls: 'TLSv1.3' })).status).toBe('succeeded')
    expect(tls('docs.example.com')).toMatchObject({ hsts, minimum: 'TLSv1.3', redirect: true })
    expect(stage.outside.authority.calls.length).toBe(asked)
    expect((await stage.change(url, { https: 'none' })).status).toBe('succeeded')
    expect(stage.https(url)).toMatchObject({ state: 'none', certificate: null, renewAt: null })
    expect(stage.outside.names.hosts.get('docs.example.com')).not.toHaveProperty('tls')
    stage.requireNoOrphans()
  })

  test('that comes to nothing leaves the old certificate at work, and a problem', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const before = stage.https(url).certificate
    stage.outside.authority.refuses = () => refused('unavailable', 'The CA does not answer.')
    expect((await stage.renew(url)).status).toBe('failed')
    expect(stage.https(url)).toMatchObject({
      state: 'valid',
      certificate: before,
      problem: { message: 'The CA does not answer.', hint: 'Ask them.' },
    })
    expect(tls('docs.example.com')?.certificate).toBe(before?.id ?? '')
    stage.requireNoOrphans()
    stage.outside.authority.refuses = null
    expect((await stage.renew(url)).status).toBe('succeeded')
    expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
    expect(stage.https(url).certificate?.id).not.toBe(before?.id)
    stage.requireNoOrphans()
  })

  test('is made by a CA that has forgotten who we are, with the account opened anew', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const { authority } = stage.outside
    authority.accounts.clear()
    authority.orders.clear()
    expect((await stage.renew(url)).status).toBe('succeeded')
    expect(authority.accounts.size).toBe(1)
    expect(authority.calls.filter((call) => call === 'openAccount').length).toBe(2)
    stage.requireNoOrphans()
  })

  test('is put back when visitors do not get what was put up', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const before = url.https.certificateId
    const { probe } = stage.world.hosts
    const ask = probe.ask.bind(probe)
    probe.ask = async (request) => ({ ...(await ask(request)), certificateSha256: 'ab'.repeat(32) })
    expect(await stage.renew(url)).toMatchObject({ status: 'failed' })
    expect(stage.https(url).problem?.message).toMatch(/instead of/)
    expect(tls('docs.example.com')?.certificate).toBe(before ?? '')
    stage.requireNoOrphans()
  })

  test('that got stuck puts nothing back over what was changed since', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const mend = fail(stage.world.hosts, 'put', refused('unavailable', 'NGINX is broken.'))
    const stuck = await stage.renew(url)
    expect(stuck.status).toBe('stuck')
    mend()
    expect((await stage.renew(url)).status).toBe('succeeded')
    const hsts = { maxAgeSeconds: 600, includeSubDomains: false, preload: false }
    expect((await stage.change(url, { hsts })).status).toBe('succeeded')
    const { certificate } = stage.https(url)
    stage.engine.acceptance.retry(stuck.id, LOCAL_ACTOR)
    expect((await stage.ended(stuck.id)).status).toBe('failed')
    expect(stage.https(url)).toMatchObject({ certificate, hsts, state: 'valid' })
    expect(tls('docs.example.com')).toMatchObject({ certificate: certificate?.id, hsts })
    await stage.engine.certificates.sweep()
    stage.requireNoOrphans()
  })

  test('to HSTS for names below warns of those that have no HTTPS', async () => {
    await stage.attached('plain.docs.example.com', { service: 'shop' })
    await stage.attached('nodocs.example.com')
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const hsts = { maxAgeSeconds: 600, includeSubDomains: true, preload: false }
    const { id } = await stage.change(url, { hsts })
    const warning = expect.stringMatching(
      /below docs\.example\.com .*: 1 URL below it has no HTTPS of its own/,
    )
    expect(stage.log(id)).toContainEqual(warning)
    const wish = { hostname: 'docs.example.com', https: { mode: 'auto', redirect: true, hsts } as const }
    const signal = new AbortController().signal
    const planned = { ...wish, https: { ...wish.https, minimumTls: 'TLSv1.2' as const } }
    expect((await planHttps(stage.world, planned, signal)).notes).toContainEqual(warning)
    expect(stage.log((await stage.change(url, { hsts: null })).id)).not.toContainEqual(warning)
  })

  test('away from HTTPS warns of browsers that were told HSTS', async () => {
    const hsts = { maxAgeSeconds: 600, includeSubDomains: false, preload: false }
    const url = await stage.attached('docs.example.com', { https: 'auto', hsts })
    const warning = expect.stringMatching(/nothing but HTTPS for docs\.example\.com \(HSTS, 600 s\)/)
    expect(stage.log((await stage.change(url, { minimumTls: 'TLSv1.3' })).id)).not.toContainEqual(warning)
    expect(stage.log((await stage.change(url, { https: 'none' })).id)).toContainEqual(warning)
    expect(tls('docs.example.com')).toBeUndefined()
  })

  test('keeps the DNS provider that writes for it, until its end', async () => {
    const url = await stage.attached('*.example.com', { https: 'none', dnsMode: 'none' })
    const { reached, letGo } = hold(stage.world.certificates, 'put')
    const changing = stage.change(url, { https: 'auto' })
    await reached
    const remove = () => deleteDnsProvider(stage.world, OF_THE_DATA_FOLDER, PROVIDER)
    expect(remove).toThrow(/operation writes there/)
    letGo()
    expect((await changing).status).toBe('succeeded')
    expect(remove().id).toBe(PROVIDER)
  })

  test('is not made to what is being detached', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    stage.detach(url)
    expect(() => stage.change(url, { https: 'none' })).toThrow(/detaching/)
  })
})

test('nothing of a key is told by rows, logs and events', async () => {
  const url = await stage.attached('docs.example.com', { https: 'auto' })
  await stage.renew(url)
  const { store } = stage.world
  const told = JSON.stringify([
    store.events.list({ limit: 500, after: 0 }),
    store.operations.list({ limit: 10, after: null }),
    stage.log(url.operationId),
  ])
  for (const { key } of stage.outside.certificates.pems.values())
    for (const line of key.split('\n').filter((text) => text.length > 20)) expect(told).not.toContain(line)
  const sealed = store.db.all<{ key: string }>('SELECT key FROM acme_accounts')
  for (const [key] of stage.outside.authority.accounts)
    expect(sealed[0]?.key).not.toContain(key.slice(40, 80))
})
