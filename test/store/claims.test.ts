/** The rows that the database has for a claim decide as all rows would (THREATS N07). */
import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, assert, constantFrom, option, property, record } from 'fast-check'
import { type Claim, claimProblem } from '../../src/domain/claim.ts'
import { Store } from '../../src/store/store.ts'

const NOW = 1_000
const NAMES = [
  'b.test',
  'a.b.test',
  'xb.test',
  'c.a.b.test',
  '*.test',
  '*.b.test',
  '*.a.b.test',
  '*.c.a.b.test',
  'other.example',
]
const SERVICES = ['web', 'docs'] as const

test('whatever is claimed and held, by whom and until when', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-claims-'))
  const store = new Store(join(folder, 'db'), { now: 0 })
  const places = SERVICES.map((name) =>
    store.environments.create(store.services.create(name, 0), 'production', { now: 0 }),
  )
  const place = (service: (typeof SERVICES)[number]) => places[SERVICES.indexOf(service)]
  const url = record({
    hostname: constantFrom(...NAMES),
    service: constantFrom(...SERVICES, null),
    heldUntil: option(constantFrom(NOW - 1, NOW, NOW + 1)),
  })
  let refusals = 0
  const runs = () =>
    assert(
      property(
        array(url, { maxLength: 6 }),
        constantFrom(...NAMES),
        constantFrom(...SERVICES),
        (urls, hostname, service) => {
          const claims: Claim[] = []
          const ids: string[] = []
          for (const given of urls) {
            const isThere = claims.some(
              (claim) => claim.hostname === given.hostname && claim.heldUntil === undefined,
            )
            if (isThere) continue
            const environment = given.service === null ? null : (place(given.service) ?? null)
            const kind = environment ? 'site' : 'self'
            const made = { kind, dnsMode: 'none', redirectTo: null, redirectStatus: null } as const
            const { id } = store.urls.create({
              ...made,
              hostname: given.hostname,
              environmentId: environment?.id ?? null,
              now: 0,
            })
            ids.push(id)
            const claim = { hostname: given.hostname, serviceId: environment?.serviceId ?? null }
            claims.push(given.heldUntil === null ? claim : { ...claim, heldUntil: given.heldUntil })
            if (given.heldUntil !== null) store.urls.release(id, { now: 0, heldUntil: given.heldUntil })
          }
          const serviceId = place(service)?.serviceId ?? null
          const all = claimProblem(hostname, { serviceId, existing: claims, now: NOW })
          const found = claimProblem(hostname, {
            serviceId,
            existing: store.urls.claimsOf(hostname, NOW),
            now: NOW,
          })
          for (const id of ids) store.urls.release(id, { now: 0, heldUntil: null })
          if (all) refusals += 1
          expect(found === null).toBe(all === null)
        },
      ),
      { numRuns: 300 },
    )
  // One commit for all, as each waits for the disk.
  store.tx(runs)
  store.close()
  rmSync(folder, { recursive: true })
  expect(refusals).toBeGreaterThan(30)
})
