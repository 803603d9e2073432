/** The file of what all sites share: read before them, and written anew with each change of one of them. */
import { join } from 'node:path'
import { z } from 'zod'
import { sha256Hex } from '../../base/secrets.ts'
import { SHARED_FILE } from '../../domain/nginx/site.ts'
import type { WrittenFile } from '../../ports/hosts.ts'
import { type Change, textAt } from './changes.ts'
import { linkAt } from './site-folder.ts'

/** What was written, since nobody could tell later: it depends on what the operator had set just then. */
const Written = z.object({ textSha256: z.string(), text: z.string() })

export class FirstFile {
  readonly #path: string
  readonly #notePath: string
  readonly #links: readonly string[]
  /** What stood there when it was last looked at. */
  #seen: string | null = null

  constructor(folder: string, linkFolders: readonly string[]) {
    this.#path = join(folder, SHARED_FILE)
    this.#notePath = join(folder, SHARED_FILE.replace(/\.conf$/, '.json'))
    this.#links = linkFolders.map((links) => join(links, SHARED_FILE))
  }

  /** Whether somebody has changed it. What an earlier version wrote was noted nowhere, and is ours. */
  async look(): Promise<WrittenFile> {
    const [stands, wrote, links] = await Promise.all([
      textAt(this.#path),
      this.written(),
      Promise.all(this.#links.map(linkAt)),
    ])
    this.#seen = stands
    const isByHand = stands !== null && wrote !== null && stands !== wrote
    return { file: this.#path, wrote, stands, isByHand, links }
  }

  /** Null: nothing, or nobody can tell. */
  async written(): Promise<string | null> {
    const note = await textAt(this.#notePath)
    if (note === null) return null
    try {
      return Written.parse(JSON.parse(note)).text
    } catch {
      return null // changed by hand, which changes nothing that visitors get
    }
  }

  /** `anyway`: over whatever stands there and in the place of its links. */
  changesOf(text: string, anyway = false): Change[] {
    const note = { textSha256: sha256Hex(text), text }
    return [
      { path: this.#notePath, kind: 'file', content: `${JSON.stringify(note)}\n` },
      { path: this.#path, kind: 'file', content: text, ...(!anyway && { seen: this.#seen }) },
      ...this.#links.map(
        (path): Change => ({ path, kind: 'link', content: this.#path, ...(anyway && { anyway }) }),
      ),
    ]
  }
}
