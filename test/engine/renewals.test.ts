/** Renewals by themselves, with the time turned by hand: in time, few at once, and never in vain without an end. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { Renewals } from '../../src/engine/url/certificate/renewals.ts'
import type { UrlRow } from '../../src/store/urls.ts'
import { HttpsStage } from './https-stage.ts'
import { DIRECTORY } from './outside-authority.ts'

setDefaultTimeout(60_000)

const HOUR = 3_600_000
const DAY = 24 * HOUR
const signal = new AbortController().signal

let stage: HttpsStage
let renewals: Renewals
beforeEach(async () => {
  stage = await new HttpsStage().start()
  renewals = new Renewals(stage.world, stage.engine.acceptance)
})
afterEach(() => stage.stop())

const { ordersPerHour, renewalsPerHour, ordersAtOnce } = LIMITS.certificate
const kinds = (kind: string) =>
  stage.world.store.operations.list({ limit: 1_000, after: null }).filter((one) => one.kind === kind)
const events = (kind: string) =>
  stage.world.store.events.list({ limit: 5_000, after: 0 }).filter((event) => event.kind === kind)

/** One look a step, with all that it began ended. */
async function passes(ms: number, step: number): Promise<void> {
  for (const end = stage.at + ms; stage.at < end; ) {
    stage.at = Math.min(end, stage.at + step)
    await renewals.look(signal)
    await stage.allEnded()
  }
}
/** Attaches many names without asking a CA for each: as they stand after a while. */
async function attached(count: number): Promise<UrlRow[]> {
  const urls: UrlRow[] = []
  for (let n = 0; n < count; n++) {
    stage.at += HOUR / ordersPerHour
    urls.push(await stage.attached(`n${n}.example.com`, { https: 'auto' }))
  }
  return urls
}

describe('a certificate is renewed before its end, whatever its life', () => {
  for (const days of [90, 45, 6])
    test(`${days} days, over four of them`, async () => {
      stage.outside.authority.lifeMs = days * DAY
      const url = await stage.attached('docs.example.com', { https: 'auto' })
      let last = stage.https(url)
      for (const end = stage.at + 4 * days * DAY; stage.at < end; ) {
        await passes(Math.min(HOUR * days, DAY), HOUR * days)
        last = stage.https(url)
        expect(last).toMatchObject({ state: 'valid', problem: null })
        expect((last.certificate?.notAfter ?? 0) - stage.at).toBeGreaterThan((days * DAY) / 10)
      }
      const count = kinds('certificate-renewal').length
      expect(count).toBeGreaterThanOrEqual(4)
      expect(count).toBeLessThanOrEqual(9)
      expect(events('certificate.expiring')).toEqual([])
      await stage.engine.certificates.sweep()
      stage.requireNoOrphans()
    })

  test('sooner when the CA wants it, which is asked no oftener than it says', async () => {
    const { authority } = stage.outside
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const from = stage.at + 5 * DAY
    authority.window = () => ({ from, until: from + DAY, lookAgainAt: stage.at + 12 * HOUR })
    await passes(4 * DAY, 60 * 60_000)
    expect(authority.calls.filter((call) => call === 'renewalWindow')).toHaveLength(8)
    const planned = stage.https(url).renewAt ?? 0
    expect(planned).toBeGreaterThanOrEqual(from)
    expect(planned).toBeLessThan(from + DAY)
    const before = url.https.certificateId
    await passes(planned - stage.at + HOUR, HOUR)
    expect(stage.https(url).certificate?.id).not.toBe(before)
  })
})

describe('the budget', () => {
  test('many that are due at once never storm the CA', async () => {
    const urls = await attached(14)
    stage.at += 89 * DAY
    const { authority } = stage.outside
    authority.calls.length = 0
    const orders = () => authority.calls.filter((call) => call === 'order').length
    let looks = 0
    for (; orders() < urls.length && looks < 60; looks++) {
      const before = orders()
      stage.at += 60_000
      await renewals.look(signal)
      expect(
        kinds('certificate-renewal').filter(({ finishedAt }) => finishedAt === null).length,
      ).toBeLessThanOrEqual(ordersAtOnce)
      await stage.allEnded()
      expect(orders() - before).toBeLessThanOrEqual(ordersAtOnce)
    }
    expect(looks).toBe(Math.ceil(urls.length / ordersAtOnce))
    for (const url of urls) expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
  })

  test('holds over an hour and over a restart, and what people wish goes on beside renewals', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const { store } = stage.world
    const note = (n: number) =>
      store.acmeOrders.create({
        certificateId: `other-${n}`,
        directoryUrl: DIRECTORY,
        operationId: url.operationId ?? '',
        now: stage.at,
      })
    stage.at += 89 * DAY
    for (let n = 0; n < renewalsPerHour; n++) note(n)
    store.acmeOrders.end(url.operationId ?? '', stage.at)
    await stage.restart()
    renewals = new Renewals(stage.world, stage.engine.acceptance)
    await passes(50 * 60_000, 10 * 60_000)
    expect(kinds('certificate-renewal')).toEqual([])
    await stage.attached('other.example.com', { https: 'auto' })
    await passes(20 * 60_000, 10 * 60_000)
    expect(kinds('certificate-renewal')).toHaveLength(1)
  })

  test('a CA that wants to be left alone is, by all names, until then', async () => {
    const urls = await attached(6)
    stage.at += 89 * DAY
    const { authority } = stage.outside
    authority.calls.length = 0
    const retryAt = stage.at + 3 * HOUR
    authority.refuses = (call) =>
      call === 'order' ? new Fault('unavailable', 'too many requests', { extra: { retryAt } }) : null
    await passes(2 * HOUR, 60_000)
    expect(authority.calls.filter((call) => call === 'order').length).toBeLessThanOrEqual(ordersAtOnce)
    authority.refuses = null
    await passes(2 * HOUR, 60_000)
    for (const url of urls) expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
  })
})

