import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { markerText } from '../../src/domain/dns/marker.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { planUrl } from '../../src/engine/url/preview.ts'
import { probeUrl } from '../../src/engine/url/probe.ts'
import { ADDRESS } from './outside-names.ts'
import { fail, hold, UrlStage } from './url-stage.ts'

let stage: UrlStage
beforeEach(async () => {
  stage = await new UrlStage().start()
})
afterEach(() => stage.stop())

const signal = new AbortController().signal
const names = () => stage.outside.names
const urls = () => stage.world.store.urls
const marker = (hostname: string, type = 'a') =>
  `_fairlead-${type}.${hostname} TXT ${markerText(stage.world.store.instance.id())}`
const recordsOf = (hostname: string) => [marker(hostname), `${hostname} A ${ADDRESS}`]
const foreign = { name: 'docs.example.com', type: 'A', ttlSeconds: 60, values: ['198.51.100.7'] }
const gone = new Fault('unavailable', 'It does not answer.')

/** Nothing is left of an attach, and the name is free for everybody. */
const requireNothing = (hostname: string): void => {
  expect(names().hosts.has(hostname)).toBe(false)
  expect(
    names()
      .dump()
      .filter((line) => line.includes('fairlead')),
  ).toEqual([])
  expect(urls().named(hostname)).toBeNull()
}

