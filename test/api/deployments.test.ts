import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { run } from '../../src/base/run.ts'
import type { Deployment, Problem } from '../../src/contract/shapes.ts'
import { type Asked, archiveOf, site, startTestApp, type TestApp } from './app.ts'
import { request, statusOf } from './listening.ts'

let app: TestApp
let count = 0
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())
afterEach(async () => expect(await app.staging()).toEqual([]))

/** A fresh service with staging beside production. */
async function service(): Promise<string> {
  const name = `web-${++count}`
  expect((await app.ask('POST', '/services', { json: { name } })).status).toBe(201)
  expect(
    (await app.ask('POST', `/services/${name}/environments`, { json: { name: 'staging' } })).status,
  ).toBe(201)
  return name
}

const at = (name: string, environment = 'production'): string =>
  `/services/${name}/environments/${environment}/deployments`
const deploy = async (name: string, given: Asked, query = '?wait=true', environment = 'production') => {
  const answer = await app.ask('POST', `${at(name, environment)}${query}`, given)
  return {
    ...answer,
    deployment: answer.body as Deployment,
    problem: answer.body as Problem & { deployment: Deployment },
  }
}
const live = async (name: string, environment = 'production'): Promise<string> =>
  await (await fetch(`http://${environment}.${name}.localhost:${new URL(app.sitesUrl).port}/`)).text()
const history = async (name: string, environment = 'production'): Promise<Deployment[]> =>
  ((await app.ask('GET', at(name, environment))).body as { items: Deployment[] }).items

