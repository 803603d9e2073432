import { syncFilesystem } from '../../base/files.ts'

/**
 * Flushes of the filesystem that begin as soon as the last file of a tree is written, while its manifest is still being
 * made. A tree may stand under its name only after a flush that began later than its last write.
 */
export class Flushes {
  readonly #running = new Map<string, Promise<void>>()

  begin(tree: string): void {
    const flush = syncFilesystem(tree)
    // Whoever calls `end` hears of a failure; nobody does when the bundle is refused meanwhile.
    flush.catch(() => {})
    this.#running.set(tree, flush)
  }

  /** Resolves when everything below `tree` is on the disk. */
  async end(tree: string, signal: AbortSignal): Promise<void> {
    const flush = this.#running.get(tree) ?? syncFilesystem(tree, signal)
    this.#running.delete(tree)
    await flush
    signal.throwIfAborted()
  }

  forget(tree: string): void {
    this.#running.delete(tree)
  }
}
