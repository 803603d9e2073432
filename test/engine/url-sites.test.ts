/** URLs beside everything else: deployments, deletions, the sweep, a restore. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/environment.ts'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { OF_THE_DATA_FOLDER } from '../../src/engine/account/authority.ts'
import { deleteDnsProvider } from '../../src/engine/dns-providers.ts'
import { takeOver } from '../../src/engine/restore.ts'
import { changeSettings } from '../../src/engine/settings.ts'
import { PROVIDER } from './outside-names.ts'
import { fail, hold, UrlStage } from './url-stage.ts'

let stage: UrlStage
beforeEach(async () => {
  stage = await new UrlStage().start()
})
afterEach(() => stage.stop())

const names = () => stage.outside.names
const page = (text: string) => ({ 'index.html': text })
const NEW_RULES = '/*\n  X-Version: 2\n'
const deployed = async (...given: Parameters<UrlStage['deploy']>) => {
  const id = stage.deploy(...given)
  return { ...(await stage.ended(id)), id }
}
const urlsOf = (id: string) => stage.world.store.deployments.required(id).urls
/** Counts how often the gateway of URLs is told something. */
function countPuts(): () => number {
  const { hosts } = stage.world
  const put = hosts.put.bind(hosts)
  let count = 0
  hosts.put = async (...given) => {
    count++
    await put(...given)
  }
  return () => count
}

describe('a deployment', () => {
  test('is seen under every URL, and the first one makes the empty site a real one', async () => {
    const url = await stage.attached('docs.example.com')
    await stage.attached('*.docs.example.com')
    expect(await stage.visit('docs.example.com')).toBe('404')
    const { id, status } = await deployed(page('one'))
    expect(status).toBe('succeeded')
    expect(await stage.visit('docs.example.com')).toBe('200 one')
    expect(await stage.visit('a.docs.example.com')).toBe('200 one')
    expect(urlsOf(id)).toEqual([
      'http://production.web.localhost/',
      'http://docs.example.com/',
      'http://*.docs.example.com/',
    ])
    expect(stage.world.store.urls.required(url.id).site).toBe('up')
  })

  test('with equal rules tells the gateway nothing; with new ones it puts all sites and drops the old link', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    await stage.attached('www.example.com', { kind: 'redirect', redirectTo: 'docs.example.com' })
    await stage.attached('blog.example.com')
    const puts = countPuts()
    await deployed(page('two'))
    expect([puts(), await stage.visit('blog.example.com')]).toEqual([0, '200 two'])
    await deployed(page('three'), NEW_RULES)
    expect([puts(), await stage.visit('blog.example.com')]).toEqual([2, '200 three'])
    expect(stage.outside.links.size).toBe(1)
  })

  test('keeps what visitors of an old configuration get until they are gone', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    names().isSettled = false
    const { id } = await deployed(page('two'), NEW_RULES)
    expect(stage.log(id)).toContain(
      'Some visitors are still answered as before; what they get stays until they are gone.',
    )
    expect([stage.outside.links.size, stage.outside.trees.size]).toEqual([2, 2])
    await stage.restart()
    expect([stage.outside.links.size, stage.outside.trees.size]).toEqual([2, 2])
    names().isSettled = true
    while (stage.outside.trees.size > 1) await new Promise((resolve) => setImmediate(resolve))
    expect([stage.outside.links.size, await stage.visit('docs.example.com')]).toEqual([1, '200 two'])
  })

  test('back to the rules whose link still waits keeps that link', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    names().isSettled = false
    await deployed(page('two'), NEW_RULES)
    await deployed(page('three'))
    names().isSettled = true
    while (stage.outside.links.size > 1) await new Promise((resolve) => setImmediate(resolve))
    expect(await stage.visit('docs.example.com')).toBe('200 three')
    await stage.restart()
    expect(stage.outside.trees.size).toBe(1)
  })

  test('that a URL answers wrongly is put back under all of them', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    const { probe } = stage.world.hosts
    const ask = probe.ask.bind(probe)
    probe.ask = async (request) => {
      const answer = await ask(request)
      return answer.body.toString() === 'two' ? { ...answer, sha256: 'other' } : answer
    }
    const { status, problem } = await deployed(page('two'), NEW_RULES)
    expect([status, problem?.['detail']]).toEqual([
      'reverted',
      expect.stringContaining('index.html is not what visitors get'),
    ])
    probe.ask = ask
    expect(await stage.visit('docs.example.com')).toBe('200 one')
    expect(stage.outside.links.size).toBe(1)
  })

  test('whose sites can not be put is put back', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    const { hosts } = stage.world
    const put = hosts.put.bind(hosts)
    hosts.put = async (hostname, site, signal) => {
      if (site.kind === 'site' && site.site?.rules.headers.length)
        throw new Fault('unavailable', 'The gateway is gone.')
      await put(hostname, site, signal)
    }
    expect(await deployed(page('two'), NEW_RULES)).toMatchObject({
      status: 'failed',
      problem: { detail: 'The gateway is gone.' },
    })
    expect(await stage.visit('docs.example.com')).toBe('200 one')
  })

  test('does not count a URL that answered nothing before, and says so', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    const mend = fail(stage.world.hosts.probe, 'ask', new Error('nobody listens'))
    const { id, status } = await deployed(page('two'))
    mend()
    expect([status, urlsOf(id)]).toEqual(['succeeded', ['http://production.web.localhost/']])
    expect(stage.log(id).join()).toContain(
      'http://docs.example.com/ does not answer (no answer: nobody listens)',
    )
  })

  test('leaves a site that was changed by hand alone, and stops before its rules change', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    const puts = countPuts()
    names().changed.add('docs.example.com')
    const equal = await deployed(page('two'))
    expect([puts(), stage.log(equal.id).join()]).toEqual([
      0,
      expect.stringContaining('The site of docs.example.com was changed by hand: it stays as it is.'),
    ])
    await stage.restart()
    expect(puts()).toBe(0)
    const other = await deployed(page('three'), NEW_RULES)
    expect(other).toMatchObject({
      status: 'failed',
      problem: {
        code: 'conflict',
        detail: expect.stringContaining(
          '/nginx/docs.example.com.conf was changed by hand: other rules would overwrite it (finding ',
        ),
        hint: expect.stringMatching(/fairlead drift show .*fairlead drift revert/),
      },
    })
    expect(stage.world.store.drifts.open()).toMatchObject([
      { kind: 'site-text', hostname: 'docs.example.com' },
    ])
    expect(puts()).toBe(0)
    expect(await stage.visit('docs.example.com')).toBe('200 two')
  })

  test('heals a site that somebody took away', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    names().hosts.delete('docs.example.com')
    await deployed(page('two'))
    expect(await stage.visit('docs.example.com')).toBe('200 two')
  })
})

