import { randomBytes } from 'node:crypto'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { errnoOf } from '../../base/fault.ts'
import { removeAll } from '../../base/files.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import { folders } from './folders.ts'

/** DATA/trash: things are renamed here at once and deleted later, when nobody reads them any more. */
export interface Trash {
  /** Takes a file or folder away by one rename(2). Absent is fine. */
  take(path: string): Promise<void>
  /** Deletes what is old enough, and comes back for the rest. */
  sweep(): Promise<void>
  /** Resolves when no deletion is under way. */
  stop(): Promise<void>
}

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
        await rename(path, join(folder, `${clock.now()}-${randomBytes(6).toString('hex')}`))
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error
      }
      sweepLater()
    },
    sweep,
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
