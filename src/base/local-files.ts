import * as fs from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, Fault, shown } from './fault.ts'

export interface WalkedFile {
  /** Below the folder that was walked, `/`-separated. */
  path: string
  kind: 'file' | 'symlink' | 'other'
  size: number
}

const PIECE_BYTES = 1024 * 1024

/** What stands at a path, following a symlink; null: nothing. */
export async function kindOfPath(
  path: string,
): Promise<{ kind: 'file' | 'folder' | 'other'; size: number } | null> {
  try {
    const stats = await stat(path)
    const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other'
    return { kind, size: stats.size }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null
    throw error
  }
}

/** Everything below a folder but the folders themselves; what `skip` says yes to is not entered. */
export function* walkFolder(
  folder: string,
  skip: (path: string) => boolean,
  below = '',
): Generator<WalkedFile> {
  for (const entry of fs.readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (skip(path)) continue
    if (entry.isDirectory()) yield* walkFolder(folder, skip, path)
    else if (entry.isFile()) yield { path, kind: 'file', size: fs.statSync(join(folder, path)).size }
    else yield { path, kind: entry.isSymbolicLink() ? 'symlink' : 'other', size: 0 }
  }
}

/** A file's content. Small ones are read at once: thousands of them as streams take ten times as long. */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const descriptor = fs.openSync(path, 'r')
  try {
    const { size } = fs.fstatSync(descriptor)
    for (let done = 0; ; ) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(size - done, 512)))
      const bytes = fs.readSync(descriptor, piece)
      if (bytes === 0) return
      done += bytes
      yield piece.subarray(0, bytes)
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Writes a new file. Throws `conflict` if something stands there; nothing stays when the content fails. */
export async function createFile(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'wx', 0o644).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error
    throw new Fault('conflict', `${shown(path)} exists already.`, {
      hint: 'Name another file, or remove it.',
    })
  })
  try {
    for await (const chunk of content) await handle.writeFile(chunk)
    await handle.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}
