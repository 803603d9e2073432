/** A backup is a tar: a note of what it is, a snapshot of the database, and the archives it refers to (DESIGN §4). */
import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdtemp, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isoTime } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { syncFolder } from '../base/files.ts'
import { readPieces } from '../base/local-files.ts'
import { tarEnd, tarHeader, tarPadding } from '../domain/canonical-tar.ts'
import type { Bundles } from '../ports/bundles.ts'
import type { Store } from '../store/store.ts'

export const BACKUP_NOTE = 'fairlead-backup.json'
export const BACKUP_DATABASE = 'fairlead.db'
export const BACKUP_BUNDLES = 'bundles/'

export interface BackupOptions {
  store: Store
  bundles: Pick<Bundles, 'archive'>
  /** Where the snapshot may lie meanwhile. */
  staging: string
  file: string
  withoutBundles: boolean
  version: string
  now: number
}

export interface BackupResult {
  bundles: number
  /** Archives that the database refers to and the disk does not hold. */
  missing: string[]
  bytes: number
}

/** Writes a backup beside `file` and renames it into place when it is whole and durable. The server may go on meanwhile. */
export async function writeBackup(options: BackupOptions): Promise<BackupResult> {
  const scratch = await mkdtemp(join(options.staging, 'backup-'))
  const aside = join(
    dirname(options.file),
    `.${basename(options.file)}.${randomBytes(4).toString('hex')}.tmp`,
  )
  try {
    const snapshot = join(scratch, BACKUP_DATABASE)
    options.store.snapshot(snapshot)
    const result = await writeAside(aside, snapshot, options)
    await rename(aside, options.file)
    await syncFolder(dirname(options.file))
    return result
  } finally {
    await rm(aside, { force: true })
    await rm(scratch, { recursive: true, force: true })
  }
}

async function writeAside(aside: string, snapshot: string, options: BackupOptions): Promise<BackupResult> {
  const handle = await open(aside, 'wx', 0o600)
  try {
    const result = await writeEntries(handle, snapshot, options)
    await handle.sync()
    return result
  } finally {
    await handle.close()
  }
}

async function writeEntries(
  handle: FileHandle,
  snapshot: string,
  options: BackupOptions,
): Promise<BackupResult> {
  const note = JSON.stringify({
    program: 'fairlead',
    version: options.version,
    at: isoTime(options.now),
    withBundles: !options.withoutBundles,
  })
  const missing: string[] = []
  let written = 0
  await handle.write(tarHeader(BACKUP_NOTE, Buffer.byteLength(note)))
  await handle.write(note)
  await handle.write(tarPadding(Buffer.byteLength(note)))
  await writeFileEntry(handle, BACKUP_DATABASE, snapshot)
  for (const digest of options.withoutBundles ? [] : options.store.bundles.digests()) {
    const archive = await options.bundles.archive(digest)
    if (archive) {
      await writeFileEntry(handle, `${BACKUP_BUNDLES}${digest}`, archive.path)
      written++
    } else missing.push(digest)
  }
  await handle.write(tarEnd())
  return { bundles: written, missing, bytes: (await handle.stat()).size }
}

async function writeFileEntry(handle: FileHandle, name: string, path: string): Promise<void> {
  const { size } = await stat(path)
  await handle.write(tarHeader(name, size))
  let sent = 0
  for await (const piece of readPieces(path)) {
    sent += piece.length
    await handle.write(piece)
  }
  if (sent !== size) throw new Fault('internal', `${name} changed its size while it was read.`)
  await handle.write(tarPadding(size))
}
