import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { DISK_RESERVE, type DiskReserve, removeAll } from '../../base/files.ts'
import type { ArchiveLimits } from '../../base/limits.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import type { Bundles, Trees } from '../../ports/bundles.ts'
import type { CertificateFiles, Challenges } from '../../ports/certificates.ts'
import type { Grace, Links } from '../../ports/gateway.ts'
import { diskBundles } from './bundles.ts'
import { diskCertificates } from './certificates.ts'
import { diskChallenges } from './challenges.ts'
import { Flushes } from './flushes.ts'
import { folders } from './folders.ts'
import { diskGrace } from './grace.ts'
import { diskLinks } from './links.ts'
import { diskTrash } from './trash.ts'
import { diskTrees } from './trees.ts'
import { Unpackers } from './unpack/unpackers.ts'

export { prepareDataFolder } from './folders.ts'

export interface DiskOptions {
  /** The data folder, absolute, made by `prepareDataFolder`. */
  data: string
  clock: Clock
  log: Log
  /** Bytes that stay free whatever the size of the disk, instead of DESIGN §4's reserve. */
  reserveBytes?: number
  limits?: ArchiveLimits
}

export interface DiskDrivers {
  bundles: Bundles
  trees: Trees
  links: Links
  grace: Grace
  certificates: CertificateFiles
  challenges: Challenges
  /** Removes what an earlier run left in staging and trash. Only for the one server of a data folder. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Everything that stands on disk. Opens nothing and starts nothing by itself. */
export function diskDrivers(options: DiskOptions): DiskDrivers {
  const { data, clock, log, limits = LIMITS.archive } = options
  const reserve: DiskReserve =
    options.reserveBytes === undefined ? DISK_RESERVE : { bytes: options.reserveBytes, percent: 0 }
  const flushes = new Flushes()
  const unpackers = new Unpackers(clock, flushes)
  const trash = diskTrash({ data, clock, log })
  const shared = { data, unpackers, trash, limits, reserve }
  return {
    bundles: diskBundles({ ...shared, flushes }),
    trees: diskTrees({ ...shared, flushes }),
    links: diskLinks({ data, trash }),
    grace: diskGrace({ data, trash }),
    certificates: diskCertificates(data),
    challenges: diskChallenges(data),
    async start() {
      const staging = folders.staging(data)
      for (const name of await readdir(staging)) await removeAll(join(staging, name))
      void trash.sweep()
    },
    async stop() {
      await Promise.all([trash.stop(), unpackers.close()])
    },
  }
}