describe('deploying an archive', () => {
  test('without wait: 202 and where it goes on; with wait: 201 when visitors have it', async () => {
    const name = await service()
    const accepted = await deploy(name, { body: site('one') }, '')
    expect(accepted.status).toBe(202)
    expect(accepted.headers.get('location')).toBe(`/api/v1/deployments/${accepted.deployment.id}`)
    const second = await deploy(name, { body: site('two') }, '?wait=true&message=Second')
    expect(second.status).toBe(201)
    expect(second.deployment).toMatchObject({
      status: 'succeeded',
      live: true,
      cause: 'upload',
      message: 'Second',
      problem: null,
    })
    expect(second.deployment.bundle).toBe(createHash('sha256').update(site('two')).digest('hex'))
    expect(second.deployment.urls).toEqual([expect.stringContaining(`production.${name}.localhost`)])
    expect(await live(name)).toBe('<h1>two</h1>')
    const shown = await app.ask('GET', `/deployments/${second.deployment.id}`)
    expect(shown.body).toEqual(second.body)
    expect(shown.headers.get('etag')).toBe(second.headers.get('etag'))
  })

  test('by curl -T as a CI job does, and by curl -F', async () => {
    const name = await service()
    const file = join(app.data, 'site.tar')
    await writeFile(file, site('curl'))
    const url = `${app.url}/api/v1${at(name)}?wait=true`
    const put = await run(['curl', '-sS', '--fail-with-body', '-T', file, '-X', 'POST', url])
    expect(put.code).toBe(0)
    expect(JSON.parse(put.stdout)).toMatchObject({ status: 'succeeded', live: true })
    const form = await run(['curl', '-sS', '--fail-with-body', '-F', `archive=@${file}`, url])
    expect(JSON.parse(form.stdout)).toMatchObject({
      status: 'succeeded',
      bundle: JSON.parse(put.stdout).bundle,
    })
    await writeFile(file, 'no archive')
    const refused = await run(['curl', '-sS', '--fail-with-body', '-T', file, '-X', 'POST', url])
    expect(refused.code).toBe(22)
    expect(JSON.parse(refused.stdout)).toMatchObject({ status: 422, code: 'archive_refused' })
  })

  for (const query of ['', '?wait=true'])
    test(`A39 a refused archive is recorded and told, "${query}"`, async () => {
      const name = await service()
      await deploy(name, { body: site('before') })
      const bodies: BodyInit[] = [
        '<!doctype html>',
        'x'.repeat(100_000),
        archiveOf({ '../outside': 'x' }),
        site('cut').slice(0, 700),
      ]
      for (const body of bodies) {
        const { status, problem } = await deploy(
          name,
          { body, headers: { 'content-type': 'application/zip' } },
          query,
        )
        expect(status).toBe(422)
        expect(problem).toMatchObject({
          code: 'archive_refused',
          deployment: { status: 'failed', bundle: null, live: false },
        })
        expect(problem.deployment.problem?.detail).toBe(problem.detail)
        expect((await app.ask('GET', `/deployments/${problem.deployment.id}`)).body).toEqual(
          problem.deployment as never,
        )
      }
      expect(await history(name)).toHaveLength(1 + bodies.length)
      expect(await live(name)).toBe('<h1>before</h1>')
    })

  test('an announced SHA-256 is checked', async () => {
    const name = await service()
    const sha256 = createHash('sha256').update(site('sum')).digest('hex')
    expect((await deploy(name, { body: site('sum') }, `?wait=true&sha256=${sha256}`)).status).toBe(201)
    const wrong = await deploy(name, { body: site('other') }, `?wait=true&sha256=${sha256}`)
    expect(wrong.status).toBe(422)
    expect(wrong.problem.code).toBe('digest_mismatch')
    const both = { 'content-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` }
    expect((await deploy(name, { body: site('sum'), headers: both }, `?sha256=${sha256}`)).problem.code).toBe(
      'invalid',
    )
  })

  test('A39 two file parts deploy nothing', async () => {
    const name = await service()
    const form = new FormData()
    form.append('archive', new Blob([site('one')]), '../../x')
    form.append('archive', new Blob([site('two')]), 'y')
    expect((await deploy(name, { body: form })).problem.code).toBe('malformed')
    expect(await history(name)).toEqual([])
  })

  test('A40 an archive that is announced as too large is refused before a byte of it', async () => {
    const name = await service()
    for (const length of [5 * 1024 ** 3, Number.MAX_SAFE_INTEGER, 10 ** 15]) {
      const head = `POST /api/v1${at(name)} HTTP/1.1\nHost: localhost\nContent-Length: ${length}`
      const answer = await request(Number(new URL(app.url).port), head)
      expect(statusOf(answer)).toBe(413)
      expect(answer).toContain('"code":"too_large"')
    }
  })

  test('A40 an upload that is broken off leaves nothing', async () => {
    const name = await service()
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    const body = Buffer.concat([site('cut off'), Buffer.alloc(300_000)])
    socket.write(`POST /api/v1${at(name)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n`)
    socket.write(body)
    while ((await app.staging()).length === 0);
    socket.destroy()
    while ((await app.staging()).length > 0);
    expect(await history(name)).toEqual([])
  })
})

describe('deploying what is there', () => {
  test('a stored bundle, a rollback, a promotion', async () => {
    const name = await service()
    const one = await deploy(name, { body: site('one') }, '?wait=true', 'staging')
    const promoted = await deploy(name, { json: { promoteFrom: 'staging', message: 'Go' } })
    expect(promoted.status).toBe(201)
    expect(promoted.deployment).toMatchObject({
      cause: 'promotion',
      source: 'staging',
      message: 'Go',
      bundle: one.deployment.bundle ?? '',
    })
    await deploy(name, { body: site('two') })
    const back = await deploy(name, { json: { rollbackTo: 'previous' } })
    expect(back.deployment).toMatchObject({ cause: 'rollback', source: promoted.deployment.id, live: true })
    expect(await live(name)).toBe('<h1>one</h1>')
    const again = await deploy(name, { json: { bundle: one.deployment.bundle } })
    expect(again.deployment).toMatchObject({ cause: 'upload', status: 'succeeded' })
  })

  test('what is not there is told by its field, and another service opens nothing', async () => {
    const [name, other] = [await service(), await service()]
    const { deployment } = await deploy(other, { body: site('secret') })
    const wrong: [unknown, number, string][] = [
      [{ bundle: deployment.bundle }, 404, 'bundle'],
      [{ bundle: 'f'.repeat(64) }, 404, 'bundle'],
      [{ rollbackTo: deployment.id }, 404, 'rollbackTo'],
      [{ promoteFrom: 'nowhere' }, 404, 'promoteFrom'],
      [{ promoteFrom: 'production' }, 422, 'promoteFrom'],
    ]
    for (const [json, status, field] of wrong) {
      const answer = await deploy(name, { json })
      expect(answer.status).toBe(status)
      expect(answer.problem.errors[0]?.field).toBe(field)
    }
    expect((await deploy(name, { json: { rollbackTo: 'previous' } })).status).toBe(409)
    expect((await deploy(name, { json: { promoteFrom: 'staging' } })).status).toBe(409)
    expect((await app.ask('GET', `/services/${name}/bundles/${deployment.bundle}`)).status).toBe(404)
    expect((await app.ask('GET', `/services/${name}/bundles/${deployment.bundle}/archive`)).status).toBe(404)
    expect(await history(name)).toEqual([])
  })
})

describe('R07 Idempotency-Key', () => {
  test('the same request again is the same deployment, and its body is not read', async () => {
    const name = await service()
    const headers = { 'idempotency-key': 'job-7' }
    const first = await deploy(name, { body: site('once'), headers })
    expect(first.status).toBe(201)
    const replay = await deploy(name, { body: 'not even an archive', headers })
    expect(replay.status).toBe(201)
    expect(replay.body).toEqual(first.body)
    expect(await history(name)).toHaveLength(1)
    const elsewhere = await deploy(name, { body: site('once'), headers }, '?wait=true', 'staging')
    expect(elsewhere.deployment.id).not.toBe(first.deployment.id)
  })

  test('a refused archive is answered again, without a second row', async () => {
    const name = await service()
    const headers = { 'idempotency-key': 'refused' }
    const first = await deploy(name, { body: 'nonsense', headers })
    const replay = await deploy(name, { body: 'nonsense', headers })
    expect([first.status, replay.status]).toEqual([422, 422])
    expect(replay.problem.deployment.id).toBe(first.problem.deployment.id)
  })

  test('while the first is on its way the second is a conflict; after it broke off the key is free', async () => {
    const name = await service()
    const headers = { 'idempotency-key': 'slow' }
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    socket.write(
      `POST /api/v1${at(name)} HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: slow\r\nContent-Length: 9000\r\n\r\nPK`,
    )
    while ((await app.staging()).length === 0);
    const second = await deploy(name, { body: site('x'), headers })
    expect(second.status).toBe(409)
    socket.destroy()
    let third = second
    while (third.status === 409) third = await deploy(name, { body: site('x'), headers })
    expect(third.status).toBe(201)
  })

  test('services, environments and bundles have them too', async () => {
    const name = await service()
    const twice = async (path: string, given: Asked) => {
      const headers = { 'idempotency-key': path }
      const first = await app.ask('POST', path, { ...given, headers })
      const second = await app.ask('POST', path, { ...given, headers })
      expect([first.status, second.status]).toEqual([201, 201])
      expect(second.body).toEqual(first.body)
    }
    await twice('/services', { json: { name: `${name}-twin` } })
    await twice(`/services/${name}/environments`, { json: { name: 'dev' } })
    await twice(`/services/${name}/bundles`, { body: site('kept') })
  })

  for (const key of ['', 'x'.repeat(201), 'a b', 'ä'])
    test(`"${key.slice(0, 10)}" is no key`, async () => {
      const name = await service()
      const answer = await deploy(name, {
        json: { rollbackTo: 'previous' },
        headers: { 'idempotency-key': key },
      })
      expect(answer.status).toBe(400)
      expect(answer.problem.code).toBe('malformed')
    })
})

describe('waiting', () => {
  test('a client that goes away changes nothing', async () => {
    const name = await service()
    const leave = new AbortController()
    const waiting = deploy(name, { body: site('alone'), signal: leave.signal }).catch(() => null)
    while ((await history(name)).length === 0);
    leave.abort()
    await waiting
    const [row] = await history(name)
    const end = await app.ask('GET', `/operations/${row?.id}/log`, {
      headers: { accept: 'text/event-stream' },
    })
    expect(end.text).toEndWith('event: end\ndata: {"status":"succeeded"}\n\n')
    expect(await live(name)).toBe('<h1>alone</h1>')
  })

  test('a message can be changed afterwards, for the version that was seen', async () => {
    const name = await service()
    const { deployment, headers } = await deploy(name, { body: site('m') })
    const path = `/deployments/${deployment.id}`
    const etag = headers.get('etag') ?? ''
    const changed = await app.ask('PATCH', path, {
      json: { message: 'Now with words' },
      headers: { 'if-match': etag },
    })
    expect(changed.body).toMatchObject({ message: 'Now with words' })
    const stale = await app.ask('PATCH', path, {
      json: { message: 'Other words' },
      headers: { 'if-match': etag },
    })
    expect(stale.status).toBe(412)
    expect(stale.body).toMatchObject({ current: { message: 'Now with words' } })
    expect(stale.headers.get('etag')).toBe(changed.headers.get('etag'))
  })
})
