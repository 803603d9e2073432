import { closeSync, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ArchiveEntry } from '../../../base/archive/entry.ts'
import { FileWindow } from '../../../base/archive/window.ts'
import { errnoOf } from '../../../base/fault.ts'
import { type BundleFile, contentMtime } from '../../../domain/bundle.ts'
import { decodeFiles, decodeHead, decodeOrigin, type FileOrigin } from '../../../domain/manifest.ts'
import type { BaseFolder } from './messages.ts'

const COMPARE_BYTES = 1_048_576

interface KnownFile {
  file: BundleFile
  origin: FileOrigin | null
}

/**
 * A bundle that is unpacked already. For a ZIP it also knows where each file's packed bytes lie: an entry with the same
 * path, method, CRC, sizes and byte-identical packed bytes is the same file and needs no unpacking. A base that can't
 * be read is no base: nothing depends on it but speed.
 */
export class Base {
  readonly #tree: string
  /** Entries come in about the order of the base's, so that one large read serves many. */
  readonly #archive: FileWindow
  readonly #files: Map<string, KnownFile>

  private constructor(tree: string, archive: FileWindow, files: Map<string, KnownFile>) {
    this.#tree = tree
    this.#archive = archive
    this.#files = files
  }

  static open(folder: BaseFolder): Base | null {
    try {
      const files = knownFiles(readFileSync(folder.manifest))
      if (!files) return null
      const fd = openSync(folder.archive, 'r')
      return new Base(folder.tree, new FileWindow(fd, fstatSync(fd).size), files)
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null
      throw error
    }
  }

  /** The hash of an entry whose packed bytes stand in this base's archive too; null when that is not so. */
  sameEntry(path: string, entry: ArchiveEntry, packed: PackedBytes): string | null {
    const known = this.#files.get(path)
    const origin = known?.origin
    const isAlike =
      origin &&
      entry.zip?.crc === origin.crc &&
      entry.packedSize === origin.packedSize &&
      entry.size === known.file.size &&
      (entry.method === 'deflated') === origin.deflated
    return isAlike && this.#holds(origin, packed) ? known.file.sha256 : null
  }

  /** Whether this base has the same content under the same path. */
  has(path: string, sha256: string): boolean {
    return this.#files.get(path)?.file.sha256 === sha256
  }

  /** Whether a file stands in its tree as it was made, by what a look at it can tell. */
  standsAt(path: string, made: { digest: string; size?: number }): 'right' | 'wrong' | 'absent' {
    const stat = lstatSync(this.onDisk(path), { throwIfNoEntry: false })
    if (!stat) return 'absent'
    const isRight =
      stat.isFile() &&
      (stat.mode & 0o7777) === 0o644 &&
      stat.mtimeMs === contentMtime(made.digest) * 1000 &&
      (made.size === undefined || stat.size === made.size)
    return isRight ? 'right' : 'wrong'
  }

  onDisk(path: string): string {
    return join(this.#tree, path)
  }

  close(): void {
    closeSync(this.#archive.fd)
  }

  #holds(origin: FileOrigin, packed: PackedBytes): boolean {
    for (let at = 0; at < origin.packedSize; at += COMPARE_BYTES) {
      const length = Math.min(COMPARE_BYTES, origin.packedSize - at)
      if (!this.#archive.read(origin.dataStart + at, length).equals(packed(at, length))) return false
    }
    return true
  }
}

/** A piece of an entry's packed bytes. */
export type PackedBytes = (at: number, length: number) => Buffer

function knownFiles(manifest: Buffer): Map<string, KnownFile> | null {
  const head = decodeHead(manifest)
  if (!head) return null
  const end = head.entriesOffset + head.entriesLength
  const origins = manifest.subarray(end)
  const files = decodeFiles(manifest.subarray(head.entriesOffset, end))
  return new Map(files.map((file, index) => [file.path, { file, origin: decodeOrigin(origins, index) }]))
}
