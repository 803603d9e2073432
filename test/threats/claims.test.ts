/** N07, N08, N21 to N23, N28, D19: whose a host name is. */
import { afterAll, afterEach, beforeAll, describe, expect } from 'bun:test'
import { hostname as machineName } from 'node:os'
import { GATEWAYS, OWN_NAME, refused, Town, urlsOf } from './town.ts'

let town: Town

/** And nobody remembers any more whose names they were. */
async function cleared(): Promise<void> {
  await town.clear()
  town.pass(86_400_000)
}

const USED = 'is used by another service'

for (const { gateway, it, once, isHere } of GATEWAYS)
  describe(`where visitors are answered by ${gateway}`, () => {
    beforeAll(async () => {
      if (isHere) town = await Town.start(gateway)
    })
    afterEach(async () => {
      if (isHere) await cleared()
    })
    afterAll(async () => {
      if (isHere) await town.stop()
    })

    describe("N07 a name that is another service's", () => {
      /** Spellings of bücher.example.com. */
      const spellings = [
        'bücher.example.com',
        'BÜCHER.EXAMPLE.COM',
        'bücher.example.com.',
        'bu\u{308}cher.example.com',
        'xn--bcher-kva.example.com',
        'XN--BCHER-KVA.example.com',
        'ｂücher.example.com',
        'bücher。example．com',
        'bü\u{ad}cher.example.com',
      ]

      once('in any spelling', async () => {
        await town.attached('web', 'bücher.example.com')
        const before = await town.state()
        for (const hostname of spellings) {
          refused(await town.claim('docs', { hostname }), 409, USED)
          refused(
            await town.claim('docs', { hostname, kind: 'redirect', redirectTo: 'example.org' }),
            409,
            USED,
          )
          refused(await town.ask(town.bob, `POST ${urlsOf('docs')}/plan`, { json: { hostname } }), 409, USED)
          refused(
            await town.ask(town.owner, 'POST /urls?wait=true', { json: { kind: 'self', hostname } }),
            409,
            USED,
          )
        }
        await town.unchanged(before)
        expect((await town.visit('xn--bcher-kva.example.com')).body).toContain('web')
      })

      once('in this service already', async () => {
        await town.attached('web', 'a.example.com')
        const before = await town.state()
        for (const hostname of ['a.example.com', 'A.example.com.'])
          refused(await town.claim('web', { hostname }), 409, 'is a URL of this service already')
        await town.unchanged(before)
      })

      it('below its wildcard', async () => {
        await town.attached('web', '*.example.com')
        const before = await town.state()
        for (const hostname of [
          'a.example.com',
          'A.B.example.com.',
          '*.a.example.com',
          'bücher.example.com',
          '*.example.com',
        ])
          refused(await town.claim('docs', { hostname }), 409, USED)
        await town.unchanged(before)
        await town.attached('docs', 'example.com')
        await town.attached('docs', 'evil-example.com')
        await town.attached('web', 'a.example.com')
      })

      once('while resolvers remember that it was', async () => {
        await town.ask(town.owner, 'PATCH /settings', {
          json: { dns: { addresses: ['203.0.113.5'], ttlSeconds: 600 } },
        })
        const id = await town.attached('web', 'moved.example.com')
        expect((await town.ask(town.ann, `DELETE /urls/${id}?wait=true`)).status).toBeLessThan(300)
        const before = await town.state()
        for (const hostname of ['moved.example.com', 'MOVED.example.com.', '*.example.com'])
          refused(await town.claim('docs', { hostname }), 409, 'was used by another service until lately')
        await town.unchanged(before)
        town.pass(599_000)
        refused(await town.claim('docs', { hostname: 'moved.example.com' }), 409)
        await town.attached('web', 'moved.example.com')
        await cleared()
        await town.attached('docs', 'moved.example.com')
        expect((await town.visit('moved.example.com')).body).toContain('docs')
      })

      once('when its service or environment is gone, for as long', async () => {
        await town.ask(town.owner, 'POST /services/web/environments', { json: { name: 'short' } })
        const path = '/services/web/environments/short'
        const json = { hostname: 'gone.example.com' }
        expect((await town.ask(town.ann, `POST ${path}/urls?wait=true`, { json })).status).toBe(201)
        expect((await town.ask(town.owner, `DELETE ${path}?wait=true`)).status).toBeLessThan(300)
        expect((await town.visit('gone.example.com')).status).toBe(404)
        refused(await town.claim('docs', json), 409, 'until lately')
        town.pass(86_400_000)
        await town.attached('docs', 'gone.example.com')
      })

      once('fifty at the same time: one has it', async () => {
        const spelled = (at: number) => spellings[at % spellings.length] ?? ''
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, at) =>
            town.claim(at % 2 === 0 ? 'web' : 'docs', { hostname: spelled(at) }),
          ),
        )
        const winners = answers.filter(({ status }) => status === 201)
        expect(winners).toHaveLength(1)
        for (const answer of answers.filter(({ status }) => status !== 201)) refused(answer, 409)
        const { body } = await town.ask(town.owner, 'GET /urls')
        const [only, ...others] = (body as { items: { hostname: string; service: string; state: string }[] })
          .items
        expect([only?.hostname, only?.state, others]).toEqual(['xn--bcher-kva.example.com', 'attached', []])
        expect((await town.visit('xn--bcher-kva.example.com')).body).toContain(only?.service ?? 'nobody')
      })
    })

    it('N08 N23 a host has one owner: no part of it can be had by somebody else', async () => {
      await town.attached('web', 'one.example.com')
      const before = await town.state()
      for (const path of ['/', '/a', '/a/', '/A', '/%61', '//a', '/a;x', '/sw.js'])
        refused(await town.claim('docs', { hostname: `one.example.com${path}` }), 422)
      refused(
        await town.ask(town.bob, `POST ${urlsOf('docs')}`, {
          json: { hostname: 'two.example.com', path: '/a' },
        }),
        422,
      )
      await town.unchanged(before)
      expect((await town.visit('one.example.com', '/sw.js')).headers).not.toHaveProperty(
        'service-worker-allowed',
      )
    })

    describe('N21 what is deleted is what was named', () => {
      const ids = [
        '..',
        '.',
        '%2e',
        '%2e%2e',
        '%2e%2e%2f%2e%2e',
        '..%2f..%2fetc',
        '%00',
        '',
        '*',
        'standing.example.com',
        '%2e%2e%5c',
        'a'.repeat(5_000),
      ]
      for (const kind of ['urls', 'dns-providers'])
        once(kind, async () => {
          await town.attached('web', 'standing.example.com')
          const before = await town.state()
          for (const id of ids)
            expect((await town.ask(town.owner, `DELETE /${kind}/${id}`)).status).toBeWithin(400, 500)
          await town.unchanged(before)
        })

      once("and no URL of another service, which isn't there for others", async () => {
        const id = await town.attached('web', 'standing.example.com')
        const before = await town.state()
        const requests = [`GET /urls/${id}`, `DELETE /urls/${id}`, `POST /urls/${id}/probe`] as const
        for (const request of requests) {
          const [theirs, nobodys] = [
            await town.ask(town.bob, request),
            await town.ask(town.bob, request.replace(id, 'z'.repeat(20)) as typeof request),
          ] // the same shape
          refused(theirs, 404)
          expect(theirs.text).toBe(nobodys.text)
        }
        expect((await town.ask(town.bob, 'GET /urls')).body).toEqual({ items: [], next: null } as never)
        expect((await town.ask(town.bob, 'GET /urls?hostname=standing.example.com')).body).toEqual({
          items: [],
          next: null,
        } as never)
        await town.unchanged(before)
      })
    })

    it('N22 no name comes before another', async () => {
      const names = ['00-x.test', '00-fairlead.conf.test', 'zzz.test']
      for (const name of names) await town.attached('docs', name)
      await town.attached('web', 'aaa.test')
      for (const name of names) expect((await town.visit(name)).body).toContain('docs')
      expect((await town.visit('aaa.test')).body).toContain('web')
      for (const host of ['unknown.test', '203.0.113.5', 'x.00-x.test']) {
        const { status, body } = await town.visit(host)
        expect(status).toBeOneOf([404, 421])
        expect(body).not.toMatch(/docs|web/)
      }
    })

    describe('N28 a name that is reserved', () => {
      const names = [
        'localhost',
        'LOCALHOST.',
        'a.localhost',
        'production.web.localhost',
        '*.localhost',
        'localhost.localdomain',
        'x.invalid',
        'generation.fairlead.invalid',
        '1.0.0.127.in-addr.arpa',
        OWN_NAME,
        OWN_NAME.toUpperCase(),
        `${OWN_NAME}.`,
      ]
      for (const hostname of names)
        once(hostname, async () => {
          const before = await town.state()
          refused(await town.claim('docs', { hostname }), 409, hostname.toLowerCase().replace(/\.$/, ''))
          await town.unchanged(before)
        })

      once("and this machine's own", async () => {
        const before = await town.state()
        // One label is no name of a site in the first place.
        const { status } = await town.claim('docs', { hostname: machineName() })
        expect(status).toBe(machineName().includes('.') ? 409 : 422)
        await town.unchanged(before)
      })
    })

    once('D19 a DNS provider is the instance’s: nobody of a service sees, names or changes one', async () => {
      const before = await town.state()
      const provider = { kind: 'manual', label: 'Paper', config: {} }
      for (const request of [
        'GET /dns-providers',
        'GET /dns-providers/kinds',
        'GET /settings',
        'DELETE /dns-providers/x',
      ] as const)
        expect((await town.ask(town.bob, request)).status).toBeOneOf([403, 404])
      expect((await town.ask(town.bob, 'POST /dns-providers', { json: provider })).status).toBeOneOf([
        403, 404,
      ])
      for (const field of ['provider', 'providerId', 'dnsProvider', 'zone'])
        refused(await town.claim('docs', { hostname: 'a.example.com', [field]: 'x' }), 422)
      await town.unchanged(before)
    })
  })
