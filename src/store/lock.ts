import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { errnoOf, Fault } from '../base/fault.ts'

/** One server a data folder. The kernel frees the lock when the process ends, however it ends. */
export class FolderLock {
  private readonly sqlite: DatabaseSync
  private readonly pidFile: string
  /** Whether the last holder ended without `release`: a crash, a power cut. */
  readonly wasLeftOpen: boolean

  private constructor(sqlite: DatabaseSync, pidFile: string) {
    this.sqlite = sqlite
    this.pidFile = pidFile
    this.wasLeftOpen = holderOf(pidFile) !== null
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o644 })
  }

  /** Throws `conflict` with the holder's process id. */
  static take(data: string): FolderLock {
    const pidFile = join(data, 'pid')
    let sqlite: DatabaseSync | null = null
    try {
      makePrivate(join(data, 'lock'))
      sqlite = new DatabaseSync(join(data, 'lock'), { timeout: 0 })
      sqlite.exec('BEGIN EXCLUSIVE')
    } catch (cause) {
      sqlite?.close()
      if (!isBusy(cause))
        throw new Fault('broken_data', "The data folder can't be locked: its file `lock` can't be opened.", {
          hint: 'Check that the folder belongs to the user that runs Fairlead.',
          cause,
        })
      const holder = holderOf(pidFile)
      throw new Fault(
        'conflict',
        `Another Fairlead${holder ? ` (process ${holder})` : ''} is using this data folder.`,
        {
          hint: 'Stop it first, or start this one with another --data folder.',
          cause,
        },
      )
    }
    return new FolderLock(sqlite, pidFile)
  }

  release(): void {
    rmSync(this.pidFile, { force: true })
    this.sqlite.close()
  }
}

/** Whoever may read the file could lock it too, and keep the server from starting. */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // Opening and closing one that is there would free the locks of this process (close(2) and POSIX locks).
    if (errnoOf(error) !== 'EEXIST') throw error
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  (error.errcode & 0xff) === 5

function holderOf(pidFile: string): string | null {
  try {
    return readFileSync(pidFile, 'utf8').trim() || null
  } catch {
    return null // no file: nobody, or somebody who has not written it yet
  }
}
