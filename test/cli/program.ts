/** The program as a person runs it: processes of their own, a temporary folder, free ports of loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Ended } from './terminal.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

export const scratch = (): string => mkdtempSync(join(tmpdir(), 'fairlead-cli-'))

/** Writes a folder of files; the answer is its path. */
export function writeSite(root: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const running = new Set<ChildProcess>()

/** Ends what a failed test left running. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

function start(argv: string[], env: Record<string, string>, input?: string): ChildProcess {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('FAIRLEAD_')),
  )
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd: tmpdir(),
    env: { ...clean, NO_COLOR: '1', ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.end(input)
  running.add(child)
  child.on('close', () => running.delete(child))
  return child
}

function collected(child: ChildProcess): Promise<Ended> {
  const texts = { out: '', err: '' }
  child.stdout?.on('data', (chunk: Buffer) => (texts.out += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (texts.err += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, ...texts })))
}

/** Runs one command to its end. `input`: what stands on its standard input. */
export const command = (argv: string[], env: Record<string, string> = {}, input?: string): Promise<Ended> =>
  collected(start(argv, env, input))

export interface Served {
  url: string
  sitesUrl: string
  sitesTlsUrl: string | null
  /** Sends a signal; resolves when the process has ended. */
  end(signal?: NodeJS.Signals): Promise<Ended>
}

/** Starts a server and waits until it says where it answers; a server that ends instead is an error. */
export async function serveProgram(data: string, more: string[] = []): Promise<Served> {
  const listen = ['--listen', '127.0.0.1:0', '--sites-listen', '127.0.0.1:0']
  const child = start(['serve', '--json', '--data', data, '--disk-reserve', '1M', ...listen, ...more], {})
  const ended = collected(child)
  let text = ''
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.endsWith('\n')) resolve(text)
    })
  })
  const first = await Promise.race([ready, ended])
  if (typeof first !== 'string') throw new Error(`serve ended with ${first.code}: ${first.err}`)
  return {
    ...(JSON.parse(first) as Omit<Served, 'end'>), // what it says it has started
    end(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** A way to the server that loses connections as a test says. */
export class Wire {
  /** Bytes to the server and back over all connections. */
  sent = 0
  answered = 0
  /** Cuts the connection when this many bytes have gone to the server; once. */
  cutAfterSent = Number.POSITIVE_INFINITY
  /** Cuts the connection instead of passing on the first answer that contains this; once. */
  swallow: string | null = null
  private readonly server: Server
  private readonly target: number

  private constructor(target: number) {
    this.target = target
    this.server = createServer((client) => this.pass(client))
  }

  static async to(url: string): Promise<Wire> {
    const wire = new Wire(Number(new URL(url).port))
    await new Promise<void>((resolve) => wire.server.listen(0, '127.0.0.1', resolve))
    return wire
  }

  get env(): Record<string, string> {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('the wire is not up')
    return { FAIRLEAD_SERVER: `http://127.0.0.1:${address.port}` }
  }

  close(): void {
    this.server.close()
  }

  private pass(client: Socket): void {
    const server = connect(this.target, '127.0.0.1')
    const cut = () => {
      client.destroy()
      server.destroy()
    }
    client.on('error', cut).on('close', () => server.end())
    server.on('error', cut).on('close', () => client.end())
    client.on('data', (chunk) => {
      this.sent += chunk.length
      if (this.sent > this.cutAfterSent) {
        this.cutAfterSent = Number.POSITIVE_INFINITY
        return cut()
      }
      server.write(chunk)
    })
    server.on('data', (chunk) => {
      this.answered += chunk.length
      if (this.swallow !== null && chunk.includes(this.swallow)) {
        this.swallow = null
        return cut()
      }
      client.write(chunk)
    })
  }
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })
