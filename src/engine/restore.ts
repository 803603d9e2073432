/** Restore: from a backup into an empty data folder. The instance then stands by until `fairlead takeover`. */
import { type FileHandle, open, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { errnoOf, Fault } from '../base/fault.ts'
import { syncFolder, writeDurably } from '../base/files.ts'
import { Seal } from '../base/seal.ts'
import { readTarHeader, TAR_BLOCK_BYTES, tarPadding } from '../domain/canonical-tar.ts'
import { LOCAL_ACTOR } from '../domain/operation.ts'
import type { Bundles } from '../ports/bundles.ts'
import { dropPasses, forgetSealed } from '../store/account/restored.ts'
import { ensureKey, proveKey, readKey, requireKeyOf } from '../store/key.ts'
import type { OperationRow } from '../store/operations.ts'
import { Store } from '../store/store.ts'
import { BACKUP_BUNDLES, BACKUP_DATABASE, BACKUP_NOTE } from './backup.ts'
import { keepAfterAll } from './deletion.ts'
import { operationEvent } from './journal.ts'
import type { World } from './step.ts'
import { keepUrls } from './url/removal.ts'
import { giveUp, keepUrl, rowOf } from './url/row.ts'
import { giveAllUp } from './url/take-over.ts'

const PIECE_BYTES = 1_048_576
const NOTE_BYTES_MOST = 4_096

export interface RestoreOptions {
  file: string
  data: string
  /** The key that sealed the secrets of the backup; null: sealed values have to be entered again. */
  keyFile: string | null
  bundles: Pick<Bundles, 'receive' | 'keepUnread' | 'discard'>
  now: number
}

/** Throws `conflict` unless the folder is absent or empty. */
export async function requireEmptyFolder(data: string): Promise<void> {
  const names = await readdir(data).catch((error) => {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  })
  if (names.length > 0)
    throw new Fault('conflict', 'The data folder is not empty, so nothing was restored.', {
      hint: 'Restore into a new folder (--data), or empty this one if an earlier restore was interrupted.',
    })
}

const RESTORING = `${BACKUP_DATABASE}.restoring`

/** Throws `broken_data` for a folder in which a restore was interrupted: served, it would look new and lose its bundles. */
export async function requireFinishedRestore(data: string): Promise<void> {
  const names = await readdir(data)
  if (names.includes(RESTORING) && !names.includes(BACKUP_DATABASE))
    throw new Fault('broken_data', 'A restore into the data folder was interrupted.', {
      hint: 'Empty the folder and restore once more.',
    })
}

/** The database gets its name last: a folder without `fairlead.db` is an unfinished restore. */
export async function readBackup(options: RestoreOptions): Promise<{ bundles: number }> {
  const key = options.keyFile === null ? null : readKey(options.keyFile)
  const handle = await open(options.file, 'r')
  let bundles = 0
  let hasDatabase = false
  const aside = join(options.data, RESTORING)
  try {
    const reader = new TarReader(handle)
    await requireBackup(reader)
    for (let entry = await reader.next(); entry; entry = await reader.next()) {
      if (entry.name === BACKUP_DATABASE) {
        await writeDatabase(aside, entry.content)
        hasDatabase = true
      } else if (entry.name.startsWith(BACKUP_BUNDLES)) {
        await restoreBundle(options.bundles, entry.name.slice(BACKUP_BUNDLES.length), entry.content)
        bundles++
      } else throw notABackup()
    }
  } finally {
    await handle.close()
  }
  if (!hasDatabase) throw notABackup()
  if (key !== null) await writeDurably(join(options.data, 'key'), key)
  standBy(aside, options.now, (store) => {
    if (key !== null) requireKeyOf(store.instance, new Seal(key))
    else beginNewKey(store, options.data)
    const data = { withKey: key !== null }
    store.events.append({ at: options.now, kind: 'instance.restored', actor: LOCAL_ACTOR, data })
  })
  await rename(aside, join(options.data, BACKUP_DATABASE))
  await syncFolder(options.data)
  return { bundles }
}

/** From now on the instance acts. */
export function takeOver({ store, clock }: Pick<World, 'store' | 'clock'>): void {
  store.tx(() => {
    if (!store.instance.isStandingBy()) return
    store.instance.setStandingBy(false)
    store.events.append({ at: clock.now(), kind: 'instance.taken-over', actor: LOCAL_ACTOR })
  })
}

/** What the lost key has sealed is to be entered again; what comes is sealed with a new one. */
function beginNewKey(store: Store, data: string): void {
  ensureKey(data)
  forgetSealed(store.db)
  proveKey(store.instance, new Seal(readKey(join(data, 'key'))))
}

/** Ends what was open when the snapshot was taken, and has the instance stand by. */
function standBy(database: string, now: number, settleKey: (store: Store) => void): void {
  const store = new Store(database, { now, check: true })
  try {
    store.tx(() => {
      settleKey(store)
      dropPasses(store.db)
      endOperations(store, now)
      for (const environment of store.environments.all()) store.grace.removeAll(environment.id)
      store.instance.setStandingBy(true)
    })
  } finally {
    store.close()
  }
}

function endOperations(store: Store, now: number): void {
  for (const status of ['queued', 'running', 'stuck'] as const)
    for (const operation of store.operations.withStatus(status)) {
      const { id } = operation
      store.operations.end(id, { status: 'cancelled', now })
      store.pins.release(`operation:${id}`)
      store.acmeOrders.end(id, now)
      keepAfterAll(store, operation)
      settleUrls({ store, clock: { now: () => now } }, operation)
      store.events.append(operationEvent(operation, 'cancelled', now))
      store.logs.append(id, {
        at: now,
        level: 'warn',
        step: null,
        text: 'Ended by a restore from a backup.',
      })
    }
}

/** What an operation about URLs was to bring about is given up; takeover finds what stands all the same. */
function settleUrls(
  world: Pick<World, 'store'> & { clock: Pick<Clock, 'now'> },
  operation: OperationRow,
): void {
  if (operation.kind === 'url-attach') giveUp(world, rowOf(world, operation))
  else if (operation.kind === 'url-take-over') giveAllUp(world, operation)
  else if (operation.kind === 'url-detach') keepUrl(world, operation)
  else keepUrls(world, operation.facts)
}

async function writeDatabase(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    for await (const piece of content) await handle.write(piece)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function restoreBundle(
  bundles: RestoreOptions['bundles'],
  digest: string,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const received = await bundles.receive(content, {
    announcedBytes: null,
    expectedDigest: digest,
    signal: new AbortController().signal,
  })
  try {
    await bundles.keepUnread(received)
  } finally {
    await bundles.discard(received.staging)
  }
}

async function requireBackup(reader: TarReader): Promise<void> {
  const note = await reader.next()
  if (note?.name !== BACKUP_NOTE || note.size > NOTE_BYTES_MOST) throw notABackup()
  for await (const piece of note.content) if (!piece.includes('"program":"fairlead"')) throw notABackup()
}

const notABackup = (): Fault =>
  new Fault('invalid', 'The file is not a backup of Fairlead, or it is damaged.', {
    hint: 'Name a file that `fairlead backup FILE` wrote.',
  })

interface TarEntry {
  name: string
  size: number
  /** To be read before the next entry is asked for. */
  content: AsyncIterable<Buffer>
}

/** Reads the plain tars that `tarHeader` writes, piece by piece. */
class TarReader {
  private position = 0
  private readonly handle: FileHandle

  constructor(handle: FileHandle) {
    this.handle = handle
  }

  async next(): Promise<TarEntry | null> {
    const block = await this.take(TAR_BLOCK_BYTES)
    if (block.every((byte) => byte === 0)) return null
    const header = readTarHeader(block)
    if (!header) throw notABackup()
    const end = this.position + header.size + tarPadding(header.size).length
    return { ...header, content: this.content(header.size, end) }
  }

  private async *content(size: number, end: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      const piece = await this.take(Math.min(left, PIECE_BYTES))
      left -= piece.length
      yield piece
    }
    this.position = end
  }

  private async take(bytes: number): Promise<Buffer> {
    const buffer = Buffer.alloc(bytes)
    const { bytesRead } = await this.handle.read(buffer, 0, bytes, this.position)
    if (bytesRead < bytes)
      throw new Fault('invalid', 'The backup is cut short.', {
        hint: 'Copy the file again, or use an older backup.',
      })
    this.position += bytes
    return buffer
  }
}
