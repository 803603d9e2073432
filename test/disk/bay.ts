import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import type { ArchiveLimits } from '../../src/base/limits.ts'
import { silentLog } from '../../src/base/log.ts'
import { type TreeKey, treeKey } from '../../src/domain/bundle.ts'
import { type DiskDrivers, diskDrivers, prepareDataFolder } from '../../src/drivers/disk/index.ts'
import type { PreparedBundle } from '../../src/ports/bundles.ts'

/** A data folder of a test, with its drivers and with canaries beside it. */
export interface Bay {
  root: string
  data: string
  outside: string
  disk: DiskDrivers
  close(): Promise<void>
}

export async function openBay(options: { limits?: ArchiveLimits; root?: string } = {}): Promise<Bay> {
  const root = options.root ?? fs.mkdtempSync(join(tmpdir(), 'bay-'))
  const data = join(root, 'data')
  const outside = join(root, 'outside')
  await prepareDataFolder(data)
  const { limits } = options
  const disk = diskDrivers({
    data,
    clock: systemClock,
    log: silentLog,
    reserveBytes: 0,
    ...(limits && { limits }),
  })
  await disk.start()
  return {
    root,
    data,
    outside,
    disk,
    async close() {
      await disk.stop()
      fs.rmSync(root, { recursive: true, force: true })
    },
  }
}

export const never = (): AbortSignal => new AbortController().signal

async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
}

export const receive = (bay: Bay, archive: Uint8Array) =>
  bay.disk.bundles.receive(chunked(archive), {
    announcedBytes: archive.length,
    expectedDigest: null,
    signal: never(),
  })

export interface Landed {
  key: TreeKey
  prepared: PreparedBundle
  /** Where the tree stands. */
  tree: string
}

/** Receive, judge and unpack, keep, adopt: all that an upload does on disk. */
export async function land(bay: Bay, archive: Uint8Array, bases: TreeKey[] = []): Promise<Landed> {
  const { bundles, trees } = bay.disk
  const received = await receive(bay, archive)
  try {
    const prepared = await bundles.prepare(received, { unpack: true, bases, signal: never() })
    await bundles.keep(prepared)
    const key = treeKey(received.digest)
    await trees.adopt(key, prepared, never())
    return { key, prepared, tree: join(bay.data, 'trees', key) }
  } finally {
    await bundles.discard(received.staging)
  }
}

/** The Fault with which an archive is refused. */
export async function refusalOf(bay: Bay, archive: Uint8Array): Promise<Fault> {
  const refused = await land(bay, archive).catch((error: unknown) => error)
  if (refused instanceof Fault) return refused
  throw new Error('the archive was accepted', { cause: refused })
}

/** What a promise is rejected with. */
export async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof Error) return thrown
  throw new Error('nothing was thrown', { cause: thrown })
}

export const messageOf = async (promise: Promise<unknown>): Promise<string> =>
  (await thrownBy(promise)).message
