/** The real program in a process of its own, for tests that kill it, starve it or read its exit code. */
import { afterAll } from 'bun:test'
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { apiClient, type Client } from '../../src/contract/client.ts'
import { tarEnd, tarHeader, tarPadding } from '../../src/domain/canonical-tar.ts'

const START_MS = 30_000

/** A test that fails half-way leaves no server behind. */
const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

export interface Ended {
  code: number | null
  output: string
}

export class Program {
  readonly child: ChildProcess
  /** Standard output and error so far. */
  output = ''
  readonly ended: Promise<Ended>

  /** `under`: a program that starts it, such as prlimit. */
  constructor(args: string[], options: { under?: string[]; env?: Record<string, string> } = {}) {
    const [program = '', ...words] = [...(options.under ?? []), process.execPath, 'src/main.ts', ...args]
    this.child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    running.add(this.child)
    this.child.once('exit', () => running.delete(this.child))
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => {
        this.output += String(chunk)
      })
    this.ended = new Promise((resolve) =>
      this.child.once('close', (code) => resolve({ code, output: this.output })),
    )
  }

  /** Waits for a condition; fails when the program ends before, or after 30 s. */
  async until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + START_MS
    while (!(await isTrue().catch(() => false))) {
      if (this.child.exitCode !== null || Date.now() > deadline)
        throw new Error(`${what} did not come true\n${this.output}`)
      await Bun.sleep(5)
    }
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Ended> {
    this.child.kill(signal)
    return await this.ended
  }
}

export interface ServerPlace {
  data: string
  port: number
  sitesPort: number
}

export const serverPlace = async (data: string): Promise<ServerPlace> => ({
  data,
  port: await freePort(),
  sitesPort: await freePort(),
})

export const serveArgs = ({ data, port, sitesPort }: ServerPlace, ...more: string[]): string[] => [
  'serve',
  '--data',
  data,
  '--listen',
  `127.0.0.1:${port}`,
  '--sites-listen',
  `127.0.0.1:${sitesPort}`,
  ...more,
]

export class ServerProgram extends Program {
  readonly place: ServerPlace
  readonly client: Client

  constructor(place: ServerPlace, options: { more?: string[]; under?: string[] } = {}) {
    super(serveArgs(place, ...(options.more ?? [])), options)
    this.place = place
    this.client = apiClient((path, init) => fetch(`http://127.0.0.1:${place.port}${path}`, init))
  }

  async up(): Promise<this> {
    await this.until('the start', async () => (await fetch(`http://127.0.0.1:${this.place.port}/healthz`)).ok)
    return this
  }

  /** Operations that are queued or running, read from the database itself. */
  openOperations(): number {
    const database = new DatabaseSync(join(this.place.data, 'fairlead.db'))
    const row = database
      .prepare("SELECT count(*) AS n FROM operations WHERE status IN ('queued', 'running')")
      .get()
    database.close()
    return Number(row?.n)
  }

  async settled(): Promise<void> {
    await this.until('the end of all operations', async () => this.openOperations() === 0)
  }

  /** What visitors of an environment get. */
  ask(path: string, hostname = 'production.web.localhost'): Promise<Response> {
    const url = `http://127.0.0.1:${this.place.sitesPort}/${path}`
    return fetch(url, { headers: { host: hostname }, redirect: 'manual' })
  }
}

/** A tar of these files, as an upload. */
export function tarOf(files: Record<string, string | Uint8Array>): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for (const path of Object.keys(files).toSorted()) {
    const content = Buffer.from(files[path] ?? '')
    for (const part of [tarHeader(path, content.length), content, tarPadding(content.length)])
      parts.push(new Uint8Array(part))
  }
  return new Blob([...parts, new Uint8Array(tarEnd())])
}
