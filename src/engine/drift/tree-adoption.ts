/** A tree as it stands becomes a bundle of its own, and is deployed as one. */
import { createHash } from 'node:crypto'
import { Fault, shown } from '../../base/fault.ts'
import { readPieces } from '../../base/local-files.ts'
import { type FolderFile, type ScanOptions, scanFolder } from '../../contract/folder.ts'
import { type Digest, digestOfTree, type TreeKey } from '../../domain/bundle.ts'
import { canonicalTarBytes, comparePaths, tarEnd, tarHeader, tarPadding } from '../../domain/canonical-tar.ts'
import type { World } from '../step.ts'
import type { Adoption, DriftTools } from './part.ts'

interface Scanned {
  bundle: Digest
}

export const treeAdoption = (
  { world, storeFolder, deployAdopted }: DriftTools,
  keyOf: (thing: { thing: string }) => TreeKey,
): Adoption => ({
  async learn({ signal, say }, observation) {
    const files = await filesOf(world, keyOf(observation))
    const { digest } = await scanFolder(files, { signal, sha256 })
    say(`The folder as it stands, ${files.length} files, is the bundle ${digest.slice(0, 12)}.`)
    return { bundle: digest } satisfies Scanned
  },
  async act({ operation, signal }, observation, facts) {
    const { bundle } = facts as unknown as Scanned // learned above
    const service = world.store.services.byId(observation.serviceId ?? '')
    if (!service) throw new Error('a tree of no service was called adoptable')
    const files = await filesOf(world, keyOf(observation))
    const announcedBytes = canonicalTarBytes(files)
    const receive = () =>
      world.bundles.receive(tarOf(files), { announcedBytes, expectedDigest: bundle, signal })
    await storeFolder({ service, actor: operation.actor }, receive, signal)
  },
  take({ operation }, { environmentId }, facts) {
    const { bundle } = facts as unknown as Scanned // learned above
    const given = { environmentId: environmentId ?? '', actor: operation.actor, bundle }
    return { deployment: deployAdopted(given) }
  },
})

function sha256(): ReturnType<ScanOptions['sha256']> {
  const hash = createHash('sha256')
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}

/** Of what the folder holds, in the order of a canonical tar. Throws `archive_refused` for what is no file. */
async function filesOf({ trees, bundles }: World, key: TreeKey): Promise<FolderFile[]> {
  const manifest = await bundles.manifest(digestOfTree(key))
  if (!manifest)
    throw new Fault(
      'not_found',
      `The bundle ${digestOfTree(key).slice(0, 12)} is not in the data folder any more.`,
      {
        hint: 'Restore the folder `bundles` from a backup.',
      },
    )
  const files = trees.filesOf(key, manifest).toSorted((a, b) => comparePaths(a.path, b.path))
  const odd = files.find(({ kind }) => kind !== 'file')
  if (odd)
    throw new Fault('archive_refused', `"${shown(odd.path)}" is no file: a bundle can not hold it.`, {
      hint: 'Remove it or replace it by what it leads to, then take the folder over again.',
      errors: [{ field: shown(odd.path), message: odd.kind === 'symlink' ? 'is a link' : 'is no file' }],
    })
  // The unpacker strips a folder that holds everything: then this one, and not one of the site.
  const top = isInOneFolder(files.map(({ path }) => path)) ? `${WRAPPER}/` : ''
  return files.map(({ path, size }) => ({
    path: top + path,
    size,
    read: () => readPieces(trees.fileAt(key, path)),
  }))
}

const WRAPPER = 'site'

function isInOneFolder(paths: readonly string[]): boolean {
  const tops = new Set(paths.map((path) => path.split('/', 1)[0]))
  return tops.size === 1 && paths.every((path) => path.includes('/'))
}

async function* tarOf(files: readonly FolderFile[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    yield tarHeader(file.path, file.size)
    // A file that grows meanwhile makes another digest than was learned, and is refused by that.
    yield* file.read()
    yield tarPadding(file.size)
  }
  yield tarEnd()
}