describe('a CA that gives nothing', () => {
  test('is tried again with growing pauses, the old certificate stays, and people hear of its end thrice', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const { certificate } = stage.https(url)
    const fault = new Fault('unavailable', 'The CA answers with status 500.')
    stage.outside.authority.refuses = (call) => (call === 'renewalWindow' ? null : fault)
    await passes(89 * DAY, 3 * HOUR)
    expect(stage.https(url)).toMatchObject({
      state: 'valid',
      certificate,
      problem: { message: fault.message },
    })
    expect(stage.outside.names.hosts.get('docs.example.com')?.tls?.certificate).toBe(certificate?.id ?? '')
    expect(kinds('certificate-renewal').length).toBeLessThan(200)
    expect(events('certificate.expiring').map(({ data }) => data?.['days'])).toEqual([30, 14, 7])
    await passes(2 * DAY, HOUR)
    expect(stage.https(url).state).toBe('expired')
    expect(events('certificate.expiring').map(({ data }) => data?.['days'])).toEqual([30, 14, 7, 0])
    stage.outside.authority.refuses = null
    await passes(2 * HOUR, 10 * 60_000)
    expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
    stage.requireNoOrphans()
  })
})

describe('a clock that is off', () => {
  test('a day behind: the certificate is not taken, the old one stays, and it says why', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const { certificate } = stage.https(url)
    stage.outside.authority.now = () => stage.at + DAY
    stage.at += 70 * DAY
    await passes(2 * HOUR, 60_000)
    expect(stage.https(url)).toMatchObject({ state: 'valid', certificate })
    expect(stage.https(url).problem?.message).toMatch(/begins on .*; here it is/)
    expect(stage.https(url).problem?.hint).toMatch(/clock/)
    expect(kinds('certificate-renewal').length).toBeLessThan(8)
    stage.outside.authority.now = () => stage.at
    await passes(DAY, HOUR)
    expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
  })

  test('a day ahead, and back again: renewed once, and no loop', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    stage.outside.authority.now = () => stage.at - DAY
    stage.at += 75 * DAY
    await passes(6 * HOUR, 60_000 * 10)
    expect(kinds('certificate-renewal')).toHaveLength(1)
    stage.at -= DAY
    stage.outside.authority.now = () => stage.at
    await passes(6 * HOUR, 60_000 * 10)
    expect(kinds('certificate-renewal')).toHaveLength(1)
    expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
  })

  test('so far ahead that a new certificate has ended already: a problem, and no loop', async () => {
    stage.outside.authority.lifeMs = 6 * DAY
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    stage.outside.authority.now = () => stage.at - 30 * DAY
    stage.at += 30 * DAY
    await passes(DAY, 60_000 * 10)
    expect(stage.https(url)).toMatchObject({ state: 'expired' })
    expect(stage.https(url).problem?.message).toMatch(/has ended on/)
    expect(kinds('certificate-renewal').length).toBeLessThan(40)
  })

  test('so far ahead that a new certificate is due already: one a day, and no storm', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    stage.outside.authority.now = () => stage.at - 80 * DAY
    stage.at += 80 * DAY
    await passes(2 * DAY, HOUR / 2)
    expect(stage.https(url)).toMatchObject({ state: 'valid' })
    expect(kinds('certificate-renewal').length).toBeLessThanOrEqual(3)
  })
})

test('a CA that wants each certificate to be renewed at once is asked once a day for a name', async () => {
  const { authority } = stage.outside
  authority.window = () => ({ from: stage.at - 2 * DAY, until: stage.at - DAY, lookAgainAt: stage.at + HOUR })
  const url = await stage.attached('docs.example.com', { https: 'auto' })
  await passes(2 * DAY, HOUR / 2)
  expect(kinds('certificate-renewal').length).toBeLessThanOrEqual(3)
  expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
})
