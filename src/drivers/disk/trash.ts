import { randomBytes } from 'node:crypto'
import { readdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { errnoOf } from '../../base/fault.ts'
import { removeAll } from '../../base/files.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import type { Digest } from '../../domain/bundle.ts'
import { folders } from './folders.ts'

/** DATA/trash: things are renamed here at once and deleted later, when nobody reads them any more. */
export interface Trash {
  /** Takes a file or folder away by one rename(2). Absent is fine. */
  take(path: string): Promise<void>
  /** Deletes what is old enough, and comes back for the rest. */
  sweep(): Promise<void>
  /** Deletes at once what may hold bytes of a bundle: all but the trees of other ones, which visitors may still read. */
  purge(digest: Digest): Promise<void>
  /** Resolves when no deletion is under way. */
  stop(): Promise<void>
}

/** What is taken keeps its name behind the time and a random part. */
const OTHER_TREE = /^\d+-[0-9a-f]{12}-([0-9a-f]{64})-\d+$/

/** A name may be as long as names can be already; that of a tree stays whole. */
const cut = (name: string): string => Buffer.from(name).subarray(0, LIMITS.disk.trashNameBytes).toString()

export function diskTrash(options: { data: string; clock: Clock; log: Log }): Trash {
  const { data, clock, log } = options
  const folder = folders.trash(data)
  let sweeping: Promise<void> = Promise.resolve()
  let cancelTimer: (() => void) | null = null
  let isStopped = false

  const sweepLater = () => {
    if (!isStopped) cancelTimer ??= clock.after(LIMITS.disk.trashMs, () => void sweep())
  }
  const sweep = (): Promise<void> => {
    cancelTimer?.()
    cancelTimer = null
    sweeping = sweeping
      .then(() => deleteOld(folder, clock, () => isStopped))
      .then((isLeft) => void (isLeft && sweepLater()))
      .catch((cause) => {
        log.write('error', 'the trash could not be emptied', { cause })
        sweepLater()
      })
    return sweeping
  }

  return {
    async take(path) {
      try {
        const name = `${clock.now()}-${randomBytes(6).toString('hex')}-${cut(basename(path))}`
        await rename(path, join(folder, name))
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error
      }
      sweepLater()
    },
    sweep,
    purge(digest) {
      const purged = sweeping.then(async () => {
        for (const name of await readdir(folder))
          if ((OTHER_TREE.exec(name)?.[1] ?? digest) === digest) await removeAll(join(folder, name))
      })
      sweeping = purged.catch(() => {})
      return purged
    },
    async stop() {
      isStopped = true
      cancelTimer?.()
      await sweeping
    },
  }
}

/** Whether something younger is left. The time of the rename is part of the name. */
async function deleteOld(folder: string, clock: Clock, isStopped: () => boolean): Promise<boolean> {
  let isLeft = false
  for (const name of await readdir(folder)) {
    const taken = Number.parseInt(name, 10)
    const isYoung = clock.now() - taken < LIMITS.disk.trashMs && taken <= clock.now()
    if (isStopped()) return true
    if (isYoung) isLeft = true
    else await removeAll(join(folder, name))
  }
  return isLeft
}
