/** Operations that meet an edited site stop before they change anything, and name the finding; what they do is none. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { Renewals } from '../../src/engine/url/certificate/renewals.ts'
import type { OperationRow } from '../../src/store/operations.ts'
import type { UrlRow } from '../../src/store/urls.ts'
import { HttpsStage } from '../engine/https-stage.ts'

const DOCS = 'docs.example.com'
const { signal } = new AbortController()
let stage: HttpsStage
let url: UrlRow
beforeEach(async () => {
  stage = await new HttpsStage().start()
  await stage.ended(stage.deploy({ 'index.html': 'one' }))
  url = await stage.attached(DOCS, { https: 'auto' })
})
afterEach(() => stage.stop())

const settings = (notFoundHandling: 'none' | 'single-page-application') => {
  const { id, settings: before } = stage.environment()
  return stage.ended(stage.engine.acceptance.changeSettings(id, { ...before, notFoundHandling }, LOCAL_ACTOR))
}

const DEEDS: [what: string, deed: () => Promise<OperationRow>, why: string][] = [
  ['a change of HTTPS', () => stage.change(url, { redirectToHttps: false }), 'HTTPS would overwrite it'],
  ['a renewal', () => stage.renew(url), 'HTTPS would overwrite it'],
  ['other settings', () => settings('single-page-application'), 'other rules would overwrite it'],
  [
    'a deployment with other rules',
    () => stage.ended(stage.deploy({ 'index.html': 'two' }, '/*\n  X-Version: 2\n')),
    'other rules would overwrite it',
  ],
  ['a detach', () => stage.ended(stage.detach(url).operationId), `it would go with ${DOCS}`],
  [
    'a deletion',
    () => stage.ended(stage.engine.acceptance.deleteEnvironment(stage.environment().id, LOCAL_ACTOR)),
    `it would go with ${DOCS}`,
  ],
]

for (const [what, deed, why] of DEEDS)
  test(`${what} stops, changes nothing, and goes on when the site was put back`, async () => {
    const { names, authority } = stage.outside
    const before = [names.dump(), structuredClone(names.hosts.get(DOCS)), authority.orders.size]
    names.changed.add(DOCS)
    const { status, problem } = await deed()
    expect([status, problem?.['code'], problem?.['detail']]).toEqual([
      'failed',
      'conflict',
      expect.stringContaining(`/nginx/${DOCS}.conf was changed by hand: ${why} (finding `),
    ])
    expect([names.dump(), names.hosts.get(DOCS), authority.orders.size]).toEqual(before)
    const [finding, ...more] = stage.world.store.drifts.open()
    expect([finding?.kind, finding?.hostname, more]).toEqual(['site-text', DOCS, []])
    const seen = { actor: LOCAL_ACTOR, seen: finding?.digest ?? '' }
    const revert = stage.engine.drift.ways.revert(finding?.id ?? '', seen)
    expect((await stage.ended(revert)).status).toBe('succeeded')
    expect((await deed()).status).toBe('succeeded')
    await stage.engine.drift.look(signal)
    expect(stage.world.store.drifts.open()).toEqual([])
  })

test('half a year of renewals, with looks all the while, is no drift', async () => {
  const renewals = new Renewals(stage.world, stage.engine.acceptance)
  await stage.attached('*.example.com', { https: 'auto' })
  const QUARTER = 6 * 3_600_000
  for (let step = 0; step < 2 * 365; step++) {
    stage.at += QUARTER
    const state = { isOver: false }
    const renewed = renewals.look(signal).then(async () => {
      await stage.allEnded()
      state.isOver = true
    })
    do await stage.engine.drift.look(signal)
    while (!state.isOver)
    await renewed
    expect([step, stage.world.store.drifts.open()]).toEqual([step, []])
  }
  const { store } = stage.world
  const kinds = store.operations.list({ limit: 100, after: null }).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'certificate-renewal').length).toBeGreaterThan(3)
  expect(store.drifts.list({ limit: 10, after: null }, 'ended')).toEqual([])
}, 120_000)
