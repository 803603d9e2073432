import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { untilEnded } from '../../src/api/operations.ts'
import { LIMITS } from '../../src/base/limits.ts'
import type { Bundle, Deployment, Operation, Problem } from '../../src/contract/shapes.ts'
import { type Asked, site, startTestApp, type TestApp } from './app.ts'
import { TestClock } from './listening.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
  await app.ask('POST', '/services', { json: { name: 'web' } })
})
afterAll(() => app.stop())

const PLACE = '/services/web/environments/production/deployments'
const ask = async <T>(method: string, path: string, given: Asked = {}) => {
  const answer = await app.ask(method, path, given)
  return { ...answer, value: answer.body as T, problem: answer.body as Problem & { deployment: Deployment } }
}

describe('an end that is no success is a problem that holds the deployment', () => {
  test('409 superseded, for those that a newer one overtook in the queue', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        ask<Deployment>('POST', `${PLACE}?wait=true`, { body: site(`rush ${i}`) }),
      ),
    )
    const late = answers.filter(({ status }) => status !== 201)
    expect(late.length).toBeGreaterThan(0)
    for (const { status, problem } of late) {
      expect([status, problem.code]).toEqual([409, 'superseded'])
      expect(problem.deployment).toMatchObject({ status: 'superseded', live: false })
    }
    const live = (await ask<{ items: Deployment[] }>('GET', PLACE)).value.items.filter((one) => one.live)
    expect(live.map((one) => one.status)).toEqual(['succeeded'])
  })

  test('502 failed; and once what was missing is back, a retry succeeds', async () => {
    const bundle = (await ask<Bundle>('POST', '/services/web/bundles', { body: site('lost') })).value.digest
    const folder = join(app.data, 'bundles', bundle.slice(0, 2))
    await rm(folder, { recursive: true })
    const failed = await ask('POST', `${PLACE}?wait=true`, { json: { bundle } })
    expect([failed.status, failed.problem.code]).toEqual([502, 'deployment_failed'])
    const { deployment } = failed.problem
    expect(deployment).toMatchObject({ status: 'failed', live: false, bundle })
    expect(deployment.problem?.detail).toBe(failed.problem.detail)
    expect(failed.text).not.toContain(app.data)

    await ask('POST', '/services/web/bundles', { body: site('lost') })
    const retried = await ask<Operation>('POST', `/operations/${deployment.id}/retry`)
    expect(retried.status).toBe(202)
    expect(retried.value.id).not.toBe(deployment.id)
    expect(retried.headers.get('location')).toBe(`/api/v1/operations/${retried.value.id}`)
    const log = await ask('GET', `/operations/${retried.value.id}/log`, {
      headers: { accept: 'text/event-stream' },
    })
    expect(log.text).toContain('"status":"succeeded"')
  })
})

describe('operations', () => {
  test('that have ended can neither be cancelled nor, when they succeeded, be retried', async () => {
    const { value } = await ask<Deployment>('POST', `${PLACE}?wait=true`, { body: site('done') })
    for (const verb of ['cancel', 'retry']) {
      const { status, problem } = await ask('POST', `/operations/${value.id}/${verb}`)
      expect([status, problem.code]).toEqual([409, 'conflict'])
    }
    const shown = await ask<Operation>('GET', `/operations/${value.id}`)
    expect(shown.value).toMatchObject({ id: value.id, kind: 'deployment', status: 'succeeded' })
    expect(shown.value.steps.length).toBeGreaterThan(4)
    expect(shown.value.steps).toEqual(value.steps)
  })

  test('have a log that is read page by page or resumed as a stream, with the same lines', async () => {
    const { value } = await ask<Deployment>('POST', `${PLACE}?wait=true`, { body: site('log') })
    const path = `/deployments/${value.id}/log`
    type Lines = { items: { number: number; text: string }[]; next: string | null }
    const whole = (await ask<Lines>('GET', path)).value
    expect(whole.items.length).toBeGreaterThan(3)
    expect(whole.next).toBeNull()
    const first = (await ask<Lines>('GET', `${path}?limit=2`)).value
    const second = (await ask<Lines>('GET', `${path}?limit=200&cursor=${first.next}`)).value
    expect([...first.items, ...second.items]).toEqual(whole.items)
    const events = { accept: 'text/event-stream', 'last-event-id': '2' }
    const stream = (await ask('GET', path, { headers: events })).text
    const lines = stream.split('\n').filter((line) => line.startsWith('data: {"number"'))
    expect(lines.map((line) => JSON.parse(line.slice(6)))).toEqual(second.items)
    expect((await ask('GET', path, { headers: { ...events, 'last-event-id': '-1' } })).status).toBe(422)
    expect((await ask('GET', `/deployments/${'a'.repeat(20)}/log`, { headers: events })).status).toBe(404)
  })
})

test('a wait ends after ten minutes with the operation as it is', async () => {
  const clock = new TestClock()
  const row = { id: 'k3v9q0m2x7c5n1p8r4t6', status: 'running' }
  const queue = {
    waitFor: (_: string, signal: AbortSignal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(row))),
  }
  const api = { clock, engine: { queue }, stopping: new AbortController().signal }
  const call = {
    request: new Request('http://localhost/'),
    connection: { address: '', port: 0, keepOpen: () => undefined },
    isKnown: () => true,
  }
  const waiting = untilEnded(api as never, call, row.id) // the parts that it uses
  await clock.waited()
  clock.pass(LIMITS.http.waitMs)
  expect(await waiting).toEqual(row as never) // ditto
})
