/** What stands in an unpacked bundle, as the system tells it. */
import { createHash } from 'node:crypto'
import { type Dirent, lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { errnoOf } from '../../base/fault.ts'
import { type BundleFile, contentMtime } from '../../domain/bundle.ts'

export const FILE_MODE = 0o644
export const FOLDER_MODE = 0o755

export const modeOf = ({ mode }: Stats): number => mode & 0o7777

export function isRight(stat: Stats, { size, sha256 }: BundleFile, isItself: boolean): boolean {
  return (
    stat.isFile() &&
    (!isItself || stat.size === size) &&
    modeOf(stat) === FILE_MODE &&
    stat.mtimeMs === contentMtime(sha256) * 1000
  )
}

export function statOf(path: string): Stats | null {
  try {
    return lstatSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null
    throw error
  }
}

export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return []
    throw error
  }
}

export function hashOf(path: string): string | null {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Null: it is no gzip of so many bytes. A file that can't be gunzipped is what it is, and no failure of the look. */
export function gunzippedHash(path: string, size: number): string | null {
  const packed = readFileSync(path)
  try {
    const content = gunzipSync(packed, { maxOutputLength: Math.max(size, 1) })
    return createHash('sha256').update(content).digest('hex')
  } catch {
    return null // it is told as a difference
  }
}
