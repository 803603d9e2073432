import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../base/fault.ts'
import { inParallel } from '../../base/parallel.ts'
import { fileStem, hostnameOfStem } from '../../domain/host-files.ts'
import type { Hostname } from '../../domain/host-site.ts'
import { CANONICAL_HOSTNAME } from '../../domain/hostname.ts'
import { refusedNames, wildcardsAbove } from '../../domain/nginx/refused-names.ts'
import { FILES_AT_ONCE, textAt } from './changes.ts'

/** Whether a site's text has a server over HTTPS. No text of a user's begins a line. */
const isSecured = (text: string): boolean => /^ *ssl_certificate /m.test(text)

const SERVER_NAME = /^ *server_name "?([^\s";]+)"?;/m

/**
 * Which host names answer over HTTPS, by the texts in DATA/nginx. It is asked for every address that is shown, so what was
 * seen is remembered until it is changed here.
 */
export class SecuredNames {
  readonly #folder: string
  /** By the stem of its file; null: there is none. */
  readonly #known = new Map<string, boolean | null>()
  /** Host names by those stems. */
  readonly #names = new Map<string, Hostname>()
  #isComplete = false

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Of the site that answers for a name: its own, else that of the longest wildcard above it. */
  answers(hostname: string): boolean {
    for (const name of [hostname, ...wildcardsAbove(hostname)]) {
      const found = CANONICAL_HOSTNAME.test(name) ? this.#of(fileStem(name)) : null
      if (found !== null) return found
    }
    return false
  }

  /** Has to come before `any` and `refused`. */
  async look(): Promise<void> {
    if (this.#isComplete) return
    const names = await readdir(this.#folder).catch(() => [])
    const stems = names.flatMap((name) => /^([^.].*)\.conf$/.exec(name)?.[1] ?? [])
    await inParallel(stems, FILES_AT_ONCE, async (stem) => {
      const text = await textAt(this.#path(stem))
      this.#known.set(stem, text === null ? null : isSecured(text))
      const name = hostnameOfStem(stem) ?? SERVER_NAME.exec(text ?? '')?.[1] ?? ''
      if (CANONICAL_HOSTNAME.test(name)) this.#names.set(stem, name)
    })
    this.#isComplete = true
  }

  /** Whether any has, once these texts stand. */
  any(changed: readonly { hostname: Hostname; text: string | null }[]): boolean {
    const texts = new Map(changed.map(({ hostname, text }) => [fileStem(hostname), text]))
    return (
      [...texts.values()].some((text) => text !== null && isSecured(text)) ||
      [...this.#known].some(([stem, has]) => has === true && !texts.has(stem))
    )
  }

  /** Those without it below a wildcard that has it, once these texts stand. */
  refused(changed: readonly { hostname: Hostname; text: string | null }[]): Hostname[] {
    const has = new Map<Hostname, boolean | null>()
    for (const [stem, name] of this.#names) has.set(name, this.#known.get(stem) ?? null)
    for (const { hostname, text } of changed) has.set(hostname, text === null ? null : isSecured(text))
    return refusedNames(has)
  }

  note(hostname: Hostname, text: string | null): void {
    this.#known.set(fileStem(hostname), text === null ? null : isSecured(text))
    this.#names.set(fileStem(hostname), hostname)
  }

  #of(stem: string): boolean | null {
    const known = this.#known.get(stem)
    if (known !== undefined) return known
    const found = this.#read(stem)
    this.#known.set(stem, found)
    return found
  }

  #read(stem: string): boolean | null {
    try {
      return isSecured(readFileSync(this.#path(stem), 'utf8'))
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null
      throw error
    }
  }

  #path(stem: string): string {
    return join(this.#folder, `${stem}.conf`)
  }
}
