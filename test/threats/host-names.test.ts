/** N01 to N05, D04 to D08, D17: what people write as a host name, through every way in. */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import type { Answer } from '../api/app.ts'
import { descriptorsCameBack } from '../oracle.ts'
import { GATEWAYS, refused, Town, urlsOf } from './town.ts'

let town: Town

const label = (bytes: number): string => 'a'.repeat(bytes)

const HOSTILE: Record<string, string[]> = {
  'N01 a piece of configuration': [
    'x.test; return 200 owned',
    'x{',
    'x}',
    'x"',
    "x'",
    'x\\',
    'x#',
    'x $y',
    'x.test;}',
    '${x}.test',
  ],
  'N02 a break in the line': [
    'x\n.test',
    'x\r.test',
    'x\r\nfoo: bar.test',
    'x\0.test',
    'x\u2028.test',
    'x\t.test',
    'x.test\n',
    '\nx.test',
  ],
  'N03 a pattern': ['~^.*$', '~*x', '~.*.test', '^a.test', 'a|b.test'],
  'N04 D04 a star elsewhere than in front': [
    '.x',
    'x.*',
    '*',
    '**',
    '*x.test',
    'a*.test',
    'a.*.test',
    '*.*.test',
    '＊.test',
  ],
  'N05 what NGINX gives a meaning': [
    '_',
    '$hostname',
    '""',
    'host:80',
    'a.test:443',
    '127.0.0.1',
    '1.2.3',
    '0x7f.1',
    '2130706433',
    '①②⑦.0.0.1',
    '127。0。0。1',
    '[::1]',
    '::1',
    '::ffff:1.2.3.4',
    '203.0.113.5.',
  ],
  'D05 no name, or one that only looks like it': [
    'xn--m.test',
    'xn--.test',
    'раypal.test',
    'gοοgle.com',
    'www.zom\u202ebo.com',
    '\ufeffa.test',
    'a\u200db.test',
    'i❤.ws',
    'a.test⁄b.test',
    '-ombo.com',
    'zomb-.com',
    'ab--c.test',
    'mail',
    'www.zombo.163',
  ],
  'D06 a name for records': [
    '_dmarc.example.com',
    '_acme-challenge.example.com',
    '_x.example.com',
    'zom_bo.com',
  ],
  'D07 labels that are not there': [
    '',
    '.',
    '..',
    '.a',
    'a..b',
    'a.test..',
    ' a.test',
    'a.test ',
    'a b.test',
  ],
  'D08 more than DNS takes': [
    `${label(64)}.test`,
    Array(4).fill(label(63)).join('.'),
    Array(128).fill('a').join('.'),
    `${'ü'.repeat(60)}.test`,
    label(100_000),
  ],
  'D17 a suffix below which names are of many': [
    'co.uk',
    'github.io',
    '*.ck',
    'foo.ck',
    '!www.ck',
    '*.co.uk',
    'com',
    '公司.cn',
  ],
  'N08 a path': [
    'standing.example.com/a',
    'https://standing.example.com',
    '//standing.example.com',
    'a@standing.example.com',
  ],
}

/** Every way in which a host name comes in. */
const WAYS: Record<string, (hostname: string) => Promise<Answer>> = {
  'POST urls': (hostname) => town.claim('docs', { hostname }),
  'POST urls/plan': (hostname) => town.ask(town.bob, `POST ${urlsOf('docs')}/plan`, { json: { hostname } }),
  'POST /urls of Fairlead itself': (hostname) =>
    town.ask(town.owner, 'POST /urls?wait=true', { json: { kind: 'self', hostname } }),
}

interface Shown {
  id: string
  hostname: string
  unicode: string
}

async function urlNamed(hostname: string): Promise<Shown | undefined> {
  const { body } = await town.ask(town.owner, `GET /urls?hostname=${encodeURIComponent(hostname)}`)
  return (body as { items: Shown[] }).items[0]
}

const SPELLINGS: [typed: string, hostname: string, unicode: string][] = [
  ['A.TEST', 'a.test', 'a.test'],
  ['b.test.', 'b.test', 'b.test'],
  ['ｃ.test', 'c.test', 'c.test'],
  ['d\u{ad}.test', 'd.test', 'd.test'],
  ['faß.test', 'xn--fa-hia.test', 'faß.test'],
  ['bu\u{308}cher.test', 'xn--bcher-kva.test', 'bücher.test'],
  ['XN--GRN-IOA.test', 'xn--grn-ioa.test', 'grün.test'],
  ['*.Wild.TEST', '*.wild.test', '*.wild.test'],
  [`${label(63)}.test`, `${label(63)}.test`, `${label(63)}.test`],
]