test('new settings reach the URLs', async () => {
  await deployed(page('one'))
  await stage.attached('docs.example.com')
  const settings = { ...DEFAULT_SETTINGS, notFoundHandling: 'single-page-application' } as const
  const id = stage.engine.acceptance.changeSettings(stage.environment().id, settings, LOCAL_ACTOR)
  expect((await stage.ended(id)).status).toBe('succeeded')
  expect(names().hosts.get('docs.example.com')).toMatchObject({
    site: { rules: { settings: { notFoundHandling: 'single-page-application' } } },
  })
})

describe('a deletion', () => {
  test('D12 takes the records away first, then the sites, and holds the names', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    await stage.attached('www.example.com', { kind: 'redirect', redirectTo: 'docs.example.com' })
    const { reached, letGo } = hold(stage.world.hosts, 'drop')
    const id = stage.engine.acceptance.deleteEnvironment(stage.environment().id, LOCAL_ACTOR)
    await reached
    expect(names().dump()).toEqual([])
    expect(await stage.visit('docs.example.com')).toBe('200 one')
    expect(stage.world.store.urls.named('docs.example.com')?.state).toBe('detaching')
    letGo()
    expect((await stage.ended(id)).status).toBe('succeeded')
    expect([names().hosts.size, stage.world.store.urls.count(), stage.outside.links.size]).toEqual([0, 0, 0])
    expect(() => stage.attach('www.example.com', { service: 'shop' })).toThrow(/was used by another service/)
  })

  test('that finds a record changed by hand keeps everything', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    await stage.attached('blog.example.com')
    names().put({ name: 'blog.example.com', type: 'A', ttlSeconds: 60, values: ['198.51.100.7'] })
    const stood = names().dump()
    const id = stage.engine.acceptance.deleteService(stage.world.store.services.named('web'), LOCAL_ACTOR)
    expect(await stage.ended(id)).toMatchObject({ status: 'failed', problem: { code: 'conflict' } })
    expect(names().dump()).toEqual(stood)
    expect(await stage.visit('docs.example.com')).toBe('200 one')
    expect(stage.world.store.urls.of(stage.environment().id).map(({ state }) => state)).toEqual([
      'attached',
      'attached',
    ])
  })

  test('that fails half way puts sites and records back', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    const stood = names().dump()
    const mend = fail(stage.world.links, 'drop', new Fault('unavailable', 'The disk is gone.'))
    const id = stage.engine.acceptance.deleteEnvironment(stage.environment().id, LOCAL_ACTOR)
    expect((await stage.ended(id)).status).toBe('reverted')
    mend()
    expect(names().dump()).toEqual(stood)
    expect(await stage.visit('docs.example.com')).toBe('200 one')
    expect(stage.world.store.urls.named('docs.example.com')).toMatchObject({ state: 'attached', site: 'up' })
  })
})

