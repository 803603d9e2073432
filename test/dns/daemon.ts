/** Programs that answer on loopback: started with a folder of their own, waited for, ended by their id. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const START_MS = 20_000
/** Debian's sbin is not on the path of everybody. */
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }

export const newFolder = (name: string): string => mkdtempSync(join(tmpdir(), `fairlead-${name}-`))

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

const running = new Set<Daemon>()

/** Ends what was not ended, since a test failed half-way. */
export async function endAll(): Promise<void> {
  for (const daemon of running) await daemon.end()
}

export class Daemon {
  readonly folder: string
  private readonly argv: readonly [string, ...string[]]
  private child: ChildProcess | null = null
  private output = ''

  constructor(folder: string, argv: readonly [string, ...string[]]) {
    this.folder = folder
    this.argv = argv
  }

  /** Resolves when `isUp` says so, throws with what the program printed when it never does. */
  async start(isUp: () => Promise<boolean>): Promise<void> {
    const [program, ...args] = this.argv
    const child = spawn(program, args, { cwd: this.folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    running.add(this)
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.output = `${this.output}${chunk.toString()}`.slice(-20_000)))
    const deadline = Date.now() + START_MS
    while (!(await isUp())) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`${program} does not start:\n${this.output}`)
      await Bun.sleep(20)
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this
    this.child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  async end(): Promise<void> {
    running.delete(this)
    await this.stop('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What a program prints, given this on its standard input; throws when it fails. */
export function outputOf(argv: readonly [string, ...string[]], input = ''): Promise<string> {
  const [program, ...args] = argv
  const child = spawn(program, args, { env })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()))
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(texts.out) : reject(new Error(`${program}: ${texts.out}${texts.err}`)),
    )
  })
}
