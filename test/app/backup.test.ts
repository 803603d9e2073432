import { afterAll, expect, test } from 'bun:test'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '../certificates.ts'
import { Program, ServerProgram, serverPlace, tarOf } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-backup-'))
afterAll(() => rmSync(folder, { recursive: true }))

const production = { service: 'web', environment: 'production' }
const run = (...args: string[]) => new Program(args).ended

test('backup, restore, stand by, takeover: the same sites from the same bytes', async () => {
  const place = await serverPlace(join(folder, 'first'))
  const first = await new ServerProgram(place).up()
  await first.client.call('services.create', { json: { name: 'web', kind: 'static' } })
  for (const text of ['one', 'two']) {
    const body = tarOf({
      'index.html': text,
      'style.css': 'p {}'.repeat(500),
      _headers: '/*\n  X-Text: yes\n',
    })
    await first.client.call('deployments.create', { params: production, query: { wait: 'true' }, body })
  }
  const served = await first.ask('')
  expect(await served.text()).toBe('two')

  // Its key is sealed in the database, which can write the file anew.
  const certificate = makeCertificate(['docs.example.com'])
  writeFileSync(join(place.data, 'certificates', 'one.pem'), certificate.key + certificate.chain)
  // While the server runs.
  const file = join(folder, 'backup.tar')
  expect(await run('backup', file, '--data', place.data)).toMatchObject({ code: 0 })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await run('backup', 'key', join(folder, 'key'), '--data', place.data)).toMatchObject({ code: 0 })
  expect(readFileSync(file).includes(readFileSync(join(place.data, 'key')))).toBe(false)
  expect(readFileSync(file).includes(certificate.key.slice(40, 80))).toBe(false)
  await first.end('SIGTERM')

  const other = await serverPlace(join(folder, 'second'))
  const restored = await run('restore', file, '--key', join(folder, 'key'), '--data', other.data)
  expect(restored).toMatchObject({ code: 0 })
  expect(readFileSync(join(other.data, 'key'), 'utf8')).toBe(readFileSync(join(place.data, 'key'), 'utf8'))
  const second = await new ServerProgram(other).up()
  await second.until('the site stands again', async () => (await (await second.ask('')).text()) === 'two')
  const again = await second.ask('')
  expect(again.headers.get('etag')).toBe(served.headers.get('etag'))
  expect(again.headers.get('x-text')).toBe('yes')

  const rollback = () =>
    second.client.call('deployments.create', {
      params: production,
      query: { wait: 'true' },
      json: { rollbackTo: 'previous' },
    })
  expect(await rollback().catch((error) => error)).toMatchObject({
    problem: { code: 'standing_by', status: 503 },
  })
  expect(await (await second.ask('')).text()).toBe('two')
  expect(await run('takeover', '--data', other.data)).toMatchObject({ code: 0 })
  expect((await rollback()).status).toBe(201)
  expect(await (await second.ask('')).text()).toBe('one')
  const { value: told } = await second.client.call('events.list', { query: { limit: '200' } })
  const kinds = told.items.map(({ kind }) => kind).filter((kind) => kind.startsWith('instance.'))
  expect(kinds).toEqual(['instance.restored', 'instance.taken-over'])
  expect(await run('audit', 'verify', '--data', other.data)).toMatchObject({ code: 0 })
  await second.end('SIGTERM')
}, 120_000)

test('a restore refuses a folder that is not empty and a file that is no backup', async () => {
  const full = join(folder, 'full')
  mkdirSync(full)
  writeFileSync(join(full, 'mine'), 'precious')
  const file = join(folder, 'backup.tar')
  const refused = await run('restore', file, '--data', full)
  expect(refused.code).toBe(1)
  expect(refused.output).toContain('not empty')
  expect(readFileSync(join(full, 'mine'), 'utf8')).toBe('precious')

  const strange = join(folder, 'strange.tar')
  writeFileSync(strange, new Uint8Array(await tarOf({ 'index.html': 'x' }).arrayBuffer()))
  const unknown = await run('restore', strange, '--data', join(folder, 'none'))
  expect(unknown.code).toBe(1)
  expect(unknown.output).toContain('not a backup')
  const badKey = await run('restore', file, '--key', strange, '--data', join(folder, 'none'))
  expect(badKey).toMatchObject({ code: 1, output: expect.stringContaining('key file is damaged') })
  const absent = await run('restore', join(folder, 'absent'), '--data', join(folder, 'none'))
  expect(absent).toMatchObject({ code: 1, output: expect.stringContaining('There is no file') })

  const whole = readFileSync(file)
  const cut = join(folder, 'cut.tar')
  writeFileSync(cut, whole.subarray(0, whole.length - 2_000))
  const short = await run('restore', cut, '--data', join(folder, 'short'))
  expect(short.code).toBe(1)
  expect(existsSync(join(folder, 'short', 'fairlead.db'))).toBe(false)
  expect(readdirSync(join(folder, 'short'))).toEqual([])
  expect(await run('restore', file, '--data', join(folder, 'short'))).toMatchObject({ code: 0 })

  const damaged = Buffer.from(whole)
  damaged[whole.length - 3_000] = (damaged[whole.length - 3_000] ?? 0) ^ 0xff
  const flipped = join(folder, 'flipped.tar')
  writeFileSync(flipped, damaged)
  const broken = await run('restore', flipped, '--data', join(folder, 'broken'))
  expect(broken.code).toBe(1)
  expect(existsSync(join(folder, 'broken', 'fairlead.db'))).toBe(false)
}, 120_000)

test('a backup replaces an earlier one and nothing else', async () => {
  const { data } = await serverPlace(join(folder, 'first'))
  const file = join(folder, 'backup.tar')
  const size = statSync(file).size
  expect(await run('backup', file, '--without-bundles', '--data', data)).toMatchObject({ code: 0 })
  expect(statSync(file).size).toBeLessThan(size)
  expect(await run('backup', 'key', join(folder, 'key'), '--data', data)).toMatchObject({ code: 0 })

  const mine = join(folder, 'mine.txt')
  writeFileSync(mine, 'precious')
  for (const argv of [['backup'], ['backup', 'key']]) {
    for (const taken of [mine, join(folder, 'first')])
      expect(await run(...argv, taken, '--data', data)).toMatchObject({
        code: 1,
        output: expect.stringContaining('exists already and was left as it is'),
      })
    expect(await run(...argv, join(folder, 'absent', 'b.tar'), '--data', data)).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no folder'),
    })
  }
  expect(readFileSync(mine, 'utf8')).toBe('precious')
}, 120_000)