describe('attaching a URL', () => {
  test('puts up the site, writes marked records, and is told step by step', async () => {
    const { id, operationId } = stage.attach('Docs.Example.com.')
    const operation = await stage.ended(operationId)
    expect(operation).toMatchObject({ status: 'succeeded', kind: 'url-attach', serviceName: 'web' })
    expect(urls().required(id)).toMatchObject({
      hostname: 'docs.example.com',
      state: 'attached',
      site: 'empty',
      dns: { state: 'answered', records: [{ name: 'docs.example.com', type: 'A', values: [ADDRESS] }] },
      lastProbe: { ok: true },
    })
    expect(names().dump()).toEqual(recordsOf('docs.example.com'))
    const instance = stage.world.store.instance.id()
    expect(stage.log(operationId)).toEqual([
      'http://docs.example.com/ answers; nothing is deployed there yet.',
      `Wrote _fairlead-a.docs.example.com TXT fairlead=1 instance=${instance} (TTL 300 s) at "Memory", zone example.com.`,
      `Wrote docs.example.com A ${ADDRESS} (TTL 300 s) at "Memory", zone example.com.`,
      'ns1.example.com answers it.',
      'ns2.example.com answers it.',
      'The site answers from nothing yet.',
      'Done.',
    ])
    const [event] = stage.world.store.events.list({ limit: 1, after: 0 })
    expect(event).toMatchObject({ kind: 'url-attach.queued', data: { hostname: 'docs.example.com' } })
  })

  test('that answers by another kind: a redirect, a wildcard, and Fairlead itself', async () => {
    await stage.attached('www.example.com', {
      kind: 'redirect',
      redirectTo: 'https://Example.com/',
      redirectStatus: 301,
    })
    expect(await stage.visit('www.example.com', '/a?b')).toBe('https://example.com/a?b')
    await stage.attached('*.docs.example.com')
    expect(names().dump()).toContain(`*.docs.example.com A ${ADDRESS}`)
    expect(names().dump()).toContain(marker('_wildcard.docs.example.com'))
    const self = await stage.attached('fairlead.example.com', { kind: 'self', environmentId: null })
    expect(self).toMatchObject({ kind: 'self', serviceId: null, environmentId: null, state: 'attached' })
    expect(names().hosts.get('fairlead.example.com')).toMatchObject({ upstream: { port: 4750 } })
    const { serviceId, serviceName } = await stage.ended(self.operationId)
    expect([serviceId, serviceName]).toEqual([null, null])
  })

  test.each([
    ['localhost', 'reserved'],
    ['web.localhost', 'reserved'],
    ['site.invalid', 'reserved'],
  ])('N28 %s is nobody’s', (hostname) => {
    expect(() => stage.attach(hostname)).toThrow(hostname)
    expect(urls().count()).toBe(0)
  })

  test('a redirect that leads nowhere, or to itself, is refused', () => {
    const redirect = (redirectTo?: string) => () =>
      stage.attach('www.example.com', { kind: 'redirect', redirectTo })
    expect(redirect()).toThrow(/redirectTo is missing/)
    for (const target of ['www.example.com', 'https://WWW.example.com'])
      expect(redirect(target)).toThrow(/is the name itself/)
    for (const target of [
      '//evil.example',
      'javascript:alert(1)',
      'https://h/$uri',
      'example.com/path',
      '*.x.example',
    ])
      expect(redirect(target)).toThrow(Fault)
    expect(() => stage.attach('www.example.com', { redirectTo: 'example.com' })).toThrow(/for redirects only/)
    expect(urls().count()).toBe(0)
  })

  test('by hand says which records to make and waits for none; without DNS there are none', async () => {
    const byHand = await stage.attached('hand.example.com', { dnsMode: 'manual' })
    expect(byHand.dns).toMatchObject({ state: 'by-hand', providerId: null, records: [{ values: [ADDRESS] }] })
    expect(stage.log(byHand.operationId)).toContain(
      `Make the records of hand.example.com by hand: hand.example.com A ${ADDRESS}.`,
    )
    const { dns } = await stage.attached('intern.example.com', { dnsMode: 'none' })
    expect(dns).toMatchObject({ state: 'none', records: [] })
    expect(names().dump()).toEqual([])
    const detaching = stage.detach(byHand)
    expect((await stage.ended(detaching.operationId)).status).toBe('succeeded')
    expect(stage.log(detaching.operationId)).toContain(`Remove hand.example.com A ${ADDRESS} by hand.`)
  })

  test('D01 a name in no zone is refused, before anything is made', async () => {
    const { operationId } = stage.attach('docs.evil-example.com')
    expect(await stage.ended(operationId)).toMatchObject({
      status: 'failed',
      problem: { code: 'invalid', hint: expect.stringContaining('example.com') },
    })
    requireNothing('docs.evil-example.com')
  })

  test('D02 a record of somebody else is a conflict that shows it, and stays', async () => {
    names().put(foreign)
    const preview = await planUrl(
      stage.world,
      { hostname: 'docs.example.com', kind: 'site', environmentId: stage.environment().id, dnsMode: 'auto' },
      signal,
    )
    expect(preview).toMatchObject({ isPossible: false, dns: { conflicts: [{ values: ['198.51.100.7'] }] } })
    const { operationId } = stage.attach('docs.example.com')
    const { status, problem } = await stage.ended(operationId)
    expect([status, problem?.['code']]).toEqual(['failed', 'conflict'])
    expect(problem?.['detail']).toContain('198.51.100.7')
    expect(names().dump()).toEqual(['docs.example.com A 198.51.100.7'])
    requireNothing('docs.example.com')
  })

  test('D15 a record that comes between the look and the write stays, and the attach is put back', async () => {
    const { letGo, reached } = hold(stage.world.hosts, 'put')
    const { operationId } = stage.attach('docs.example.com')
    await reached
    names().put(foreign)
    letGo()
    const { status, problem } = await stage.ended(operationId)
    expect([status, problem?.['code']]).toEqual(['failed', 'conflict'])
    expect(names().dump()).toEqual(['docs.example.com A 198.51.100.7'])
    requireNothing('docs.example.com')
    expect(stage.log(operationId).join()).toContain('it stays as it is')
  })

  test('D15 another Fairlead that writes the same values first keeps them', async () => {
    const other = await new UrlStage().start()
    Object.assign(other.outside.names, { records: names().records })
    const { letGo, reached } = hold(stage.world.hosts, 'put')
    const { operationId } = stage.attach('docs.example.com')
    await reached
    await other.attached('docs.example.com')
    const stood = names().dump()
    letGo()
    expect((await stage.ended(operationId)).status).toBe('failed')
    expect(names().dump()).toEqual(stood)
    await other.stop()
  })

  test('D13 whatever fails, nothing is left of it, and the next try works', async () => {
    names().findings = [{ level: 'problem', message: 'NGINX is not there.', remedy: 'Install it.' }]
    const early = await stage.ended(stage.attach('docs.example.com').operationId)
    expect(early.problem).toMatchObject({ detail: 'NGINX is not there.', hint: 'Install it.' })
    names().findings = []
    const mendPut = fail(stage.world.hosts, 'put', gone)
    expect((await stage.ended(stage.attach('docs.example.com').operationId)).status).toBe('failed')
    requireNothing('docs.example.com')
    mendPut()
    names().stale = (server) => (server === 'ns2.example.com' ? null : [...names().records.values()])
    const late = await stage.ended(stage.attach('docs.example.com').operationId)
    expect(late.status).toBe('failed')
    expect(late.problem?.['detail']).toContain('ns2.example.com does not answer docs.example.com A')
    requireNothing('docs.example.com')
    names().stale = null
    const mendProbe = fail(stage.world.hosts.probe, 'ask', gone)
    const unseen = await stage.ended(stage.attach('docs.example.com').operationId)
    expect(unseen.problem?.['detail']).toContain('is not what visitors get')
    requireNothing('docs.example.com')
    mendProbe()
    await stage.attached('docs.example.com')
  })

  test('can be given up while a name server is waited for', async () => {
    const waiting = Promise.withResolvers<void>()
    stage.world.dns.ask = async () => {
      waiting.resolve()
      await new Promise((resolve) => setImmediate(resolve))
      return []
    }
    const { operationId } = stage.attach('docs.example.com')
    await waiting.promise
    stage.engine.queue.cancel(operationId ?? '', LOCAL_ACTOR)
    expect((await stage.ended(operationId)).status).toBe('cancelled')
    requireNothing('docs.example.com')
  })

  test('that can’t be put back is stuck, shows what stands, and is retried or detached', async () => {
    const mendProbe = fail(stage.world.hosts.probe, 'ask', gone)
    const mendDrop = fail(stage.world.hosts, 'drop', gone)
    const first = stage.attach('docs.example.com')
    expect(await stage.ended(first.operationId)).toMatchObject({ status: 'stuck' })
    expect(urls().required(first.id)).toMatchObject({ state: 'attaching', site: 'empty' })
    const second = stage.attach('blog.example.com')
    expect((await stage.ended(second.operationId)).status).toBe('stuck')
    mendProbe()
    mendDrop()
    stage.engine.acceptance.retry(first.operationId ?? '', LOCAL_ACTOR)
    expect((await stage.ended(first.operationId)).status).toBe('failed')
    requireNothing('docs.example.com')
    expect((await stage.ended(stage.detach(second).operationId)).status).toBe('succeeded')
    expect((await stage.ended(second.operationId)).status).toBe('failed')
    requireNothing('blog.example.com')
  })
})

