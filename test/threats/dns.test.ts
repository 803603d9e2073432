/** D01 to D04, D08, D09, D11, D12: what happens to a zone at a real BIND, full of what is somebody else's. */
import { afterAll, afterEach, beforeAll, describe, expect } from 'bun:test'
import type { Answer } from '../api/app.ts'
import { KEY, Named } from '../dns/named.ts'
import { ZONE } from '../dns/zone.ts'
import { has, needs } from '../needs.ts'
import { refused, Town, urlsOf, type Wish } from './town.ts'

const PROGRAMS = ['named', 'nsupdate', 'dig']
const it = needs(...PROGRAMS)
const isHere = PROGRAMS.every(has)

let town: Town
let named: Named
/** The zone as it was before anybody claimed anything. */
let foreign: string[]

beforeAll(async () => {
  if (!isHere) return
  named = await Named.start()
  foreign = await zone()
  town = await connected()
})

/** An instance that holds the zone, too. */
async function connected(): Promise<Town> {
  const one = await Town.start()
  const config = {
    server: '127.0.0.1',
    port: named.port,
    zones: [ZONE],
    ...KEY,
    nameservers: [`127.0.0.1:${named.port}`],
    allowPrivateNetwork: true,
  }
  const { status, text } = await one.ask(one.owner, 'POST /dns-providers', {
    json: { kind: 'rfc2136', label: 'BIND', config },
  })
  if (status !== 201) throw new Error(text)
  return one
}

afterEach(async () => {
  if (!isHere) return
  await town.clear()
  // What was foreign is foreign still, and nothing of ours is left.
  expect(await zone()).toEqual(foreign)
})
afterAll(async () => {
  if (!isHere) return
  await town.stop()
  await named.end()
})

/** All records but the SOA, whose serial counts changes. */
async function zone(): Promise<string[]> {
  const lines = await named.dump()
  return lines
    .filter((line) => !/\sSOA\s/.test(line))
    .map((line) => line.replace(/\s+/g, ' '))
    .toSorted()
}

const ours = async (): Promise<string[]> => (await zone()).filter((line) => !foreign.includes(line))

async function pointAt(
  dns: { addresses?: string[]; cname?: string | null; ttlSeconds?: number },
  at = town,
): Promise<void> {
  const json = { dns: { addresses: [], cname: null, ttlSeconds: 300, ...dns } }
  const { status, text } = await at.ask(at.owner, 'PATCH /settings', { json })
  if (status !== 200) throw new Error(text)
}

const V4 = { addresses: ['203.0.113.5'] }
const BOTH = { addresses: ['203.0.113.5', '2001:db8::5'] }

/** Claims and expects to be refused: the zone, the sites and the database are as before. */
async function refusedClaim(wish: Wish, status: number, says: string): Promise<Answer> {
  const before = await town.state([String(wish.hostname).replace('*', 'any')])
  const lines = await zone()
  const answer = await town.claim('docs', wish)
  refused(answer, status, says)
  expect(await zone()).toEqual(lines)
  // A name that came to nothing is free: its row tells what was tried.
  await town.unchanged({ ...before, tables: { ...before.tables, urls: expect.any(Array) as never } })
  expect(
    (await town.ask(town.owner, `GET /urls?hostname=${encodeURIComponent(String(wish.hostname))}`)).body,
  ).toMatchObject({ items: [] })
  return answer
}

async function planned(
  hostname: string,
): Promise<{ possible: boolean; dns: { conflicts: { name: string; type: string; values: string[] }[] } }> {
  const { status, body } = await town.ask(town.bob, `POST ${urlsOf('docs')}/plan`, { json: { hostname } })
  expect(status).toBe(200)
  return body
}

describe('a name of our own', () => {
  it('is attached with its marker and taken away again', async () => {
    await pointAt(BOTH)
    const id = await town.attached('docs', 'mine.example.com')
    const lines = await ours()
    expect(lines).toHaveLength(4)
    for (const part of [
      'mine.example.com. 300 IN A 203.0.113.5',
      'mine.example.com. 300 IN AAAA 2001:db8::5',
      '_fairlead-a.mine.example.com. 300 IN TXT "fairlead=1 instance=',
    ])
      expect(lines.some((line) => line.startsWith(part))).toBe(true)
    expect((await town.ask(town.bob, `GET /urls/${id}`)).body).toMatchObject({
      dns: { zone: ZONE, state: 'answered' },
    })
  })

  it('D04 as a wildcard, and beside what may stand there', async () => {
    await pointAt(V4)
    await town.attached('docs', '*.own.example.com')
    await town.attached('docs', 'texts.example.com')
    expect((await ours()).filter((line) => /\sA\s/.test(line))).toEqual([
      '*.own.example.com. 300 IN A 203.0.113.5',
      'texts.example.com. 300 IN A 203.0.113.5',
    ])
  })

  it('D08 of 253 bytes, whose marker is elsewhere', async () => {
    await pointAt(V4)
    const hostname = `${['a', 'b', 'c'].map((letter) => letter.repeat(63)).join('.')}.${'d'.repeat(253 - 192 - 12)}.example.com`
    expect(hostname).toHaveLength(253)
    await town.attached('docs', hostname)
    expect((await ours()).some((line) => /^_fairlead-[0-9a-f]{16}-a\.example\.com\. /.test(line))).toBe(true)
  })
})

