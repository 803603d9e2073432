/** The only file that knows Bun. Node's twin of each function is named beside it. */
import { closeSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import commonPasswordsPath from '@zxcvbn-ts/language-common/src/passwords.json' with { type: 'file' }

const EMBEDDED_ROOT = '/$bunfs/root/'
const isCompiled = import.meta.url.includes('$bunfs')

export interface Connection {
  /** The peer's address as the kernel tells it. */
  address: string
  port: number
  /** Lifts the idle timeout for one long-lived answer or upload. */
  keepOpen(): void
}

export interface ServeOptions {
  hostname: string
  port: number
  /** A request body over this is cut by the server before the handler sees it. */
  maxBodyBytes: number
  idleSeconds: number
  /** Whether HTTP/2 is spoken as well, with who begins with its preface (RFC 9113 §3.3). */
  http2?: true
  fetch(request: Request, connection: Connection): Response | Promise<Response>
  onError(error: Error): Response
}

export interface Server {
  port: number
  /** Resolves when no request is left; `now` cuts open connections. */
  stop(now: boolean): Promise<void>
}

/** Serves HTTP (Node: @hono/node-server). Throws with the errno when the address can't be bound. */
export function serve(options: ServeOptions): Server {
  const server = Bun.serve({
    hostname: options.hostname,
    port: options.port,
    maxRequestBodySize: options.maxBodyBytes,
    idleTimeout: options.idleSeconds,
    http2: options.http2 ?? false,
    fetch(request, bun) {
      const { address = '', port = 0 } = bun.requestIP(request) ?? {}
      return options.fetch(request, { address, port, keepOpen: () => bun.timeout(request, 0) })
    },
    error: (error) => options.onError(error),
  })
  return { port: server.port ?? options.port, stop: (now) => server.stop(now) }
}

/** A part of a file as a response body, sent by the kernel (Node: createReadStream → Readable.toWeb). */
export function fileBody(path: string, start: number, end: number): Blob {
  return Bun.file(path).slice(start, end)
}

/**
 * A part of an open file as a response body, sent by the kernel: exactly this file, whatever its name points to by
 * then. The descriptor is closed afterwards; for that the handler of `serve` must return the body synchronously,
 * since only then Bun has opened it anew through /proc before the next turn of the event loop.
 */
export function openFileBody(descriptor: number, start: number, end: number): Blob {
  setImmediate(() => closeSync(descriptor))
  return Bun.file(`/proc/self/fd/${descriptor}`).slice(start, end)
}

/** A worker thread by its path below src/, from the source tree or from inside the executable. */
export function startWorker(pathBelowSrc: string): Worker {
  return new Worker(
    isCompiled ? `${EMBEDDED_ROOT}${pathBelowSrc}.js` : new URL(`../${pathBelowSrc}.ts`, import.meta.url),
  )
}

/** Files that travel with the program: a name such as `page/index.html` to where it can be read. */
export type Assets = ReadonlyMap<string, string>

/** The built assets of a source checkout, or those in some of its subfolders. The executable passes its embedded ones instead. */
export function assetsBeside(folder: string, subfolders: readonly string[] = ['.']): Assets {
  const assets = new Map<string, string>()
  for (const subfolder of subfolders.filter((name) => existsSync(join(folder, name))))
    for (const entry of readdirSync(join(folder, subfolder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) assets.set(relative(folder, path), path)
    }
  return assets
}

export function readAsset(assets: Assets, name: string): Buffer | null {
  const path = assets.get(name)
  return path === undefined ? null : readFileSync(path)
}

/** bcrypt on a thread of the runtime's pool (Node: bcryptjs in a worker). Reads 72 bytes of the password at most. */
export const bcryptHash = (password: string, cost: number): Promise<string> =>
  Bun.password.hash(password, { algorithm: 'bcrypt', cost })

/** Whether a password made this bcrypt hash, on a thread of the runtime's pool. An empty password is none at once. */
export const bcryptVerify = (password: string, hash: string): Promise<boolean> =>
  Bun.password.verify(password, hash, 'bcrypt')

/** A JSON list of 49,000 common passwords in lower case, from node_modules or from inside the executable. */
export const commonPasswordsJson = (): Buffer => readFileSync(commonPasswordsPath)
