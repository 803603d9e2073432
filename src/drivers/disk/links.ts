import { lstat, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errnoOf, Fault, shown } from '../../base/fault.ts'
import { linkTarget, pointLink, syncFolder } from '../../base/files.ts'
import { DIGEST_PATTERN, digestOfTree, type TreeKey } from '../../domain/bundle.ts'
import type { Links } from '../../ports/gateway.ts'
import { folders } from './folders.ts'
import type { Trash } from './trash.ts'

const NAME = /^[a-z0-9]+-[0-9a-f]{8}$/
const TARGET = /^\.\.\/trees\/([0-9a-f]{64}-[0-9]+)$/

/** DATA/sites: what is live is what a link says. Relative, so that the data folder may be moved. */
export function diskLinks({ data, trash }: { data: string; trash: Trash }): Links {
  const pathOf = (name: string) => {
    if (!NAME.test(name)) throw new Error(`"${shown(name)}" is no name of a link`)
    return join(folders.sites(data), name)
  }
  return {
    async read(name): Promise<TreeKey | null> {
      const stands = await standsAt(pathOf(name))
      if (stands === null) return null
      const key = TARGET.exec(stands.leadsTo ?? '')?.[1]
      if (key === undefined)
        throw new Fault(
          'broken_data',
          `The link sites/${name} ${stands.leadsTo === null ? `is ${stands.text}` : `leads to "${shown(stands.leadsTo)}"`}, which is no tree.`,
          {
            hint: 'Somebody else changed it. Run "fairlead drift": it shows what stands there, and puts it back.',
          },
        )
      return key
    },

    async put(name, tree) {
      if (!DIGEST_PATTERN.test(digestOfTree(tree))) throw new Error(`"${shown(tree)}" is no name of a tree`)
      if ((await standsAt(pathOf(name)))?.leadsTo === `../trees/${tree}`)
        return await syncFolder(folders.sites(data))
      // A folder can't be replaced by a rename.
      if ((await standsAt(pathOf(name)))?.text === FOLDER) await trash.take(pathOf(name))
      await pointLink(pathOf(name), `../trees/${tree}`, folders.staging(data))
    },

    stands: (name) => standsAt(pathOf(name)),

    async drop(name) {
      const path = pathOf(name)
      await rm(path, { force: true })
      await syncFolder(dirname(path))
    },
  }
}

const FOLDER = 'a folder'

async function standsAt(path: string): ReturnType<Links['stands']> {
  try {
    const stat = await lstat(path)
    if (!stat.isSymbolicLink()) return { leadsTo: null, text: stat.isDirectory() ? FOLDER : 'a file' }
    const leadsTo = await linkTarget(path)
    return leadsTo === null ? null : { leadsTo }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}
