/** A folder goes by the folder protocol: only contents that the service does not hold travel (DESIGN §5). */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { Fault } from '../../base/fault.ts'
import { ApiProblem } from '../../contract/client.ts'
import { isLitter, type Sha256, scanFolder } from '../../contract/folder.ts'
import { sendFolder as sendMissing } from '../../contract/folder-upload.ts'
import { problemOf } from '../../contract/problem.ts'
import type { Deployment } from '../../contract/shapes.ts'
import { api, sendBytes } from '../data/api.ts'
import type { FolderFile } from './dropped.ts'
import { readAhead } from './read-ahead.ts'

export interface FolderProgress {
  phase?: 'sending' | 'checking'
  done: number
  total?: number
}

export interface FolderUpload {
  place: { service: string; environment: string }
  files: FolderFile[]
  signal: AbortSignal
  set: (progress: FolderProgress) => void
}

/** Reads the folder, sends what is missing and deploys the bundle that the server made of it. */
export async function sendFolder({ place, files, signal, set }: FolderUpload): Promise<Deployment> {
  const params = { service: place.service, environment: place.environment }
  try {
    const wanted = files.filter(({ path }) => !isLitter(path))
    const folder = await scanFolder(readAhead(wanted), {
      sha256: runningSha256,
      signal,
      onProgress: throttled((done) => set({ done })),
    })
    await sendMissing(folder, {
      client: api,
      service: place.service,
      signal,
      async send(path, body) {
        // Browsers stream no request over HTTP/1.1; a blob may lie on disk and its progress is told.
        const blob = await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).blob() // never shared
        set({ phase: 'sending', done: 0, total: blob.size })
        await sendBytes({
          path,
          body: blob,
          contentType: 'application/gzip',
          signal,
          onSent: (done) => set({ done, phase: done >= blob.size ? 'checking' : 'sending' }),
        })
      },
    })
    const json = { bundle: folder.digest }
    return (await api.call('deployments.create', { params, json, signal })).value
  } catch (thrown) {
    if (thrown instanceof Fault) throw new ApiProblem(problemOf(thrown))
    throw thrown
  }
}

/** Web Crypto cannot hash in parts. */
function runningSha256(): Sha256 {
  const hash = sha256.create()
  return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) }
}

const DRAW_MS = 80

/** Thousands of small files are told a few times a second. */
function throttled(tell: (bytes: number) => void): (bytes: number) => void {
  let last = 0
  return (bytes) => {
    const now = performance.now()
    if (now - last < DRAW_MS) return
    last = now
    tell(bytes)
  }
}
