/** What tells that a file may have another content than when it was last read. */
import { lstatSync } from 'node:fs'

/** `-`: nothing stands there. Of a link it is the link's own: that leads elsewhere only as another inode. */
export function stampOf(path: string): string {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return found ? [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ') : '-'
}

/** What was found, and what the files looked like then. */
interface Known<Found> {
  stamp: string
  /** Read twice: clocks of file systems are coarse, so that what was read in the moment of a write may have changed again. */
  isSure: boolean
  found: readonly Found[]
}

/** Verdicts about files, each kept until its files look otherwise; where something was found it is looked at each time. */
export class Verdicts<Found> {
  #known = new Map<string, Known<Found>>()
  #next = new Map<string, Known<Found>>()

  /** The verdict that still holds. */
  standing(key: string, stamp: string): readonly Found[] | null {
    const last = this.#known.get(key)
    if (last?.stamp !== stamp || !last.isSure) return null
    this.#next.set(key, last)
    return last.found
  }

  /** One that was reached now, of what had this stamp before it was read. */
  note(key: string, stamp: string, found: readonly Found[]): void {
    const isSame = this.#known.get(key)?.stamp === stamp
    this.#next.set(key, { stamp, isSure: isSame && found.length === 0, found })
  }

  /** A look has ended: what it did not meet is forgotten. */
  turn(): void {
    this.#known = this.#next
    this.#next = new Map()
  }
}
