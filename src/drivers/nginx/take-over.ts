/** Which files of the operator's have to make room for sites of ours, and whether they may. */
import { existsSync, lstatSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { fileStem } from '../../domain/host-files.ts'
import { planImport } from '../../domain/nginx/import/plan.ts'
import type { ImportUnit } from '../../domain/nginx/import/unit.ts'
import type { MovedFile, TakeOverWish } from '../../ports/hosts.ts'
import { real } from './operator.ts'
import type { NginxSetup } from './settings.ts'
import { readForeignConfig } from './whole-config.ts'

/** Below DATA/nginx: what was taken over, for whoever wants it back. */
export const TAKEN_OVER = 'taken-over'

interface TakeOversOptions {
  /** DATA/nginx. */
  folder: string
  linkFolders: readonly string[]
  setup: Pick<NginxSetup, 'config' | 'enabled' | 'listen' | 'tlsListen'>
}

export class TakeOvers {
  readonly #options: TakeOversOptions

  constructor(options: TakeOversOptions) {
    this.#options = options
  }

  /** Throws `conflict`. */
  plan(wish: TakeOverWish): MovedFile[] {
    const { setup, folder } = this.#options
    const { config, enabled, listen, tlsListen } = setup
    const foreign = readForeignConfig({ config, enabled, ours: folder })
    const plan = planImport(foreign, { listens: { listen, tlsListen }, prefix: '/' })
    const [unread] = plan.unread
    if (unread !== undefined)
      throw new Fault('conflict', `NGINX's configuration can't be read whole: ${unread}`, {
        hint: 'Let the user of Fairlead read it, then try again.',
      })
    const units = plan.units.filter(({ files }) => files.some((file) => wish.files.includes(file)))
    for (const file of wish.files) requireKnown(units, file)
    for (const unit of units) requireWhole(unit, wish)
    const taken = [...new Set(wish.files), ...this.#inTheWay(wish)]
    const used = new Set<string>()
    return taken.map((path) => ({ path, to: this.#freePlace(path, used) }))
  }

  /** What stands where our links are to be: files that the links of the operator lead to, and nothing else. */
  #inTheWay({ files, hostnames }: TakeOverWish): string[] {
    const { linkFolders, folder } = this.#options
    const behind = new Set(files.map(real))
    return hostnames.flatMap((hostname) => {
      const name = `${fileStem(hostname)}.conf`
      return linkFolders.flatMap((links) => {
        const path = join(links, name)
        const found = lstatSync(path, { throwIfNoEntry: false })
        if (!found || files.includes(path)) return []
        if (found.isSymbolicLink() && readlinkSync(path) === join(folder, name)) return []
        if (behind.has(real(path))) return [path]
        throw new Fault('conflict', `${path} stands where the link of ${hostname} is to be.`, {
          hint: 'Look at what it serves. If it is not needed, remove it and try again.',
        })
      })
    })
  }

  #freePlace(path: string, used: Set<string>): string {
    const name = basename(path)
    for (let number = 1; ; number++) {
      const to = join(this.#options.folder, TAKEN_OVER, number === 1 ? name : `${name}.${number}`)
      if (used.has(to) || existsSync(to) || lstatSync(to, { throwIfNoEntry: false })) continue
      used.add(to)
      return to
    }
  }
}

function requireKnown(units: readonly ImportUnit[], file: string): void {
  if (units.some(({ files }) => files.includes(file))) return
  throw new Fault('conflict', `${file} is no file of NGINX's that answers for host names.`, {
    hint: 'Name it as the configuration includes it; "fairlead import nginx" lists such files.',
  })
}

function requireWhole(
  { files, hostnames, isWhole, hasCatchAll, obstacles }: ImportUnit,
  wish: TakeOverWish,
): void {
  const other = files.find((file) => !wish.files.includes(file))
  if (other !== undefined) throw beside(`${other} answers for some of these names too`)
  if (!isWhole)
    throw beside(
      `${files.join(', ')} can't go: ${obstacles.find(({ accept }) => accept === null)?.why ?? ''}`,
    )
  const name = hostnames.find((one) => !wish.hostnames.includes(one))
  if (name !== undefined) throw beside(`${files.join(', ')} answers for ${name} too`)
  if (hasCatchAll && !wish.withCatchAll)
    throw beside(`${files.join(', ')} answers for names that nobody has too`)
}

const beside = (what: string): Fault =>
  new Fault('conflict', `${what}.`, {
    hint: 'What is taken over goes as a whole. Split the file, or take all of its names over.',
  })
