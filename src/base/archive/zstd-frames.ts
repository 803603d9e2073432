import { refuseArchive } from './refusal.ts'
import { FileWindow } from './window.ts'

const FRAME = 0xfd2fb528
const MAGIC_SKIPPABLE = 0x184d2a50
const HINT = 'Make it again with zstd -19 or less, without --long and --ultra.'

/**
 * Walks the frames and blocks of a zstd file (RFC 8878 §3.1.1) without decoding them: every frame must be whole, the
 * last must end with the file, and none may ask for a window of more than 2^`windowLog` bytes. The decoder of the
 * runtime accepts a file that is cut off, and windows of any size. Throws `archive_refused`.
 */
export function checkZstdFrames(fd: number, size: number, windowLog: number): void {
  const window = new FileWindow(fd, size)
  let at = 0
  while (at < size) {
    const magic = window.read(at, 4).readUInt32LE(0)
    if (magic === FRAME) at = skipFrame(window, at + 4, windowLog)
    else if ((magic & 0xfffffff0) >>> 0 === MAGIC_SKIPPABLE) at += 8 + window.read(at + 4, 4).readUInt32LE(0)
    else throw refuseArchive('bytes that are no zstd follow behind its end')
  }
  if (at !== size) throw refuseArchive('it is cut off: the file ends too early')
}

function skipFrame(window: FileWindow, start: number, windowLog: number): number {
  const descriptor = window.read(start, 1)[0] ?? 0
  const isSingle = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >>> 6
  if ((descriptor & 0x03) !== 0)
    throw refuseArchive('it needs a zstd dictionary, which is not supported', HINT)
  if ((descriptor & 0x08) !== 0) throw refuseArchive('it is no valid zstd file')
  let at = start + 1
  if (!isSingle) {
    const exponent = (window.read(at++, 1)[0] ?? 0) / 8
    // The lower three bits add eighths of the power; a window just over the bound counts as over it.
    if (10 + exponent > windowLog) throw tooWide(windowLog)
  }
  const sizeBytes = sizeFlag === 0 ? Number(isSingle) : 2 ** sizeFlag
  if (isSingle && littleEndian(window.read(at, sizeBytes)) > 2 ** windowLog) throw tooWide(windowLog)
  at += sizeBytes
  for (let isLast = false; !isLast; ) {
    const header = window.read(at, 3).readUIntLE(0, 3)
    const kind = (header >>> 1) & 3
    if (kind === 3) throw refuseArchive('it is no valid zstd file')
    isLast = (header & 1) === 1
    at += 3 + (kind === 1 ? 1 : header >>> 3)
  }
  return at + ((descriptor & 0x04) === 0 ? 0 : 4)
}

const tooWide = (windowLog: number) =>
  refuseArchive(`it needs more than ${2 ** (windowLog - 20)} MiB of memory to be unpacked`, HINT)

const littleEndian = (bytes: Buffer): number => bytes.reduceRight((value, byte) => value * 256 + byte, 0)
