import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { needs } from '../needs.ts'
import { Program, ServerProgram, serveArgs, serverPlace, tarOf } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'fairlead-start-'))
let made = 0
const newFolder = () => join(folder, String(made++))
const running: Program[] = []
const started = <P extends Program>(program: P): P => {
  running.push(program)
  return program
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.end('SIGKILL')))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('a start that can not be', () => {
  test('R04 a second process on the same data folder names the first', async () => {
    const data = newFolder()
    const first = await started(new ServerProgram(await serverPlace(data))).up()
    const second = await started(new Program(serveArgs(await serverPlace(data)))).ended
    expect(second.code).toBe(1)
    expect(second.output).toContain(`process ${first.child.pid}`)
    expect(second.output).toContain('--data')
    expect((await first.client.call('services.list', {})).status).toBe(200)
  })

  test('a port in use names the option that moves it', async () => {
    const holder = createServer()
    const place = await serverPlace(newFolder())
    for (const [port, option] of [
      [place.port, '--listen'],
      [place.sitesPort, '--sites-listen'],
    ] as const) {
      await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve))
      const { code, output } = await started(new Program(serveArgs(place))).ended
      await new Promise((resolve) => holder.close(resolve))
      expect(code).toBe(1)
      expect(output).toContain(`127.0.0.1:${port} is in use`)
      expect(output).toContain(option)
    }
    await started(new ServerProgram(place)).up()
  })

  test('R03 a corrupt database is left as it is', async () => {
    const data = newFolder()
    mkdirSync(data)
    const rubbish = 'this is no database\n'.repeat(1_000)
    writeFileSync(join(data, 'fairlead.db'), rubbish)
    const { code, output } = await started(new Program(serveArgs(await serverPlace(data)))).ended
    expect(code).toBe(1)
    expect(output).toContain('damaged')
    expect(output).toContain('backup')
    expect(output).not.toContain('    at ')
    expect(readFileSync(join(data, 'fairlead.db'), 'utf8')).toBe(rubbish)
  })

  test('a data folder that is a file', async () => {
    const data = newFolder()
    writeFileSync(data, '')
    const { code, output } = await started(new Program(serveArgs(await serverPlace(data)))).ended
    expect(code).toBe(1)
    expect(output).toContain("can't be made or written")
  })

  needs('root', 'mount')('a data folder that may not be written', async () => {
    const mounted = newFolder()
    mkdirSync(mounted)
    expect(Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'ro', 'fairlead-test', mounted]).exitCode).toBe(0)
    try {
      const { code, output } = await started(new Program(serveArgs(await serverPlace(mounted)))).ended
      expect(code).toBe(1)
      expect(output).toContain("can't be made or written (EROFS)")
      expect(output).toContain('--data')
    } finally {
      Bun.spawnSync(['umount', '-l', mounted])
    }
  })

  test('an address that is not loopback is refused until accounts exist', async () => {
    const place = await serverPlace(newFolder())
    const args = ['serve', '--data', place.data, '--listen', `0.0.0.0:${place.port}`]
    const { code, output } = await started(new Program(args)).ended
    expect(code).toBe(2)
    expect(output).toContain('loopback')
    expect(existsSync(join(place.data, 'fairlead.db'))).toBe(false)
  })
})

describe('a stop', () => {
  test('by SIGTERM ends with 0, cuts streams and leaves the folder in order', async () => {
    const place = await serverPlace(newFolder())
    const program = await started(new ServerProgram(place)).up()
    await program.client.call('services.create', { json: { name: 'web', kind: 'static' } })
    const stream = await fetch(`http://127.0.0.1:${place.port}/api/v1/events`, {
      headers: { accept: 'text/event-stream' },
    })
    const reading = stream.text().catch(() => 'cut')
    expect(await program.end('SIGTERM')).toMatchObject({ code: 0 })
    await reading
    expect(existsSync(join(place.data, 'pid'))).toBe(false)
  })
})

describe('a scarcity', () => {
  const rubbish = crypto.getRandomValues(new Uint8Array(65_536))
  const many = (count: number, content: Uint8Array | string) => ({
    'index.html': 'large',
    ...Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.bin`, content])),
  })

  async function withSite(program: ServerProgram) {
    await program.client.call('services.create', { json: { name: 'web', kind: 'static' } })
    const params = { service: 'web', environment: 'production' }
    const upload = (files: Record<string, string | Uint8Array>) =>
      fetch(
        `http://127.0.0.1:${program.place.port}${program.client.path('deployments.create', { params, query: { wait: 'true' } })}`,
        {
          method: 'POST',
          body: tarOf(files),
        },
      )
    expect((await upload({ 'index.html': 'small' })).status).toBe(201)
    return upload
  }

  /** What was live is live; a smaller upload needs no restart. */
  async function requireRecovery(program: ServerProgram, upload: Awaited<ReturnType<typeof withSite>>) {
    expect(await (await program.ask('')).text()).toBe('small')
    expect(readdirSync(join(program.place.data, 'staging'))).toEqual([])
    expect((await upload({ 'index.html': 'small again' })).status).toBe(201)
    expect(await (await program.ask('')).text()).toBe('small again')
    expect(program.child.exitCode).toBeNull()
  }

  for (const [scarce, options] of [
    ['bytes', 'size=64m'],
    ['inodes', 'size=512m,nr_inodes=200'],
  ] as const)
    needs('root', 'mount')(
      `A42 R01 of ${scarce} on the disk refuses an upload and loses nothing`,
      async () => {
        const mounted = newFolder()
        mkdirSync(mounted)
        expect(
          Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', options, 'fairlead-test', mounted]).exitCode,
        ).toBe(0)
        try {
          const place = await serverPlace(join(mounted, 'data'))
          const program = await started(new ServerProgram(place, { more: ['--disk-reserve', '1MiB'] })).up()
          const upload = await withSite(program)
          const refused = await upload(scarce === 'bytes' ? many(700, rubbish) : many(700, 'x'))
          expect(refused.status).toBe(507)
          expect(await refused.json()).toMatchObject({
            code: 'disk_full',
            hint: expect.stringMatching(/free/i),
          })
          await requireRecovery(program, upload)
          await program.end('SIGTERM')
        } finally {
          Bun.spawnSync(['umount', '-l', mounted])
        }
      },
    )

  needs('prlimit')('R01 of file descriptors is a readable answer and passes', async () => {
    const place = await serverPlace(newFolder())
    const program = await started(new ServerProgram(place, { under: ['prlimit', '--nofile=64'] })).up()
    const upload = await withSite(program)
    const idle: Socket[] = []
    for (let i = 0; i < 30; i++)
      await new Promise<void>((resolve) => idle.push(connect(place.port, '127.0.0.1', resolve)))
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        upload(many(300, 'x')).then(async (answer) => [answer.status, await answer.json()]),
      ),
    )
    for (const socket of idle) socket.destroy()
    // They go to one environment, so a newer one may also supersede an older one that still waits.
    for (const [status, body] of answers)
      expect(
        status === 201 || body.code === 'superseded' || (status >= 500 && typeof body.hint === 'string'),
      ).toBe(true)
    await program.settled()
    expect((await upload({ 'index.html': 'small' })).status).toBe(201)
    await requireRecovery(program, upload)
  })
})
