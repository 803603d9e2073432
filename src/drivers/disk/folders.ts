import { join } from 'node:path'
import { ensureFolder } from '../../base/files.ts'
import type { Digest, TreeKey } from '../../domain/bundle.ts'
import { certificatesFolder, challengesFolder } from '../../domain/host-files.ts'

/** Where things lie in the data folder (DESIGN §4). */
export const folders = {
  bundles: (data: string): string => join(data, 'bundles'),
  bundleFolder: (data: string, digest: Digest): string => join(data, 'bundles', digest.slice(0, 2)),
  archive: (data: string, digest: Digest): string => join(data, 'bundles', digest.slice(0, 2), digest),
  manifest: (data: string, digest: Digest): string =>
    join(data, 'bundles', digest.slice(0, 2), `${digest}.manifest`),
  trees: (data: string): string => join(data, 'trees'),
  tree: (data: string, key: TreeKey): string => join(data, 'trees', key),
  sites: (data: string): string => join(data, 'sites'),
  grace: (data: string): string => join(data, 'grace'),
  certificates: certificatesFolder,
  challenges: challengesFolder,
  trash: (data: string): string => join(data, 'trash'),
  staging: (data: string): string => join(data, 'staging'),
}

/** Makes the data folder and what stands in it, with exactly the modes of DESIGN §4 whatever the umask. */
export async function prepareDataFolder(data: string): Promise<void> {
  await ensureFolder(data, 0o711)
  for (const path of [folders.bundles, folders.certificates, folders.trash, folders.staging])
    await ensureFolder(path(data), 0o700)
  for (const path of [folders.trees, folders.sites, folders.grace, folders.challenges])
    await ensureFolder(path(data), 0o755)
}