describe('detaching a URL', () => {
  test('D12 takes the records away before the site, and holds the name', async () => {
    const url = await stage.attached('docs.example.com')
    const { reached, letGo } = hold(stage.world.hosts, 'drop')
    const { operationId } = stage.detach(url)
    await reached
    expect(names().dump()).toEqual([])
    expect(await stage.visit('docs.example.com')).toBe('404')
    expect(urls().required(url.id)).toMatchObject({ state: 'detaching', site: 'empty' })
    expect(() => stage.detach(url)).toThrow(/is detaching just now/)
    letGo()
    expect((await stage.ended(operationId)).status).toBe('succeeded')
    requireNothing('docs.example.com')
    expect(() => stage.attach('docs.example.com', { service: 'shop' })).toThrow(/was used by another service/)
    expect(() => stage.attach('*.example.com', { service: 'shop' })).toThrow(/was used by another service/)
    await stage.attached('docs.example.com')
  })

  test('D15 a record that somebody has changed is a conflict, and everything stays', async () => {
    const url = await stage.attached('docs.example.com')
    names().put(foreign)
    const { operationId } = stage.detach(url)
    const { status, problem } = await stage.ended(operationId)
    expect([status, problem?.['code']]).toEqual(['failed', 'conflict'])
    expect(names().dump()).toEqual([marker('docs.example.com'), 'docs.example.com A 198.51.100.7'])
    expect(urls().required(url.id)).toMatchObject({ state: 'attached', site: 'empty' })
    names().records.delete('docs.example.com A')
    expect((await stage.ended(stage.detach(url).operationId)).status).toBe('succeeded')
    requireNothing('docs.example.com')
  })

  test('D13 that fails puts the records back', async () => {
    const url = await stage.attached('docs.example.com')
    const mend = fail(stage.world.hosts, 'drop', gone)
    expect((await stage.ended(stage.detach(url).operationId)).status).toBe('failed')
    expect(names().dump()).toEqual(recordsOf('docs.example.com'))
    expect(urls().required(url.id)).toMatchObject({ state: 'attached', dns: { state: 'answered' } })
    mend()
    expect((await stage.ended(stage.detach(url).operationId)).status).toBe('succeeded')
  })

  test('waits until no name server leads people here, but not for one that is dead', async () => {
    const url = await stage.attached('docs.example.com')
    const before = [...names().records.values()]
    names().stale = (server) => (server === 'ns1.example.com' ? null : before)
    const lagging = await stage.ended(stage.detach(url).operationId)
    expect([lagging.status, lagging.problem?.['detail']]).toEqual([
      'failed',
      expect.stringContaining('ns2.example.com does not answer'),
    ])
    expect(names().dump()).toEqual(recordsOf('docs.example.com'))
    names().stale = (server) => (server === 'ns1.example.com' ? null : [...names().records.values()])
    expect((await stage.ended(stage.detach(url).operationId)).status).toBe('succeeded')
  })
})

