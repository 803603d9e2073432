/** Files of certificates come back by themselves, by a placeholder if need be; and certificates that people bring. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { parseChain } from '../../src/base/x509/chain.ts'
import { newKey } from '../../src/base/x509/key.ts'
import { OF_THE_DATA_FOLDER } from '../../src/engine/account/authority.ts'
import { addOwnCertificate, deleteCertificate } from '../../src/engine/url/certificate/own.ts'
import { Renewals } from '../../src/engine/url/certificate/renewals.ts'
import { AUTHORITY, type Made, OpenSsl, rsa, stamp, type Wanted } from '../x509/openssl.ts'
import { HttpsStage } from './https-stage.ts'
import { fail } from './url-stage.ts'

const DAY = 24 * 3_600_000
let stage: HttpsStage
beforeEach(async () => {
  stage = await new HttpsStage().start()
})
afterEach(() => stage.stop())

const pems = () => stage.outside.certificates.pems
const organization = (id: string | null) => parseChain(pems().get(id ?? '')?.chain ?? '').leaf.issuer

describe('the file of a certificate', () => {
  test('that is gone or broken is put back from the database', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const id = url.https.certificateId ?? ''
    const stood = pems().get(id)
    const other = { key: newKey(), chain: stood?.chain ?? '' }
    pems().delete(id)
    await stage.engine.certificates.standUp({ quickly: true })
    expect(pems().get(id)).toEqual(stood)
    for (const broken of [
      { key: '', chain: '' },
      { key: 'x', chain: 'y' },
    ]) {
      pems().set(id, broken)
      await stage.engine.certificates.standUp()
      expect(pems().get(id)).toEqual(stood)
    }
    expect(other.key).not.toBe(stood?.key ?? '')
    expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
  })

  test('whose key came not along with a backup is a placeholder, until a new one is had by itself', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    const id = url.https.certificateId ?? ''
    stage.world.store.db.run('UPDATE certificates SET key = NULL')
    stage.world.store.db.run('UPDATE acme_accounts SET key = NULL, url = NULL')
    pems().clear()
    await stage.restart()
    expect(organization(id)).toContain('Fairlead placeholder')
    expect(stage.https(url)).toMatchObject({
      state: 'placeholder',
      certificate: {
        id,
        kind: 'placeholder',
        fingerprint: parseChain(pems().get(id)?.chain ?? '').leaf.fingerprint,
      },
    })
    expect(stage.https(url).problem?.message).toMatch(/placeholder.*did not come along/)
    const stood = pems().get(id)
    await stage.engine.certificates.standUp()
    expect(pems().get(id)).toEqual(stood)
    const events = () => stage.world.store.events.list({ limit: 500, after: 0 }).map(({ kind }) => kind)
    expect(events().filter((kind) => kind === 'certificate.placeholder')).toHaveLength(1)
    await new Renewals(stage.world, stage.engine.acceptance).look(new AbortController().signal)
    await stage.allEnded()
    expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
    expect(events()).toContain('certificate.issued')
    stage.requireNoOrphans()
  })

  test('that nothing needs goes, and with it what a CA was to see', async () => {
    const url = await stage.attached('docs.example.com', { https: 'auto' })
    pems().set('stray', { key: '', chain: '' })
    stage.outside.certificates.answers.set('docs.example.com/stray', 'text')
    await stage.engine.certificates.sweep()
    expect([...pems().keys()]).toEqual([url.https.certificateId ?? ''])
    stage.requireNoOrphans()
  })
})

describe('a certificate that somebody brings', () => {
  let openssl: OpenSsl
  let root: Made
  beforeAll(() => {
    openssl = new OpenSsl()
    root = openssl.make({ subject: '/CN=Root', names: '', extensions: AUTHORITY, ...life(-DAY, 3650 * DAY) })
  })
  afterAll(() => openssl.end())

  const START = Date.UTC(2026, 0, 1)
  function life(from: number, until: number): Pick<Wanted, 'from' | 'until'> {
    return { from: stamp(START + from), until: stamp(START + until) }
  }
  const made = (days: number, wanted: Wanted = {}): Made =>
    openssl.make({ names: 'DNS:*.example.com', by: root, ...life(-DAY, days * DAY), ...wanted })
  const add = (given: Made) => addOwnCertificate(stage.engine, OF_THE_DATA_FOLDER, given)

  test('answers under the names that it covers, until a newer one comes', async () => {
    const { row } = add(made(30))
    const url = await stage.attached('docs.example.com', { https: 'own' })
    expect(stage.https(url)).toMatchObject({
      state: 'valid',
      certificate: { id: row.id, kind: 'own' },
      renewAt: null,
    })
    const worse = add(made(10))
    expect(worse.urls).toEqual([])
    const better = add(made(60))
    expect(better.urls.map(({ hostname }) => hostname)).toEqual(['docs.example.com'])
    await stage.allEnded()
    expect(stage.https(url).certificate?.id).toBe(better.row.id)
    expect([...pems().keys()]).toEqual([better.row.id])
    expect(() => deleteCertificate(stage.world, OF_THE_DATA_FOLDER, better.row.id)).toThrow(
      /docs\.example\.com/,
    )
    deleteCertificate(stage.world, OF_THE_DATA_FOLDER, row.id)
    expect(stage.world.store.certificates.own().map(({ id }) => id)).toEqual([worse.row.id, better.row.id])
    expect(stage.outside.authority.calls).toEqual([])
  })

  test('is warned of again when a clock that was ahead is right again', async () => {
    add(made(90))
    const url = await stage.attached('docs.example.com', { https: 'own' })
    const renewals = new Renewals(stage.world, stage.engine.acceptance)
    const lookAt = async (day: number) => {
      stage.at = START + day * DAY
      await renewals.look(new AbortController().signal)
      return stage.https(url).problem?.message
    }
    expect(await lookAt(95)).toMatch(/has ended/)
    expect(await lookAt(10)).toBeUndefined()
    expect(await lookAt(61)).toMatch(/ends in 29 days/)
    expect(await lookAt(62)).toMatch(/ends in 29 days/)
  })

  test('that can not be put up is tried again with growing pauses', async () => {
    add(made(30))
    const url = await stage.attached('docs.example.com', { https: 'own' })
    const mend = fail(stage.world.hosts, 'put', new Fault('unavailable', 'NGINX is broken.'))
    add(made(60))
    await stage.allEnded()
    const renewals = new Renewals(stage.world, stage.engine.acceptance)
    const look = async (minutes: number) => {
      stage.at += minutes * 60_000
      await renewals.look(new AbortController().signal)
      await stage.allEnded()
    }
    for (let minute = 0; minute < 20; minute++) await look(1)
    const changes = () =>
      stage.world.store.operations
        .list({ limit: 500, after: null })
        .filter(({ kind }) => kind === 'url-change')
    expect(changes().length).toBeLessThan(5)
    mend()
    for (let round = 0; round < 6; round++) await look(10)
    expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
  })

  test('is taken and left again for one of the CA', async () => {
    add(made(30))
    const url = await stage.attached('docs.example.com', { https: 'own' })
    for (const [https, kind] of [
      ['auto', 'acme'],
      ['own', 'own'],
    ] as const) {
      expect((await stage.change(url, { https })).status).toBe('succeeded')
      expect(stage.https(url)).toMatchObject({ mode: https, certificate: { kind }, state: 'valid' })
      stage.requireNoOrphans()
    }
  })

  test('is warned of at 30, 14 and 7 days before its end, once each', async () => {
    add(made(90))
    const url = await stage.attached('docs.example.com', { https: 'own' })
    const renewals = new Renewals(stage.world, stage.engine.acceptance)
    const told: unknown[] = []
    for (let day = 0; day <= 92; day++) {
      stage.at = START + day * DAY
      for (let look = 0; look < 3; look++) await renewals.look(new AbortController().signal)
      const warned = stage.world.store.events.list({ limit: 500, after: 0 })
      const days = warned.flatMap(({ kind, data }) =>
        kind === 'certificate.expiring' ? [data?.['days']] : [],
      )
      if (days.length > told.length) told.push([day, days.at(-1)])
    }
    expect(told).toEqual([
      [60, 30],
      [76, 14],
      [83, 7],
      [91, 0],
    ])
    expect(stage.https(url)).toMatchObject({
      state: 'expired',
      problem: { message: expect.stringMatching(/has ended/) },
    })
    add(made(200))
    await stage.allEnded()
    expect(stage.https(url)).toMatchObject({ state: 'valid', problem: null })
  })

  describe('is refused with every reason', () => {
    const weak = { key: rsa(1024) }
    const CASES: [why: string, bring: () => Made, says: RegExp[]][] = [
      ['expired', () => made(-0.5), [/has ended/]],
      ['not yet valid', () => made(9, life(DAY, 9 * DAY)), [/begins on/]],
      ['of another key', () => ({ ...made(9), key: openssl.key() }), [/key is not the one/]],
      ['self-signed', () => openssl.make(life(-DAY, 9 * DAY)), [/signed by itself/]],
      ['weak key', () => made(9, weak), [/weak key/]],
      ['SHA-1', () => made(9, { hash: 'sha1' }), [/SHA-1/]],
      ['several', () => made(-0.5, { ...weak, hash: 'sha1' }), [/has ended/, /weak key/, /SHA-1/]],
      ['cut off', () => ({ ...made(9), certificate: made(9).certificate.slice(0, 300) }), [/cut off|broken/]],
      ['no key', () => ({ ...made(9), key: 'nothing' }), [/key/]],
    ]
    for (const [why, bring, says] of CASES)
      test(why, () => {
        const refusal = refusalOf(() => add(bring()))
        expect(refusal.code).toBe('invalid')
        for (const words of says) expect(refusal.message).toMatch(words)
        expect(stage.world.store.certificates.own()).toEqual([])
      })

    test('and when it is here already', () => {
      const given = made(9)
      add(given)
      expect(refusalOf(() => add(given)).code).toBe('conflict')
    })
  })
})

function refusalOf(work: () => unknown): Fault {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('it was taken')
}
