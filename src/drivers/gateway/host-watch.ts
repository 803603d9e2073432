/** Looks at the files of the builtin gateway's host names again and again, and reads only what changed since. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { nextTurn } from '../../base/clock.ts'
import { errnoOf } from '../../base/fault.ts'
import { fileStem, hostnameOfStem } from '../../domain/host-files.ts'
import type { Hostname } from '../../domain/host-site.ts'
import { type DiffLine, lineDiff } from '../../domain/line-diff.ts'
import type { AskedDrift, HostDrift } from '../../ports/hosts.ts'
import { stampOf, Verdicts } from './file-stamp.ts'

/** How many are looked at until others have their turn. */
const AT_ONCE = 200
const ENDING = '.json'

export class HostWatch {
  /** DATA/builtin/hosts. */
  readonly #folder: string
  readonly #verdicts = new Verdicts<HostDrift>()

  constructor(folder: string) {
    this.#folder = folder
  }

  async look(asked: AskedDrift, signal: AbortSignal): Promise<HostDrift[]> {
    const expected = new Map(asked.hostnames.map((hostname) => [`${fileStem(hostname)}${ENDING}`, hostname]))
    const strays = (await this.#names()).filter((name) => !expected.has(name))
    const drifts: HostDrift[] = []
    let count = 0
    for (const [name, hostname] of expected) {
      if (count++ % AT_ONCE === 0) await nextTurn()
      signal.throwIfAborted()
      const path = join(this.#folder, name)
      const stamp = stampOf(path)
      const known = this.#verdicts.standing(name, stamp)
      const found = known ?? (await judge(path, hostname, asked))
      if (known === null) this.#verdicts.note(name, stamp, found)
      drifts.push(...found)
    }
    this.#verdicts.turn()
    return [...drifts, ...strays.map((name) => this.#stray(name))]
  }

  #stray(name: string): HostDrift {
    const path = join(this.#folder, name)
    const hostname = hostnameOfStem(name.slice(0, -ENDING.length))
    return { kind: 'site-stray', hostname, path, diff: [{ sign: '+', text: path }] }
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#folder)).filter((name) => name.endsWith(ENDING)).toSorted()
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return []
      throw error
    }
  }
}

async function judge(path: string, hostname: Hostname, { wanted }: AskedDrift): Promise<HostDrift[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  })
  if (text === null) return [{ kind: 'site-missing', hostname, path, diff: [{ sign: '-', text: path }] }]
  const diff = jsonDiff({ hostname, site: await wanted(hostname) }, text)
  return diff.length === 0 ? [] : [{ kind: 'site-text', hostname, path, diff }]
}

/** How a JSON text says something else than what is wanted, whatever the order and the blanks. */
export function jsonDiff(wanted: unknown, text: string): DiffLine[] {
  const plain: unknown = JSON.parse(JSON.stringify(wanted))
  let stands: unknown
  try {
    stands = JSON.parse(text)
  } catch {
    return lineDiff(spread(plain), text)
  }
  return isDeepStrictEqual(plain, stands) ? [] : lineDiff(spread(plain), spread(stands))
}

const spread = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