describe('D01 a zone that nobody holds', () => {
  for (const hostname of [
    'evil-example.com',
    'example.com.test',
    'xexample.com',
    'other.test',
    '*.evil-example.com',
  ])
    it(hostname, async () => {
      await pointAt(V4)
      const answer = await refusedClaim({ hostname }, 422, `No DNS provider holds a zone for ${hostname}.`)
      expect((answer.body as { hint: string }).hint).toContain('There are example.com.')
    })

  it('but by hand or not at all it goes', async () => {
    await pointAt(V4)
    await town.attached('docs', 'evil-example.com', { dns: 'manual' })
    await town.attached('docs', 'other.test', { dns: 'none' })
    expect(await ours()).toEqual([])
  })
})

describe('D02 what is not ours is shown, and nothing is overwritten', () => {
  const rows: [what: string, hostname: string, shows: string, target: Parameters<typeof pointAt>[0]][] = [
    [
      'A',
      'taken.example.com',
      'taken.example.com A 192.0.2.30, 192.0.2.31 was not made by this Fairlead',
      V4,
    ],
    ['A and AAAA', 'mail.example.com', 'mail.example.com A 192.0.2.20 was not made by this Fairlead', BOTH],
    ['the very A', 'taken.example.com', 'taken.example.com A', { addresses: ['192.0.2.30', '192.0.2.31'] }],
    ['A where a CNAME is wanted', 'taken.example.com', 'taken.example.com A', { cname: 'web.example.net' }],
    ['CNAME', 'alias.example.com', 'alias.example.com CNAME mail.example.com', V4],
    ['NS', 'handed.example.com', 'handed.example.com NS ns1.elsewhere.example hands the name', V4],
    ['NS above', 'below.handed.example.com', 'hands everything below handed.example.com', V4],
    ['a wildcard', '*.wild.example.com', '*.wild.example.com A 192.0.2.40', V4],
    ['A where the zone begins', 'example.com', 'example.com A 192.0.2.10', V4],
    [
      'D03 TXT where a CNAME is wanted',
      'texts.example.com',
      'stands where a CNAME must be alone',
      { cname: 'web.example.net' },
    ],
  ]
  for (const [what, hostname, shows, target] of rows)
    it(what, async () => {
      await pointAt(target)
      await refusedClaim({ hostname }, 409, shows)
      const { possible, dns } = await planned(hostname)
      expect([possible, dns.conflicts.length > 0]).toEqual([false, true])
    })

  it('what another Fairlead has made', async () => {
    await pointAt(V4)
    await named.byHand(
      'update add shared.example.com 300 A 203.0.113.5',
      'update add _fairlead-a.shared.example.com 300 TXT "fairlead=1 instance=other0"',
    )
    await refusedClaim(
      { hostname: 'shared.example.com' },
      409,
      'belongs to another Fairlead, whose id is other0',
    )
    await named.byHand('update delete shared.example.com', 'update delete _fairlead-a.shared.example.com')
  })

  it('what only looks like a marker', async () => {
    await pointAt(V4)
    await named.byHand('update add _fairlead-a.odd.example.com 300 TXT "fairlead=2"')
    await refusedClaim({ hostname: 'odd.example.com' }, 409, 'no marker of Fairlead')
    await named.byHand('update delete _fairlead-a.odd.example.com')
  })

  it('a name that lies below a foreign wildcard is no conflict', async () => {
    await pointAt(V4)
    await town.attached('docs', 'one.wild.example.com')
    expect((await ours()).some((line) => line.startsWith('one.wild.example.com. 300 IN A 203.0.113.5'))).toBe(
      true,
    )
  })
})

describe('D03 types have their rules', () => {
  it('no CNAME where a zone begins', async () => {
    await pointAt({ cname: 'web.example.net' })
    await refusedClaim({ hostname: 'example.com' }, 422, 'no CNAME may stand there')
  })

  it('and none to itself', async () => {
    await pointAt({ cname: 'self.example.com' })
    await refusedClaim({ hostname: 'self.example.com' }, 422, 'the very name')
  })

  it('nothing to point to', async () => {
    await pointAt({})
    await refusedClaim({ hostname: 'mine.example.com' }, 422, 'the address of this server is not set')
  })
})

