/**
 * HTTPS through the whole program: a real CA (pebble, which refuses every third good nonce), both gateways, BIND and
 * PowerDNS, whose records the CA itself asks for.
 */
import { afterAll, describe, expect, setDefaultTimeout } from 'bun:test'
import { Named } from '../dns/named.ts'
import { Pdns } from '../dns/pdns.ts'
import { needs } from '../needs.ts'
import { Secured } from './secured.ts'

setDefaultTimeout(180_000)

const PROGRAMS = [
  'nginx',
  'pebble',
  'openssl',
  'named',
  'nsupdate',
  'dig',
  'pdns_server',
  'pdnsutil',
] as const
const stages: Secured[] = []
afterAll(async () => {
  for (const stage of stages) await stage.end()
})

for (const gateway of ['nginx', 'builtin'] as const)
  for (const dns of ['BIND', 'PowerDNS'] as const)
    describe(`${gateway} and ${dns}`, () => {
      needs(...PROGRAMS)('a certificate by HTTP, and one of a wildcard by DNS', async () => {
        const zone = dns === 'BIND' ? await Named.start() : await Pdns.start()
        const stage = await Secured.start({ gateway, zone, badNonces: 30, reused: 50 })
        stages.push(stage)
        const before = await stage.records()
        const docs = await stage.attach('docs.example.com', { https: 'auto' })
        const stars = await stage.attach('*.stars.example.com', { https: 'auto' })
        expect(await stage.visit('docs.example.com')).toMatchObject({
          trusted: true,
          names: ['docs.example.com'],
        })
        expect(await stage.visit('any.stars.example.com')).toMatchObject({
          trusted: true,
          names: ['*.stars.example.com'],
        })
        expect(await stage.plain('docs.example.com')).toStartWith('https://docs.example.com')
        expect(stage.files('certificates').toSorted()).toEqual(
          [docs, stars].map(({ certificate }) => `${certificate}.pem`).toSorted(),
        )
        const first = await stage.visit('docs.example.com')
        await stage.renew(docs.id)
        const second = await stage.visit('docs.example.com')
        expect(second).toMatchObject({ trusted: true, names: ['docs.example.com'] })
        expect(second.fingerprint).not.toBe(first.fingerprint)
        for (const { id } of [docs, stars]) await stage.detach(id)
        expect(await stage.records()).toEqual(before)
        expect(stage.files('challenges')).toEqual([])
      })
    })
