/** The real executable (or the checkout, before `npm run build`) on a data folder and free ports of its own. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from './measure.ts'

const root = join(import.meta.dirname, '..')
const built = join(root, 'dist/fairlead')
export const PROGRAM: [string, ...string[]] = existsSync(built)
  ? [built]
  : [process.execPath, join(root, 'src/main.ts')]

export interface Server {
  pid: number
  data: string
  api: string
  sitesPort: number
  /** Milliseconds from spawn to the first answered request. */
  startMs: number
  /** JSON in, JSON out; throws with the problem unless the answer is 2xx. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  /** Ends the process; the data folder stays. */
  stop(): Promise<void>
}

export const deployments = (service: string, environment = 'production'): string =>
  `/services/${service}/environments/${environment}/deployments`

export async function startServer(data: string): Promise<Server> {
  const port = await freePort()
  const sitesPort = await freePort()
  const api = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const [program, ...first] = PROGRAM
  const listen = ['--listen', `127.0.0.1:${port}`, '--sites-listen', `127.0.0.1:${sitesPort}`]
  const child = spawn(program, [...first, 'serve', '--data', data, ...listen], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  await firstAnswer(`${api}/api/v1/services?limit=1`)
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${api}/api/v1${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as T
  }
  return {
    pid: child.pid ?? 0,
    data,
    api,
    sitesPort,
    startMs: performance.now() - startedAt,
    call,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** A folder on the disk that holds temporary files, for one figure; `use` has ended when it is removed. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A server with a fresh data folder, and a folder to work in. */
export function withServer<T>(use: (server: Server, folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const server = await startServer(join(folder, 'data'))
    try {
      return await use(server, folder)
    } finally {
      await server.stop()
    }
  })
}

/** Uploads by curl, as a CI job does, and waits until it is live. */
export async function upload(server: Server, service: string, archive: string): Promise<void> {
  const url = `${server.api}/api/v1${deployments(service)}?wait=true`
  await must(['curl', '-sS', '--fail-with-body', '-T', archive, '-X', 'POST', url])
}

/** Polls without a pause to speak of: what is measured is the other side. */
export async function firstAnswer(url: string): Promise<void> {
  const giveUpAt = performance.now() + 30_000
  while (
    !(await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (performance.now() > giveUpAt) throw new Error(`${url} does not answer`)
    await Bun.sleep(1)
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
