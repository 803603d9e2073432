import { afterAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { readJson } from '../../src/api/json-body.ts'
import { contentDigestOf, openUpload } from '../../src/api/upload.ts'
import { Fault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { run } from '../../src/base/run.ts'
import { isWhole, listening, open, raw, request, statusOf, TestClock } from './listening.ts'

interface Seen {
  bytes: number
  sha256: string
  announced: number | null
  expected: string | null
}

let clock = new TestClock()
let brokenOff = Promise.withResolvers<unknown>()
let onBytes = (_bytes: number): void => undefined
const server = listening({
  async api(incoming, connection) {
    if (incoming.url.endsWith('/json'))
      return Response.json(await readJson(incoming, z.strictObject({ a: z.string() }), { clock }))
    if (incoming.url.endsWith('/refuse')) throw new Fault('archive_refused', 'No.')
    const hash = createHash('sha256')
    const upload = openUpload(incoming, { clock, connection, requireStill() {} })
    let bytes = 0
    try {
      for await (const chunk of upload.body) {
        hash.update(chunk)
        bytes += chunk.length
        onBytes(bytes)
        if (incoming.url.endsWith('/half')) throw new Fault('archive_refused', 'Half was enough.')
      }
    } catch (error) {
      brokenOff.resolve(error)
      throw error
    }
    const { announcedBytes: announced, expectedDigest: expected } = upload
    return Response.json({ bytes, sha256: hash.digest('hex'), announced, expected } satisfies Seen)
  },
})
const folder = await mkdtemp(join(tmpdir(), 'fairlead-upload-'))
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const content = Buffer.alloc(3_000_000, 'some bytes that repeat, ')
const sha256 = createHash('sha256').update(content).digest('hex')
const file = join(folder, 'site.zip')
await writeFile(file, content)

const curl = (...args: string[]) => run(['curl', '-sS', '--max-time', '20', '-w', '\n%{http_code}', ...args])
const at = (path: string): string => `${server.url}/api/v1/${path}`

describe('what real clients send', () => {
  test('curl -T', async () => {
    const { stdout } = await curl('-T', file, '-X', 'POST', at('up'))
    const [body = '', status] = stdout.split('\n')
    expect(status).toBe('200')
    expect(JSON.parse(body)).toEqual({
      bytes: content.length,
      sha256,
      announced: content.length,
      expected: null,
    })
  })

  test('curl -T - in chunks, without a length', async () => {
    const { stdout } = await curl('-T', file, '-X', 'POST', '-H', 'Transfer-Encoding: chunked', at('up'))
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({
      bytes: content.length,
      sha256,
      announced: null,
      expected: null,
    })
  })

  test('curl --data-binary, which calls everything a form', async () => {
    const { stdout } = await curl('--data-binary', `@${file}`, at('up'))
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ bytes: content.length, sha256 })
  })

  test('curl -F', async () => {
    const { stdout } = await curl('-F', `archive=@${file};filename="../../a\\"b"`, at('up'))
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({
      bytes: content.length,
      sha256,
      announced: null,
      expected: null,
    })
  })

  test('a form of a browser', async () => {
    const form = new FormData()
    form.set('archive', new Blob([content]), 'site.zip')
    const answer = await fetch(at('up'), { method: 'POST', body: form })
    expect(await answer.json()).toMatchObject({ bytes: content.length, sha256 })
  })

  for (const [what, ...args] of [
    ['-T', '-T', file, '-X', 'POST'],
    ['-T without waiting for 100', '-T', file, '-X', 'POST', '-H', 'Expect:'],
    ['-F', '-F', `archive=@${file}`],
  ] as [string, ...string[]][])
    for (const path of ['refuse', 'half'])
      test(`curl ${what} prints the problem of a body that is refused ${path === 'half' ? 'on its way' : 'at once'}`, async () => {
        const { stdout, code } = await curl(...args, at(path))
        expect(code).toBe(0)
        expect(stdout).toContain('"code":"archive_refused"')
        expect(stdout.endsWith('\n422')).toBe(true)
      })

  test('a client that sends everything before it reads still gets the answer, and may go on', async () => {
    const head = `POST /api/v1/half HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${content.length}\r\n\r\n`
    const next = 'GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
    const answer = await raw(server.port, head + content.toString('latin1') + next, () => false)
    expect(statusOf(answer)).toBe(422)
    expect(answer).toContain('HTTP/1.1 404')
  })
})

describe('A40 what does not arrive', () => {
  test('R06 a stalled archive is cut after a minute of waiting, and the connection closed', async () => {
    clock = new TestClock()
    const socket = await open(server.port)
    const answered = new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (chunk) => void (text += chunk.toString())).on('close', () => resolve(text))
    })
    socket.write('POST /api/v1/up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nPK')
    await clock.waited()
    clock.pass(LIMITS.http.slowBodyWindowMs)
    const answer = await answered
    expect(statusOf(answer)).toBe(408)
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(answer).toContain('"code":"too_slow"')
  })

  test('R06 a slow JSON body is cut after 15 seconds', async () => {
    clock = new TestClock()
    const answered = raw(
      server.port,
      'POST /api/v1/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a',
      isWhole,
    )
    await clock.waited()
    clock.pass(LIMITS.http.jsonBodyMs)
    expect(statusOf(await answered)).toBe(408)
  })

  test('R06 a steady archive may take its time', async () => {
    clock = new TestClock()
    const socket = await open(server.port)
    const answered = new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk.toString()
        if (isWhole(text)) resolve(text)
      })
    })
    const minutes = 5
    const part = LIMITS.http.slowBodyBytesPerWindow
    socket.write(`POST /api/v1/up HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${part * minutes}\r\n\r\n`)
    for (let minute = 1; minute <= minutes; minute++) {
      await clock.waited()
      clock.pass(LIMITS.http.slowBodyWindowMs - 1)
      const taken = Promise.withResolvers<void>()
      onBytes = (bytes) => bytes === part * minute && taken.resolve()
      socket.write(Buffer.alloc(part))
      await taken.promise
    }
    expect(statusOf(await answered)).toBe(200)
    socket.destroy()
  })

  test('an aborted archive ends the reading', async () => {
    clock = new TestClock()
    brokenOff = Promise.withResolvers()
    const socket = await open(server.port)
    socket.write('POST /api/v1/up HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nPK')
    await clock.waited()
    socket.destroy()
    const error = await brokenOff.promise
    expect(error).toBeInstanceOf(Fault)
    expect(error).toMatchObject({
      code: 'malformed',
      message: 'The request broke off after 2 bytes of its body.',
    })
  })

  test('chunks that end in the middle are not taken for the end', async () => {
    brokenOff = Promise.withResolvers()
    const socket = await open(server.port)
    socket.end('POST /api/v1/up HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc')
    expect(await brokenOff.promise).toMatchObject({ code: 'malformed' })
    socket.destroy()
  })

  test('more than the limit is refused by its announcement', async () => {
    const answer = await request(
      server.port,
      `POST /api/v1/json HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: ${LIMITS.http.jsonBodyBytes + 1}`,
    )
    expect(statusOf(answer)).toBe(413)
    expect(answer).toContain('"code":"too_large"')
  })

  test('more than the limit is refused while it comes', async () => {
    const body = new Blob([Buffer.alloc(LIMITS.http.jsonBodyBytes + 1, ' ')]).stream()
    const answer = await fetch(at('json'), {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(413)
  })
})

describe('what is announced', () => {
  const digest = `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`
  const send = (headers: Record<string, string>, body: BodyInit = content) =>
    fetch(at('up'), { method: 'POST', body, headers })

  test('Content-Digest of the archive is passed on', async () => {
    const answer = await send({ 'content-digest': `md5=:aGFsbG8=:, ${digest}` })
    expect(await answer.json()).toMatchObject({ expected: sha256 })
  })

  test('Content-Digest of a form is of the whole form', async () => {
    const body = '--B\r\nContent-Disposition: form-data; name=archive; filename=x\r\n\r\nPK\r\n--B--'
    const type = { 'content-type': 'multipart/form-data; boundary=B' }
    const right = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
    expect((await send({ ...type, 'content-digest': right }, body)).status).toBe(200)
    const wrong = await send({ ...type, 'content-digest': digest }, body)
    expect(wrong.status).toBe(422)
    expect(await wrong.json()).toMatchObject({ code: 'digest_mismatch' })
  })

  for (const header of ['sha-256=abc', 'sha-256=:abc:', ':', 'sha-256', 'x'.repeat(10_000), 'sha-256=:====:'])
    test(`Content-Digest ${header.slice(0, 20)} cannot be read`, () =>
      expect(() => contentDigestOf(header)).toThrow(Fault))

  for (const [what, headers, status] of [
    ['JSON', { 'content-type': 'application/json' }, 415],
    ['other JSON', { 'content-type': 'application/ld+json; x=y' }, 415],
    ['another multipart', { 'content-type': 'multipart/mixed; boundary=x' }, 415],
    ['a coding', { 'content-encoding': 'gzip' }, 415],
    ['a form without a boundary', { 'content-type': 'multipart/form-data' }, 400],
    ['HTML', { 'content-type': 'text/html' }, 200],
    ['nothing known', { 'content-type': 'x/y' }, 200],
  ] as [string, Record<string, string>, number][])
    test(`a body that says it is ${what}: ${status}`, async () =>
      expect((await send(headers)).status).toBe(status))

  test('no body at all is told', async () => {
    const answer = await fetch(at('up'), { method: 'POST' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      code: 'malformed',
      detail: expect.stringContaining('no body'),
    })
  })

  test('Z11 JSON is taken as application/json only', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await fetch(at('json'), {
        method: 'POST',
        body: '{"a":"b"}',
        headers: { 'content-type': type },
      })
      expect(answer.status).toBe(415)
    }
    const answer = await fetch(at('json'), {
      method: 'POST',
      body: '{"a":"b"}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await answer.json()).toEqual({ a: 'b' })
  })
})
