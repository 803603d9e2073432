/** docs/guides/dns.md: its configurations run, and with the rights that they give URLs are attached by its commands. */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { CLASS, type DnsRecord } from '../../src/base/dns/message.ts'
import { DnsPeer } from '../../src/base/dns/peer.ts'
import { dataBytes, typeNumber } from '../../src/base/dns/rdata.ts'
import { People } from '../access/people.ts'
import { site, startTestApp, type TestApp } from '../api/app.ts'
import { type Ended, fairlead } from '../cli/terminal.ts'
import { needs } from '../needs.ts'
import { endAll } from './daemon.ts'
import { Knot } from './knot.ts'
import { Named } from './named.ts'
import { Pdns, SCHEMA } from './pdns.ts'
import { ZONE } from './zone.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/dns.md'), 'utf8')
const block = (comment: string): string => {
  const text = new RegExp(`<!-- ${comment} -->\\n\`\`\`\\w*\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1]
  if (text === undefined) throw new Error(`the guide has no ${comment}`)
  return text
}
const secretIn = (text: string, word: RegExp): string => word.exec(text)?.[1] ?? ''

let app: TestApp
let people: People
let env: Record<string, string>

beforeAll(async () => {
  app = await startTestApp()
  people = new People(app)
  const { key } = await people.person('ann', { role: 'owner' })
  env = { FAIRLEAD_SERVER: app.url, FAIRLEAD_KEY: (key['authorization'] ?? '').replace('Bearer ', '') }
  await app.ask('POST', '/services', { headers: key, json: { name: 'web', kind: 'static' } })
  const path = '/services/web/environments/production/deployments?wait=true'
  expect((await app.ask('POST', path, { headers: key, body: site('hello') })).status).toBe(201)
}, 60_000)
afterAll(async () => {
  await endAll()
  people.close()
  await app.stop()
})

/** A command of the guide, with what is special about this machine put in; a secret comes on standard input. */
async function run(line: string, more: { fields?: string[]; secret?: string } = {}): Promise<Ended> {
  const words = [...line.trim().matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  )
  const { fields = [], secret = '' } = more
  const ended = await fairlead([...words.slice(1), ...fields], {
    env,
    secret: async () => ({ text: secret, isTyped: false }),
  })
  expect([line, ended.code, ended.err]).toEqual([line, 0, ended.err])
  return ended
}

const PLACE = '--service web --environment production'

/** Attaches a URL by the provider that is set up, sees its records in the zone, and detaches it. */
async function attachesAndDetaches(dump: () => Promise<string[]>): Promise<void> {
  const before = withoutSoa(await dump())
  await run(block('command'))
  await run(`fairlead url create docs.${ZONE} ${PLACE}`)
  const added = withoutSoa(await dump()).filter((line) => !before.includes(line))
  expect(added).toHaveLength(2)
  expect(added.join('\n')).toMatch(/docs\.example\.com\.?\s.*\sA\s.*203\.0\.113\.5/)
  expect(added.join('\n')).toMatch(/_fairlead-a\.docs\.example\.com\.?\s.*\sTXT\s.*fairlead=1 instance=/)
  await run(`fairlead url delete docs.${ZONE} --yes`)
  expect(withoutSoa(await dump())).toEqual(before)
}

const withoutSoa = (lines: string[]): string[] => lines.filter((line) => !/\sSOA\s/.test(line)).toSorted()

describe('docs/guides/dns.md', () => {
  needs('named', 'nsupdate', 'dig')(
    'BIND takes these lines, and they let Fairlead do its part and no more',
    async () => {
      const lines = block('named.conf')
      const secret = secretIn(lines, /secret "(.*)"/)
      const named = await Named.start(lines)
      await run(block('command: rfc2136').replace('ns1.example.com', '127.0.0.1'), {
        fields: [`port=${named.port}`, `nameservers=127.0.0.1:${named.port}`, 'allowPrivateNetwork=on'],
        secret,
      })
      await attachesAndDetaches(() => named.dump())
      await mayNoMore(named.port, secret)
      await run('fairlead dns-provider delete "The BIND in the cellar" --yes')
      await named.end()
    },
    60_000,
  )

  needs('knotd', 'nsupdate', 'dig')(
    'so does Knot',
    async () => {
      const lines = block('knot.conf')
      const secret = secretIn(lines, /secret: (.*)/)
      const knot = await Knot.start(lines)
      await run(block('command: rfc2136').replace('ns1.example.com', '127.0.0.1'), {
        fields: [`port=${knot.port}`, `nameservers=127.0.0.1:${knot.port}`, 'allowPrivateNetwork=on'],
        secret,
      })
      await attachesAndDetaches(() => knot.dump())
      await mayNoMore(knot.port, secret)
      await run('fairlead dns-provider delete "The BIND in the cellar" --yes')
      await knot.end()
    },
    60_000,
  )

  needs('pdns_server', SCHEMA)(
    'PowerDNS takes these lines',
    async () => {
      const lines = block('pdns.conf')
      const pdns = await Pdns.start(undefined, lines)
      await run(block('command: powerdns').replace('http://127.0.0.1:8081', pdns.url), {
        fields: [`nameservers=127.0.0.1:${pdns.port}`],
        secret: secretIn(lines, /api-key=(.*)/),
      })
      await attachesAndDetaches(() => pdns.dump())
      await run('fairlead dns-provider delete PowerDNS --yes')
      await pdns.end()
    },
    60_000,
  )

  needs()(
    'by hand, what is to be made is told',
    async () => {
      await run(block('command: manual'))
      await run(block('command'))
      const { err } = await run(`fairlead url create docs.${ZONE} ${PLACE}`)
      expect(err).toContain('203.0.113.5')
      await run(`fairlead url delete docs.${ZONE} --yes`)
      await run('fairlead dns-provider delete "By hand" --yes')
    },
    60_000,
  )
})

/** The key has no right to other types: BIND says REFUSED then, Knot BADKEY. */
async function mayNoMore(port: number, secret: string): Promise<void> {
  const key = { name: 'fairlead', algorithm: 'hmac-sha256' as const, secret: Buffer.from(secret, 'base64') }
  const peer = new DnsPeer({ place: { address: '127.0.0.1', port }, key, clock: systemClock })
  const added = (type: string, data: Uint8Array) => ({
    name: `other.${ZONE}`,
    type: typeNumber(type),
    class: CLASS.in,
    ttl: 60,
    data,
  })
  const asked = async (record: DnsRecord) =>
    (await peer.update({ zone: ZONE, prerequisites: [], updates: [record] }, AbortSignal.timeout(10_000)))
      .rcode
  const refused = await asked(added('MX', Uint8Array.of(0, 10, 0))).catch((thrown: unknown) => String(thrown))
  expect(refused).toMatch(/REFUSED|BADKEY/)
  expect(await asked(added('A', dataBytes('A', '192.0.2.1')))).toBe('NOERROR')
  expect(Array.isArray(await peer.transfer(ZONE, AbortSignal.timeout(10_000)))).toBe(true)
}
