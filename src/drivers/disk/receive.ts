import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { checkSpace, type DiskReserve, stagingFolder } from '../../base/files.ts'
import type { ArchiveLimits } from '../../base/limits.ts'
import type { ReceivedArchive, ReceiveOptions } from '../../ports/bundles.ts'

const BUFFER_BYTES = 1_048_576
const SPACE_EVERY_BYTES = 67_108_864

export interface Receiving {
  /** DATA/staging. */
  stagingRoot: string
  limits: ArchiveLimits
  reserve: DiskReserve
  /** Throws a staging folder away. */
  discard(staging: string): Promise<void>
}

/** Streams an archive into a new staging folder. One buffer of 1 MiB is all the memory it takes. */
export async function receiveArchive(
  body: AsyncIterable<Uint8Array>,
  options: ReceiveOptions,
  receiving: Receiving,
): Promise<ReceivedArchive> {
  const { limits, reserve, stagingRoot } = receiving
  if ((options.announcedBytes ?? 0) > limits.packedBytes) throw tooLarge(limits)
  checkSpace(stagingRoot, options.announcedBytes ?? 0, reserve)
  const staging = await stagingFolder(stagingRoot)
  try {
    const { digest, size } = await writeArchive(body, options, { ...receiving, staging })
    if (options.expectedDigest !== null && options.expectedDigest !== digest)
      throw new Fault('digest_mismatch', 'The archive that arrived is not the one that was announced.', {
        hint: `Its SHA-256 is ${digest}; send it again, or announce that one.`,
      })
    return { digest, size, staging }
  } catch (error) {
    await receiving.discard(staging)
    throw error
  }
}

async function writeArchive(
  body: AsyncIterable<Uint8Array>,
  options: ReceiveOptions,
  receiving: Receiving & { staging: string },
): Promise<{ digest: string; size: number }> {
  const handle = await open(join(receiving.staging, 'archive'), 'wx', 0o600)
  try {
    const sink = new HashingSink(handle)
    let checkedAt = 0
    for await (const chunk of body) {
      options.signal.throwIfAborted()
      if (sink.size + chunk.length > receiving.limits.packedBytes) throw tooLarge(receiving.limits)
      await sink.write(chunk)
      options.onProgress?.(sink.size)
      if (sink.size - checkedAt < SPACE_EVERY_BYTES) continue
      checkedAt = sink.size
      checkSpace(receiving.stagingRoot, 0, receiving.reserve)
    }
    options.signal.throwIfAborted()
    return { digest: await sink.end(), size: sink.size }
  } finally {
    await handle.close()
  }
}

/** Collects pieces to whole buffers, hashes and writes them. */
class HashingSink {
  readonly #handle: FileHandle
  readonly #hash: Hash = createHash('sha256')
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  #filled = 0
  size = 0

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      const piece = chunk.subarray(done, done + BUFFER_BYTES - this.#filled)
      this.#buffer.set(piece, this.#filled)
      this.#filled += piece.length
      done += piece.length
      if (this.#filled === BUFFER_BYTES) await this.#flush()
    }
    this.size += chunk.length
  }

  async end(): Promise<string> {
    await this.#flush()
    return this.#hash.digest('hex')
  }

  async #flush(): Promise<void> {
    const full = this.#buffer.subarray(0, this.#filled)
    this.#hash.update(full)
    for (let done = 0; done < full.length; )
      done += (await this.#handle.write(full, done, full.length - done)).bytesWritten
    this.#filled = 0
  }
}

function tooLarge(limits: ArchiveLimits): Fault {
  return new Fault('too_large', `The archive is larger than ${limits.packedBytes} bytes.`, {
    hint: 'Leave out what visitors never load, or split the site.',
  })
}
