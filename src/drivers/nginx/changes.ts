import { randomBytes } from 'node:crypto'
import { lstat, open, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { errnoOf, Fault } from '../../base/fault.ts'
import { ensureFolder, removeAll, syncFolder, writeDurably } from '../../base/files.ts'
import { inParallel } from '../../base/parallel.ts'
import { type Move, moveFile, movesOf } from './moving.ts'

/** A file or a symlink as it is to be; null: nothing stands there. Of a link it is the target. */
export interface Change {
  path: string
  /** `move`: whatever it is, it goes to `to`; back when the change is taken back. */
  kind: 'file' | 'link' | 'move'
  content: string | null
  to?: string
  /** Of a file: what was seen there when the change was thought of. Something else by now is somebody's. */
  seen?: string | null
  /** Of a link: also in the place of one that leads elsewhere, or of a file. */
  anyway?: true
  /** Of a link: what stands in its place goes elsewhere by another change. */
  isMadeRoom?: true
  /** Of a link, when it is to be brought back: it was no link but a file, of this text and mode. */
  was?: { text: string; mode: number }
}

/** Descriptors that a batch of thousands may take. */
export const FILES_AT_ONCE = 64

const StoredChanges = z.array(
  z.strictObject({
    path: z.string(),
    kind: z.enum(['file', 'link', 'move']),
    content: z.string().nullable(),
    to: z.string().exactOptional(),
    was: z.strictObject({ text: z.string(), mode: z.number() }).exactOptional(),
  }),
)

export interface ChangesOptions {
  /** DATA/nginx. */
  folder: string
  /** DATA/staging, which is emptied at each start. */
  aside: string
  /** Called when a step has been done, for a test to end the process there. */
  reached: (step: string) => void
}

/**
 * Files and links that change together. What stood before is written down and durable before the first of them changes,
 * so that after a kill at any moment `restore` brings it back.
 */
export class Changes {
  readonly #folder: string
  readonly #aside: string
  readonly #journal: string
  readonly #reached: (step: string) => void

  constructor({ folder, aside, reached }: ChangesOptions) {
    this.#folder = folder
    this.#aside = aside
    this.#reached = reached
    // Host names never begin with a dot, so no file of theirs is called like this.
    this.#journal = join(folder, '.before')
  }

  /**
   * Makes what `wanted` says; resolves with whether anything had to change. Links lead to files and are taken away before
   * them, so that whoever reads in between finds whole sites. Throws `conflict`, with nothing changed, when something
   * that is none of ours stands in the way, or when somebody has changed a file meanwhile.
   */
  async make(wanted: readonly Change[]): Promise<boolean> {
    for (const folder of [this.#folder, this.#aside]) await ensureFolder(folder, 0o700)
    const before = await this.#allStanding(wanted)
    for (const [index, change] of wanted.entries()) requireAsSeen(change, before[index]?.content ?? null)
    const isNew = wanted.map((change, index) => isDifferent(change, before[index]))
    const changed = wanted.filter((_, index) => isNew[index])
    if (changed.length === 0) return false
    const undo = before.filter((_, index) => isNew[index])
    await writeDurably(this.#journal, `${JSON.stringify(undo)}\n`, this.#aside)
    this.#reached('noted')
    await this.#apply(changed, 'refuse')
    return true
  }

  /** Whether something of it is not so. */
  async differ(wanted: readonly Change[]): Promise<boolean> {
    const standing = await this.#allStanding(wanted).catch(inTheWay)
    if (standing === null) return true
    return wanted.some((change, index) => isDifferent(change, standing[index]))
  }

  /** From here on the changes stay. */
  async keep(): Promise<void> {
    await removeAll(this.#journal)
    await syncFolder(this.#folder)
    this.#reached('kept')
  }

  /**
   * Brings back what stood before the changes that were not kept; resolves with whether there were any. What an operator
   * has put in the place of a link since then stays.
   */
  async restore(): Promise<boolean> {
    const before = await this.#unkept()
    if (before === null) return false
    await this.#apply(before, 'leave')
    await this.keep()
    return true
  }

  async #unkept(): Promise<Change[] | null> {
    const text = await textAt(this.#journal)
    if (text === null) return null
    try {
      return StoredChanges.parse(JSON.parse(text))
    } catch (cause) {
      throw new Fault('broken_data', `${this.#journal} can't be read.`, {
        hint: 'It says what stood before a change that was interrupted. Compare the sites in that folder with what is wanted, then remove the file.',
        cause,
      })
    }
  }

  #allStanding(changes: readonly Change[]): Promise<Change[]> {
    return inParallel(changes, FILES_AT_ONCE, (change) => this.#standing(change))
  }

  async #standing({ path, kind, content: wanted, anyway, isMadeRoom, to }: Change): Promise<Change> {
    if (kind === 'file') return { path, kind, content: await textAt(path) }
    if (kind === 'move')
      return { path, kind, content: (await this.#isToMove(path)) ? '' : null, to: to ?? '' }
    const { target, isOurs, was } = await this.#linkAt(path)
    if (isOurs) return { path, kind, content: target }
    if (isMadeRoom) return { path, kind, content: null }
    if (wanted === null) return { path, kind, content: null } // it is not ours to take away
    if (anyway && target !== null) return { path, kind, content: target }
    if (anyway && was) return { path, kind, content: null, was }
    throw notOurs(path)
  }

  /** Whether it is there; once it is moved a link of ours may be in its place. */
  async #isToMove(path: string): Promise<boolean> {
    const target = await readlink(path).catch(() => null)
    return target !== join(this.#folder, basename(path)) && (await isThere(path))
  }

  /** What stands at the place of a link, and whether it is ours to change: as nothing is. */
  async #linkAt(
    path: string,
  ): Promise<{ target: string | null; isOurs: boolean; was?: NonNullable<Change['was']> }> {
    const found = await lstat(path).catch(absent)
    if (found === null) return { target: null, isOurs: true }
    if (found.isFile()) {
      const text = await textAt(path)
      return {
        target: null,
        isOurs: false,
        ...(text !== null && { was: { text, mode: found.mode & 0o777 } }),
      }
    }
    if (!found.isSymbolicLink()) return { target: null, isOurs: false }
    const target = await readlink(path)
    // A link that leads nowhere serves nobody: of a data folder that was moved, say.
    return { target, isOurs: target === join(this.#folder, basename(path)) || (await isDangling(path)) }
  }

  /** `foreign`: what becomes of a link in whose place something has come that is not ours. */
  async #apply(changes: readonly Change[], foreign: 'refuse' | 'leave'): Promise<void> {
    const isGone = ({ content }: Change) => content === null
    const files = changes.filter(({ kind }) => kind === 'file')
    const links = changes.filter(({ kind }) => kind === 'link')
    const moves = movesOf(changes, foreign === 'refuse' ? 'forth' : 'back')
    const written = files.filter((change) => !isGone(change))
    await inParallel(written, FILES_AT_ONCE, (change) => this.#write(change))
    // No link may outlive its file, also when the power goes: NGINX would not start again for want of one.
    await this.#flush(written)
    await this.#move(moves.first, foreign)
    await this.#link(links, foreign)
    await this.#move(moves.last, foreign)
    const gone = files.filter(isGone)
    for (const { path } of gone) {
      await removeAll(path)
      this.#reached(`removed ${path}`)
    }
    await this.#flush(gone)
  }

  async #move(moves: readonly Move[], foreign: 'refuse' | 'leave'): Promise<void> {
    for (const { from, to } of moves) {
      if (foreign === 'leave' && (await isThere(to))) continue
      await moveFile(from, to)
      this.#reached(`moved ${from}`)
    }
  }

  async #link(links: readonly Change[], foreign: 'refuse' | 'leave'): Promise<void> {
    for (const { path, content, anyway, was } of links) {
      // Of a folder that is gone itself there is nothing to bring back.
      if (foreign === 'leave' && (await isDangling(dirname(path)))) continue
      // Long after the first look: files are written in between, or the process has begun anew.
      if (anyway || (await this.#linkAt(path)).isOurs) await pointTo(path, content, was)
      else if (foreign === 'refuse') throw notOurs(path)
      this.#reached(`link ${path}`)
    }
    await this.#flush(links)
  }

  async #flush(changes: readonly Change[]): Promise<void> {
    for (const folder of new Set(changes.map(({ path }) => dirname(path)))) {
      await syncFolder(folder).catch(absent)
      this.#reached(`flushed ${folder}`)
    }
  }

  /** The folder is flushed once for all files. */
  async #write({ path, content }: Change): Promise<void> {
    const draft = join(this.#aside, `${randomBytes(8).toString('hex')}.tmp`)
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(content ?? '')
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, path)
    this.#reached(`written ${path}`)
  }
}

const isDifferent = ({ content }: Change, standing: Change | undefined): boolean =>
  content !== standing?.content

const isThere = async (path: string): Promise<boolean> => (await lstat(path).catch(absent)) !== null

/** Not by a rename: nothing that ends before it is done may leave a draft among an operator's files. */
async function pointTo(path: string, target: string | null, was?: Change['was']): Promise<void> {
  try {
    await rm(path, { force: true })
    if (target !== null) await symlink(target, path)
    else if (was) await writeFile(path, was.text, { flag: 'wx', mode: was.mode })
  } catch (cause) {
    const errno = errnoOf(cause) ?? ''
    if (errno === 'ENOENT')
      throw new Fault('unavailable', `There is no folder ${dirname(path)}.`, {
        hint: 'Make it again; NGINX has to include it.',
        cause,
      })
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errno)) throw cause
    throw new Fault('unavailable', `Fairlead may not write in ${dirname(path)}.`, {
      hint: 'Give its user the right to write in that folder; "fairlead doctor" prints the line.',
      cause,
    })
  }
}

const notOurs = (path: string): Fault =>
  new Fault('conflict', `${path} was not made by this Fairlead.`, {
    hint: 'Look at what it serves. If it is not needed, remove it and try again.',
  })

const inTheWay = (error: unknown): null => {
  if (error instanceof Fault && error.code === 'conflict') return null
  throw error
}

function requireAsSeen({ path, content, seen }: Change, stands: string | null): void {
  if (seen !== undefined && stands !== seen && stands !== content) throw changedByHand(path)
}

/** Of a file of ours that says something else than what Fairlead wrote. */
export const changedByHand = (path: string): Fault =>
  new Fault('conflict', `${path} was changed by hand.`, {
    hint: 'See what was changed with "fairlead drift", then revert or adopt it there.',
  })

export async function textAt(path: string): Promise<string | null> {
  return await readFile(path, 'utf8').catch(absent)
}

const absent = (error: unknown): null => {
  if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null
  throw error
}

/** Not known of what may not be looked at. */
const isDangling = async (path: string): Promise<boolean> =>
  await stat(path).then(
    () => false,
    (error: unknown) => ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? ''),
  )