for (const { gateway, it, once, isHere } of GATEWAYS)
  describe(`where visitors are answered by ${gateway}`, () => {
    beforeAll(async () => {
      if (!isHere) return
      town = await Town.start(gateway)
      await town.attached('web', 'standing.example.com')
    })
    afterAll(async () => {
      if (isHere) await town.stop()
    })

    describe('a host name that is none is refused, and nothing has changed', () => {
      for (const [what, names] of Object.entries(HOSTILE))
        for (const [way, ask] of Object.entries(WAYS))
          it(`${what}: ${way}`, async () => {
            const before = await town.state()
            for (const name of names) refused(await ask(name), 422)
            await town.unchanged(before)
          })

      once('as the target of a redirect', async () => {
        const before = await town.state()
        for (const names of Object.values(HOSTILE))
          for (const redirectTo of names.filter(
            (name) => !/^(host|a\.test):\d+$|^https:\/\/standing.example.com$/.test(name),
          ))
            refused(
              await town.claim('docs', { hostname: 'from.example.com', kind: 'redirect', redirectTo }),
              422,
            )
        await town.unchanged(before)
      })

      once('what is no text', async () => {
        const before = await town.state()
        for (const hostname of [null, 1, true, [], ['a.test'], {}, { toString: 'a.test' }])
          refused(await town.claim('docs', { hostname }), 422)
        await town.unchanged(before)
      })

      once('ten times over, and no file stays open', async () => {
        const ask = async () => {
          for (const [name = ''] of Object.values(HOSTILE))
            refused(await town.claim('docs', { hostname: name }), 422)
        }
        await ask()
        const before = await town.state()
        for (let round = 0; round < 10; round++) await ask()
        await town.unchanged(before)
        descriptorsCameBack(before.files)
      })

      it('and then a name that is one is attached', async () => {
        await town.attached('docs', 'fine.example.com')
        expect((await town.visit('fine.example.com')).body).toContain('docs')
        await town.ask(town.bob, `DELETE /urls/${(await urlNamed('fine.example.com'))?.id}?wait=true`)
      })
    })

    describe('N05 D05 one name has one form, which is kept and shown with its letters', () => {
      for (const [typed, hostname, unicode] of SPELLINGS)
        once(JSON.stringify(typed), async () => {
          const { status, body } = await town.claim('docs', { hostname: typed })
          expect(status).toBe(201)
          expect(body).toMatchObject({ hostname, unicode, state: 'attached' })
          expect(await urlNamed(typed)).toMatchObject({ hostname, unicode })
          expect((await town.visit(hostname.replace('*', 'any'))).body).toContain('docs')
        })

      it('N06 D08 names of 253 bytes, and the others answer still', async () => {
        const long = `${label(63)}.${label(63)}.${label(63)}.${label(61)}`
        const many = Array(127).fill('a').join('.')
        for (const hostname of [long, many, `*.${long.slice(2)}`]) await town.attached('docs', hostname)
        for (const host of [long, many, `q.${long.slice(2)}`])
          expect((await town.visit(host)).body).toContain('docs')
        expect((await town.visit('standing.example.com')).body).toContain('web')
      })
    })

    describe('N04 D04 a wildcard takes a permission of its own, and hides nobody', () => {
      once('without it', async () => {
        const before = await town.state()
        const wish = { hostname: '*.example.net' }
        refused(await town.claim('docs', wish, town.eve), 403)
        refused(await town.ask(town.eve, `POST ${urlsOf('docs')}/plan`, { json: wish }), 403)
        await town.unchanged(before)
        expect((await town.claim('docs', { hostname: 'plain.example.net' }, town.eve)).status).toBe(201)
      })

      it('with it', async () => {
        const before = await town.visit('standing.example.com')
        await town.attached('docs', '*.example.com')
        expect(await town.visit('standing.example.com')).toEqual(before)
        for (const host of ['any.example.com', 'any.other.example.com'])
          expect((await town.visit(host)).body).toContain('docs')
        expect((await town.visit('example.com')).status).toBeOneOf([404, 421])
        await town.attached('docs', '*.deep.example.com', {
          kind: 'redirect',
          redirectTo: 'https://example.org',
        })
        expect((await town.visit('any.deep.example.com')).headers['location']).toBe('https://example.org/')
        expect((await town.visit('any.example.com')).status).toBe(200)
      })
    })
  })
