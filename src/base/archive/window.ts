import { readSync } from 'node:fs'
import { refuseArchive } from './refusal.ts'

const WINDOW_BYTES = 1_048_576

/** Small reads at rising positions of a file, served from one large read each. Synchronous: for worker threads. */
export class FileWindow {
  readonly fd: number
  readonly size: number
  #start = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(fd: number, size: number) {
    this.fd = fd
    this.size = size
  }

  /** Exactly `length` bytes, valid until the next call. Throws `archive_refused` (truncated) past the end. */
  read(position: number, length: number): Buffer {
    if (position + length > this.size) throw refuseArchive('it is cut off: the file ends too early')
    if (position < this.#start || position + length > this.#start + this.#bytes.length)
      this.#fill(position, Math.max(length, WINDOW_BYTES))
    return this.#bytes.subarray(position - this.#start, position - this.#start + length)
  }

  #fill(position: number, length: number): void {
    this.#bytes = readExactly(this.fd, position, Math.min(length, this.size - position))
    this.#start = position
  }
}

/** Reads `length` bytes at `position` into a buffer of its own. Throws `archive_refused` when they are not there. */
export function readExactly(fd: number, position: number, length: number): Buffer {
  return readInto(Buffer.allocUnsafe(length), fd, position)
}

/** Fills a buffer that is used again and again. */
export function readInto(buffer: Buffer, fd: number, position: number): Buffer {
  const { length } = buffer
  for (let done = 0; done < length; ) {
    const count = readSync(fd, buffer, done, length - done, position + done)
    if (count === 0) throw refuseArchive('it is cut off: the file ends too early')
    done += count
  }
  return buffer
}