test('a probe notes what gateway and name servers answer', async () => {
  const url = await stage.attached('docs.example.com')
  expect((await probeUrl(stage.world, url.id, signal)).lastProbe).toMatchObject({
    ok: true,
    detail: 'The site answers from nothing yet. The name servers answer its records.',
  })
  names().records.delete('docs.example.com A')
  expect(await probeUrl(stage.world, url.id, signal)).toMatchObject({
    dns: { state: 'pending' },
    lastProbe: {
      ok: false,
      detail: expect.stringContaining(
        `ns1.example.com does not answer docs.example.com A with ${ADDRESS}: it has nothing.`,
      ),
    },
  })
  names().hosts.delete('docs.example.com')
  expect((await probeUrl(stage.world, url.id, signal)).lastProbe).toMatchObject({
    ok: false,
    detail: expect.stringContaining('The site answers with status 404.'),
  })
})

test('two instances on one zone see each other and touch nothing of the other', async () => {
  const other = await new UrlStage().start()
  Object.assign(other.outside.names, { records: names().records })
  await stage.attached('docs.example.com')
  const stood = names().dump()
  const { status, problem } = await other.ended(other.attach('docs.example.com').operationId)
  expect(status).toBe('failed')
  expect(problem?.['detail']).toContain(
    `belongs to another Fairlead, whose id is ${stage.world.store.instance.id()}`,
  )
  expect(names().dump()).toEqual(stood)
  const shop = await other.attached('shop.example.com')
  expect((await other.ended(other.detach(shop).operationId)).status).toBe('succeeded')
  expect(names().dump()).toEqual(stood)
  await other.stop()
})
