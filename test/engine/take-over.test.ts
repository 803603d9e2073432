/** Names that somebody else's files answer for become URLs together, or not at all. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { takeOverUrls } from '../../src/engine/url/take-over-wish.ts'
import type { OperationRow } from '../../src/store/operations.ts'
import { fail, hold, UrlStage } from './url-stage.ts'

const FILE = '/etc/nginx/sites-enabled/docs'
const NAMES = ['docs.example.com', 'www.example.com']

let stage: UrlStage
beforeEach(async () => {
  stage = await new UrlStage().start()
  stage.outside.names.foreign.set(FILE, NAMES)
})
afterEach(() => stage.stop())

function takeOver(files = [FILE]): OperationRow {
  const environmentId = stage.environment().id
  const site = { hostname: NAMES[0] ?? '', kind: 'site', environmentId, dnsMode: 'none' } as const
  const redirect = {
    ...site,
    hostname: NAMES[1] ?? '',
    kind: 'redirect',
    redirectTo: 'docs.example.com',
  } as const
  return takeOverUrls(stage.engine, { files, withCatchAll: false, urls: [site, redirect] }, LOCAL_ACTOR)
}

const stands = (): { foreign: string[]; hosts: string[]; urls: string[] } => ({
  foreign: [...stage.outside.names.foreign.keys()],
  hosts: [...stage.outside.names.hosts.keys()].toSorted(),
  urls: stage.world.store.urls.list({ limit: 10, after: null }).map(({ state }) => state),
})
const AS_BEFORE = { foreign: [FILE], hosts: [], urls: [] }
const TAKEN = { foreign: [], hosts: NAMES, urls: ['attached', 'attached'] }

describe('a take-over', () => {
  test('makes URLs of all names of a file, and no DNS record', async () => {
    await stage.ended(stage.deploy({ 'index.html': 'ours' }))
    const dns = stage.outside.names.dump()
    const { status } = await stage.ended(takeOver().id)
    expect(status).toBe('succeeded')
    expect(stands()).toEqual(TAKEN)
    expect(await stage.visit('docs.example.com')).toBe('200 ours')
    expect(await stage.visit('www.example.com', '/a')).toBe('http://docs.example.com/a')
    expect(stage.outside.names.dump()).toEqual(dns)
  })

  test('says where its files lie when a name goes again', async () => {
    await stage.ended(takeOver().id)
    const row = stage.world.store.urls.named('docs.example.com')
    if (!row) throw new Error('it is attached')
    const { operationId } = stage.detach(row)
    expect((await stage.ended(operationId)).status).toBe('succeeded')
    expect(stage.log(operationId).join('\n')).toContain(`it is kept as /taken-over${FILE}`)
  })

  test('of files with other names beside these leaves all as it was', async () => {
    stage.outside.names.foreign.set(FILE, [...NAMES, 'shop.example.com'])
    const { status, problem } = await stage.ended(takeOver().id)
    expect({ status, code: problem?.['code'] }).toEqual({ status: 'failed', code: 'conflict' })
    expect(stands()).toEqual(AS_BEFORE)
  })

  test('that is not what visitors get is given back', async () => {
    fail(stage.world.hosts.probe, 'ask', new Error('nobody answers'))
    expect((await stage.ended(takeOver().id)).status).toBe('failed')
    expect(stands()).toEqual(AS_BEFORE)
  })

  test('claims its names while it runs, and waits for nobody who comes later', async () => {
    const { reached, letGo } = hold(stage.world.hosts, 'takeOver')
    const { id } = takeOver()
    await reached
    expect(() => takeOver()).toThrow(/docs\.example\.com/)
    // A deployment that ends before the sites are put, and brings other rules.
    await stage.ended(stage.deploy({ 'index.html': 'newer' }, '/*\n  X-A: 1\n'))
    letGo()
    expect((await stage.ended(id)).status).toBe('succeeded')
    expect(await stage.visit('docs.example.com')).toBe('200 newer')
  })

  for (const at of ['planTakeOver', 'takeOver'] as const)
    test(`that the end of the program meets in ${at} goes on at the next start`, async () => {
      const { reached, letGo } = hold(stage.world.hosts, at)
      const { id } = takeOver()
      await reached
      const stopped = stage.restart()
      letGo()
      await stopped
      expect((await stage.ended(id)).status).toBe('succeeded')
      expect(stands()).toEqual(TAKEN)
    })
})
