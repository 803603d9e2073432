import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, startApp } from '../../src/app.ts'
import { silentLog } from '../../src/base/log.ts'
import { ApiProblem, apiClient, type Client } from '../../src/contract/client.ts'
import type { Deployment } from '../../src/contract/shapes.ts'
import { tarOf } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-many-'))
let app: App
let client: Client

beforeAll(async () => {
  const listen = { hostname: '127.0.0.1', port: 0 }
  app = await startApp({
    data: folder,
    listen,
    sitesListen: listen,
    url: null,
    assets: new Map(),
    log: silentLog,
  })
  client = apiClient((path, init) => fetch(app.url + path, init))
})
afterAll(async () => {
  await app.stop()
  rmSync(folder, { recursive: true })
})

const inOrder = async (params: { service: string; environment: string }): Promise<Deployment[]> => {
  const { value } = await client.call('deployments.list', { params, query: { limit: 200 } })
  return value.items.toReversed()
}
const answer = async (service: string, environment = 'production') =>
  await (await fetch(app.sitesUrl, { headers: { host: `${environment}.${service}.localhost` } })).text()
const settled = async () => {
  for (;;) {
    const { value } = await client.call('operations.list', { query: { limit: 200 } })
    if (value.items.every(({ status }) => status !== 'queued' && status !== 'running')) return
    await Bun.sleep(5)
  }
}

describe('many at the same time', () => {
  test('A41 20 uploads at once to one environment, 10 times: one is live, the others are whole or superseded', async () => {
    await client.call('services.create', { json: { name: 'race', kind: 'static' } })
    const params = { service: 'race', environment: 'production' }
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          client.call('deployments.create', {
            params,
            body: tarOf({ 'index.html': `round ${round} upload ${i}` }),
          }),
        ),
      )
      await settled()
      const deployments = (await inOrder(params)).slice(-20)
      expect(deployments.length).toBe(20)
      for (const { status } of deployments) expect(['succeeded', 'superseded']).toContain(status)
      const newest = deployments.at(-1)
      expect(newest).toMatchObject({ status: 'succeeded', live: true })
      expect(await answer('race')).toStartWith(`round ${round} `)
    }
    expect(readdirSync(join(folder, 'staging'))).toEqual([])
  }, 120_000)

  test('A41 the deletion of the environment while uploads arrive leaves nothing on disk', async () => {
    await client.call('services.create', { json: { name: 'gone', kind: 'static' } })
    const params = { service: 'gone', environment: 'production' }
    const uploads = Array.from({ length: 20 }, (_, i) =>
      client
        .call('deployments.create', { params, body: tarOf({ 'index.html': `upload ${i}` }) })
        .catch((error) => {
          expect(error).toBeInstanceOf(ApiProblem)
          expect([404, 409]).toContain((error as ApiProblem).problem.status) // an ApiProblem, says the line before
        }),
    )
    const { value } = await client.call('environments.delete', { params })
    await Promise.all(uploads)
    await settled()
    expect((await client.call('operations.show', { params: { id: value.id } })).value.status).toBe(
      'succeeded',
    )
    expect(await answer('gone')).not.toContain('upload')
    const links = readdirSync(join(folder, 'sites'))
    expect(links.length).toBe(1)
  }, 60_000)

  test('R08 deploy, rollback, promotion, rename and deletion in every pair end in a legal order', async () => {
    const site = (text: string) => tarOf({ 'index.html': text })
    const verbs = ['deploy', 'rollback', 'promote', 'rename', 'settings', 'delete'] as const
    let number = 0
    for (const first of verbs)
      for (const second of verbs) {
        const service = `pair-${number++}`
        await client.call('services.create', { json: { name: service, kind: 'static' } })
        await client.call('environments.create', { params: { service }, json: { name: 'staging' } })
        const production = { service, environment: 'production' }
        const staging = { service, environment: 'staging' }
        const waited = { query: { wait: 'true' } } as const
        for (const text of ['a', 'b'])
          await client.call('deployments.create', {
            params: production,
            ...waited,
            body: site(`${service} ${text}`),
          })
        await client.call('deployments.create', { params: staging, ...waited, body: site(`${service} s`) })
        const act = (verb: (typeof verbs)[number]): Promise<unknown> =>
          ({
            deploy: () =>
              client.call('deployments.create', { params: production, body: site(`${service} c`) }),
            rollback: () =>
              client.call('deployments.create', { params: production, json: { rollbackTo: 'previous' } }),
            promote: () =>
              client.call('deployments.create', { params: production, json: { promoteFrom: 'staging' } }),
            rename: () =>
              client.call('environments.update', { params: production, json: { name: 'renamed' } }),
            settings: () =>
              client.call('environments.update', {
                params: production,
                json: { htmlHandling: 'drop-trailing-slash' },
              }),
            delete: () => client.call('environments.delete', { params: production }),
          })[verb]()
        for (const { status, reason } of await Promise.allSettled([act(first), act(second)]).then((all) =>
          all.map((one) => ({ status: one.status, reason: one.status === 'rejected' ? one.reason : null })),
        ))
          if (status === 'rejected') {
            expect(reason).toBeInstanceOf(ApiProblem)
            expect(reason.problem.status).toBeOneOf([404, 409, 502])
          }
        await settled()
        const { value } = await client.call('services.show', { params: { service } })
        const environment = value.environments.find(({ name }) => name !== 'staging')
        const deleted = first === 'delete' || second === 'delete'
        if (!environment) {
          expect(deleted).toBe(true)
          continue
        }
        const history = await inOrder({ service, environment: environment.name })
        expect(history.filter(({ live }) => live).map(({ id }) => id)).toEqual([
          environment.live?.id ?? 'none',
        ])
        const lastSucceeded = history.findLast(({ status }) => status === 'succeeded')
        expect(lastSucceeded?.live).toBe(true)
        expect(await answer(service, environment.name)).toStartWith(`${service} `)
      }
    // Exactly the live sites stand: nothing was left behind by whatever lost.
    const links = readdirSync(join(folder, 'sites')).length
    const live = await countLive()
    expect(links).toBe(live)
  }, 180_000)
})

async function countLive(): Promise<number> {
  let count = 0
  let cursor: string | undefined
  do {
    const { value } = await client.call('services.list', { query: { limit: 200, ...(cursor && { cursor }) } })
    for (const { environments } of value.items)
      count += environments.filter(({ live }) => live !== null).length
    cursor = value.next ?? undefined
  } while (cursor)
  return count
}
