import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Fault, shown } from '../../base/fault.ts'
import { linkTarget, pointLink, syncFolder } from '../../base/files.ts'
import { DIGEST_PATTERN, digestOfTree, type TreeKey } from '../../domain/bundle.ts'
import type { Links } from '../../ports/gateway.ts'
import { folders } from './folders.ts'

const NAME = /^[a-z0-9]+-[0-9a-f]{8}$/
const TARGET = /^\.\.\/trees\/([0-9a-f]{64}-[0-9]+)$/

/** DATA/sites: what is live is what a link says. Relative, so that the data folder may be moved. */
export function diskLinks(data: string): Links {
  const pathOf = (name: string) => {
    if (!NAME.test(name)) throw new Error(`"${shown(name)}" is no name of a link`)
    return join(folders.sites(data), name)
  }
  return {
    async read(name): Promise<TreeKey | null> {
      const target = await linkTarget(pathOf(name))
      if (target === null) return null
      const key = TARGET.exec(target)?.[1]
      if (key === undefined)
        throw new Fault(
          'broken_data',
          `The link sites/${name} leads to "${shown(target)}", which is no tree.`,
          {
            hint: 'Somebody else changed it; remove the link, and deploy once more.',
          },
        )
      return key
    },

    async put(name, tree) {
      if (!DIGEST_PATTERN.test(digestOfTree(tree))) throw new Error(`"${shown(tree)}" is no name of a tree`)
      if ((await linkTarget(pathOf(name))) === `../trees/${tree}`)
        return await syncFolder(folders.sites(data))
      await pointLink(pathOf(name), `../trees/${tree}`, folders.staging(data))
    },

    async drop(name) {
      const path = pathOf(name)
      await rm(path, { force: true })
      await syncFolder(dirname(path))
    },
  }
}
