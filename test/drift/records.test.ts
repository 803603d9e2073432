/** Hands at DNS records in real name servers: each is found, put back, taken over where it can be, and never overwritten. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout } from 'bun:test'
import { markerName, markerText } from '../../src/domain/dns/marker.ts'
import type { RecordSet } from '../../src/domain/dns/records.ts'
import { SCHEMA } from '../dns/pdns.ts'
import { has, needs } from '../needs.ts'
import { ADDRESS, changed, NamesStage, PRODUCTION, type ServerKind } from './names-stage.ts'

setDefaultTimeout(60_000)

const DOCS = 'docs.example.com'
const MARKER = '_fairlead-a.docs.example.com'
const OTHER = '198.51.100.7'
const KINDS: [kind: ServerKind, programs: string[]][] = [
  ['bind', ['nginx', 'named', 'nsupdate', 'dig']],
  ['powerdns', ['nginx', 'pdns_server', SCHEMA]],
]

for (const [kind, programs] of KINDS)
  describe(kind, () => {
    const withServers = needs(...programs)
    let stage: NamesStage
    let urlId: string
    let instance: string
    beforeAll(async () => {
      if (!programs.every(has)) return
      stage = await NamesStage.start(kind)
      const store = stage.store()
      instance = store.instance.id()
      store.close()
    })
    afterAll(() => stage?.stop())
    beforeEach(async () => {
      if (!stage) return
      const { items } = await stage.ok<{ items: { id: string }[] }>('GET', `${PRODUCTION}/urls`)
      for (const { id } of items) expect((await stage.detach(id)).status).toBe(200)
      urlId = (await stage.attach(DOCS)).id
      expect(await stage.look()).toEqual([])
    })

    const ours = { ttlSeconds: 300, values: [ADDRESS] }
    const set = () => stage.set(DOCS, 'A')
    const marker = () => stage.set(MARKER, 'TXT')
    const dnsOf = async () =>
      await stage.ok<{ dns: { mode: string; state: string; records: RecordSet[] } }>('GET', `/urls/${urlId}`)
    const isRestored = async () => {
      expect(await set()).toEqual({ name: DOCS, type: 'A', ...ours })
      expect((await marker())?.values).toEqual([markerText(instance)])
      expect(await stage.look()).toEqual([])
    }

    withServers('another value is found, put back, and taken over', async () => {
      await stage.byHand(DOCS, 'A', { ttlSeconds: 300, values: [OTHER] })
      const drift = await stage.found()
      expect(drift).toMatchObject({
        kind: 'record-changed',
        thing: `${DOCS} A`,
        environment: 'production',
        url: { hostname: DOCS },
        revertable: true,
        adoptable: true,
        why: null,
      })
      expect(changed(drift)).toEqual([`-${DOCS} A ${ADDRESS} (TTL 300 s)`, `+${DOCS} A ${OTHER} (TTL 300 s)`])
      await stage.done(drift, 'revert')
      await isRestored()
      await stage.byHand(DOCS, 'A', { ttlSeconds: 120, values: [ADDRESS, OTHER] })
      await stage.done(await stage.found(), 'adopt')
      expect(await stage.look()).toEqual([])
      expect((await dnsOf()).dns.records).toMatchObject([{ values: [OTHER, ADDRESS], ttlSeconds: 120 }])
      expect((await stage.deploy('two', '/*\n  X-Version: 2\n')).status).toBe(201)
      expect((await set())?.values).toEqual([OTHER, ADDRESS])
      expect(await stage.look()).toEqual([])
      expect((await stage.detach(urlId)).status).toBe(200)
      expect([await set(), await marker()]).toEqual([null, null])
    })

    withServers('another time to live counts as well', async () => {
      await stage.byHand(DOCS, 'A', { ttlSeconds: 60, values: [ADDRESS] })
      const drift = await stage.found()
      expect(changed(drift)).toEqual([
        `-${DOCS} A ${ADDRESS} (TTL 300 s)`,
        `+${DOCS} A ${ADDRESS} (TTL 60 s)`,
      ])
      await stage.done(drift, 'revert')
      await isRestored()
    })

    withServers('one that is gone is put back, or stays away for good', async () => {
      await stage.byHand(DOCS, 'A', null)
      const drift = await stage.found()
      expect(drift).toMatchObject({ kind: 'record-missing', revertable: true, adoptable: true })
      expect(changed(drift)).toEqual([`-${DOCS} A ${ADDRESS} (TTL 300 s)`])
      await stage.done(drift, 'revert')
      await isRestored()
      await stage.byHand(DOCS, 'A', null)
      await stage.done(await stage.found(), 'adopt')
      expect(await marker()).toBeNull()
      expect(await stage.look()).toEqual([])
      expect((await dnsOf()).dns).toMatchObject({ mode: 'none', state: 'none', records: [] })
      expect((await stage.detach(urlId)).status).toBe(200)
    })

    withServers('together with its marker it is one finding, and both come back', async () => {
      await stage.byHand(DOCS, 'A', null)
      await stage.byHand(MARKER, 'TXT', null)
      const drift = await stage.found()
      expect([drift.kind, changed(drift).length]).toEqual(['record-missing', 2])
      await stage.done(drift, 'revert')
      await isRestored()
    })

    withServers('a marker that is gone comes back where the record is still ours', async () => {
      await stage.byHand(MARKER, 'TXT', null)
      const drift = await stage.found()
      expect(drift).toMatchObject({ kind: 'record-marker', revertable: true, adoptable: false })
      await stage.done(drift, 'revert')
      await isRestored()
    })

    withServers('and nothing is touched where it is not: another value, another’s marker', async () => {
      await stage.byHand(MARKER, 'TXT', null)
      await stage.byHand(DOCS, 'A', { ttlSeconds: 300, values: [OTHER] })
      const gone = await stage.found()
      expect(gone).toMatchObject({ kind: 'record-marker', revertable: false, adoptable: false })
      expect((await stage.way(gone, 'revert')).status).toBe(409)
      await stage.byHand(MARKER, 'TXT', { ttlSeconds: 300, values: [markerText('another-fairlead')] })
      const others = await stage.found()
      expect(others).toMatchObject({ kind: 'record-marker', revertable: false })
      expect(others.why).toContain('another-fairlead')
      expect((await set())?.values).toEqual([OTHER])
      // As it was, by hand.
      await stage.byHand(DOCS, 'A', ours)
      await stage.byHand(MARKER, 'TXT', { ttlSeconds: 300, values: [markerText(instance)] })
      expect(await stage.look()).toEqual([])
    })

    withServers('what was changed once more since it was shown is not overwritten', async () => {
      await stage.byHand(DOCS, 'A', { ttlSeconds: 300, values: [OTHER] })
      const drift = await stage.found()
      await stage.byHand(DOCS, 'A', { ttlSeconds: 300, values: ['198.51.100.8'] })
      expect((await stage.way(drift, 'revert')).status).toBeGreaterThanOrEqual(400)
      expect((await set())?.values).toEqual(['198.51.100.8'])
      await stage.done(await stage.found(), 'revert')
      await isRestored()
    })

    withServers('an alias in the place of a record has to go first', async () => {
      await stage.byHand(DOCS, 'A', null)
      await stage.byHand(DOCS, 'CNAME', { ttlSeconds: 300, values: ['elsewhere.example.org'] })
      const drift = await stage.found()
      expect(drift).toMatchObject({ kind: 'record-missing', revertable: false, adoptable: true })
      expect(drift.why).toContain('CNAME')
      await stage.byHand(DOCS, 'CNAME', null)
      await stage.done(await stage.found(), 'revert')
      await isRestored()
    })

    withServers('a record of ours without a URL is shown with its marker, and both go', async () => {
      const left = { name: 'left.example.com', type: 'A' }
      const mark = markerName(left, 'example.com')
      await stage.byHand(left.name, 'A', { ttlSeconds: 300, values: [ADDRESS] })
      await stage.byHand(mark, 'TXT', { ttlSeconds: 300, values: [markerText(instance)] })
      const drift = await stage.found()
      expect(drift).toMatchObject({ kind: 'record-stray', thing: `${mark} TXT`, url: null, adoptable: false })
      expect(changed(drift)).toEqual([
        `+left.example.com A ${ADDRESS} (TTL 300 s)`,
        `+${mark} TXT ${markerText(instance)} (TTL 300 s)`,
      ])
      await stage.done(drift, 'revert')
      expect([await stage.set(left.name, 'A'), await stage.set(mark, 'TXT')]).toEqual([null, null])
      expect(await stage.look()).toEqual([])
    })

    withServers('of a server that is down nothing is known: nothing is found, and nothing ends', async () => {
      await stage.byHand(DOCS, 'A', { ttlSeconds: 300, values: [OTHER] })
      const drift = await stage.found()
      await stage.server.stop()
      const { items, failures } = await stage.ok<{ items: { id: string }[]; failures: { part: string }[] }>(
        'POST',
        '/drift/look',
      )
      expect(items).toMatchObject([{ id: drift.id }])
      expect(failures).toMatchObject([{ part: 'Names, zone example.com' }])
      await stage.server.up()
      expect(await stage.found()).toMatchObject({ id: drift.id, foundAt: drift.foundAt })
      await stage.done(drift, 'revert')
      await isRestored()
    })
  })