describe('a start', () => {
  test('puts back sites that do not stand, and takes down those that belong to no URL', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    await stage.attached('www.example.com', { kind: 'redirect', redirectTo: 'docs.example.com' })
    await stage.attached('shop.example.com', { service: 'shop' })
    await stage.attached('fairlead.example.com', { kind: 'self', environmentId: null })
    const stood = structuredClone(names().hosts)
    names().hosts.clear()
    names().hosts.set('stray.example.com', { kind: 'self', upstream: { hostname: '127.0.0.1', port: 1 } })
    await stage.restart()
    expect(Object.fromEntries(names().hosts)).toEqual(Object.fromEntries(stood))
  })

  test('of a restored instance touches neither gateway nor DNS before takeover, and puts the sites after it', async () => {
    await deployed(page('one'))
    await stage.attached('docs.example.com')
    const url = await stage.attached('www.example.com', { kind: 'redirect', redirectTo: 'docs.example.com' })
    const records = names().dump()
    stage.world.store.instance.setStandingBy(true)
    for (const map of [names().hosts, stage.outside.sites, stage.outside.links]) map.clear()
    const { hosts } = stage.world
    const mends = (['put', 'drop'] as const).map((name) =>
      fail(hosts, name, new Error('touched while standing by')),
    )
    await stage.restart()
    expect(stage.outside.answer(stage.environment().id, '/').body).toBe('one')
    expect(names().hosts.size).toBe(0)
    expect(() => stage.detach(url)).toThrow(/standing by/)
    expect(() => stage.attach('x.example.com')).toThrow(/standing by/)
    for (const mend of mends) mend()
    takeOver(stage.world)
    while (names().hosts.size < 2) await new Promise((resolve) => setImmediate(resolve))
    await stage.allEnded()
    expect(await stage.visit('docs.example.com')).toBe('200 one')
    expect(await stage.visit('www.example.com')).toBe('http://docs.example.com/')
    expect(names().dump()).toEqual(records)
  })
})

describe('settings that URLs stand on', () => {
  test('are not changed under them', async () => {
    const url = await stage.attached('docs.example.com')
    const change = () => changeSettings(stage.world, OF_THE_DATA_FOLDER, { gateway: { kind: 'nginx' } })
    expect(change).toThrow('1 URL is attached: their sites lie where this setting says.')
    expect(() => deleteDnsProvider(stage.world, OF_THE_DATA_FOLDER, PROVIDER)).toThrow('1 URL has records at')
    changeSettings(stage.world, OF_THE_DATA_FOLDER, { gateway: { nginx: { reload: ['/bin/true'] } } })
    await stage.ended(stage.detach(url).operationId)
    expect(change().gateway.kind).toBe('nginx')
    expect(() => deleteDnsProvider(stage.world, OF_THE_DATA_FOLDER, 'another')).toThrow(
      /There is no DNS provider/,
    )
    deleteDnsProvider(stage.world, OF_THE_DATA_FOLDER, PROVIDER)
  })
})