describe('what somebody has changed since is not taken away', () => {
  it('another address', async () => {
    await pointAt(V4)
    const id = await town.attached('docs', 'mine.example.com')
    await named.byHand('update delete mine.example.com A', 'update add mine.example.com 300 A 192.0.2.99')
    const [before, lines] = [await town.state(), await zone()]
    refused(await town.ask(town.bob, `DELETE /urls/${id}?wait=true`), 409, 'mine.example.com A 192.0.2.99')
    expect(await zone()).toEqual(lines)
    await town.unchanged({ ...before, tables: { ...before.tables, urls: expect.any(Array) as never } })
    expect((await town.ask(town.bob, `GET /urls/${id}`)).body).toMatchObject({ state: 'attached' })
    await named.byHand('update delete mine.example.com A', 'update add mine.example.com 300 A 203.0.113.5')
  })

  it('a record that was taken over by taking its marker away stays', async () => {
    await pointAt(V4)
    const id = await town.attached('docs', 'mine.example.com')
    await named.byHand('update delete _fairlead-a.mine.example.com TXT')
    expect((await town.ask(town.bob, `DELETE /urls/${id}?wait=true`)).status).toBeLessThan(300)
    expect(await ours()).toEqual(['mine.example.com. 300 IN A 203.0.113.5'])
    await named.byHand('update delete mine.example.com A')
  })
})

describe('whose records are whose', () => {
  it('two instances on one zone leave each other alone', async () => {
    const other = await connected()
    await pointAt({ addresses: ['203.0.113.77'] }, other)
    await pointAt(V4)
    const theirs = await other.attached('docs', 'shared.example.com')
    await refusedClaim({ hostname: 'shared.example.com' }, 409, 'belongs to another Fairlead')
    await town.attached('docs', 'mine.example.com')
    refused(await other.claim('web', { hostname: 'mine.example.com' }), 409, 'belongs to another Fairlead')
    const { status } = await other.ask(other.owner, `DELETE /urls/${theirs}?wait=true`)
    expect([status < 300, (await ours()).length]).toEqual([true, 2])
    await other.stop()
  })

  it("D11 another service's are not there for others", async () => {
    await pointAt(V4)
    const id = await town.attached('web', 'hers.example.com')
    const lines = await zone()
    refused(await town.ask(town.bob, `DELETE /urls/${id}?wait=true`), 404)
    refused(await town.claim('docs', { hostname: 'hers.example.com' }), 409, 'is used by another service')
    expect(await zone()).toEqual(lines)
  })

  it('D12 an environment takes its records along, before its site', async () => {
    await pointAt(V4)
    await town.ask(town.owner, 'POST /services/docs/environments', { json: { name: 'short' } })
    const path = '/services/docs/environments/short'
    for (const hostname of ['a.own.example.com', '*.own.example.com'])
      expect((await town.ask(town.bob, `POST ${path}/urls?wait=true`, { json: { hostname } })).status).toBe(
        201,
      )
    expect(await ours()).toHaveLength(4)
    const { status, body } = await town.ask(town.owner, `DELETE ${path}?wait=true`)
    expect([status < 300, await ours()]).toEqual([true, []])
    const steps = (body as { steps: { name: string }[] }).steps.map(({ name }) => name)
    expect(steps.indexOf('remove the DNS records')).toBeWithin(0, steps.indexOf('take the sites down'))
    expect((await town.visit('a.own.example.com')).status).toBe(404)
  })

  it('D12 a record that somebody has removed is no reason to keep the site', async () => {
    await pointAt(V4)
    const id = await town.attached('docs', 'mine.example.com')
    await named.byHand('update delete mine.example.com A')
    expect((await town.ask(town.bob, `DELETE /urls/${id}?wait=true`)).status).toBeLessThan(300)
    expect(await ours()).toEqual([])
  })
})

describe('D09 what records say is typed', () => {
  const wrong: [field: string, ...values: unknown[]][] = [
    ['ttlSeconds', 0, -1, 2 ** 31, 1e9, '60s', 29.5, null],
    [
      'addresses',
      ['1.2.3'],
      ['01.2.3.4'],
      ['256.1.1.1'],
      ['::1%lo'],
      ['224.0.0.1'],
      ['0.0.0.0'],
      ['::'],
      ['a.test'],
      ['203.0.113.5\n$INCLUDE /etc/passwd'],
      '203.0.113.5',
      [1],
    ],
    [
      'cname',
      'a b',
      '203.0.113.5',
      '*.example.net',
      'web',
      'a.test; $INCLUDE /etc/passwd',
      'a..test',
      '_x.example.net',
    ],
  ]
  for (const [field, ...values] of wrong)
    it(field, async () => {
      await pointAt(V4)
      const before = await town.state()
      for (const value of values)
        refused(await town.ask(town.owner, 'PATCH /settings', { json: { dns: { [field]: value } } }), 422)
      await town.unchanged(before)
    })

  it('and is kept in its one spelling', async () => {
    await pointAt({ addresses: ['2001:DB8:0::5', '203.0.113.5'], cname: 'WEB.Example.net.' })
    const { body } = await town.ask(town.owner, 'GET /settings')
    expect(body).toMatchObject({
      dns: { addresses: ['2001:db8::5', '203.0.113.5'], cname: 'web.example.net' },
    })
  })
})
