import { expect } from 'bun:test'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'

/**
 * The oracle of THREATS §0: after hostile input nothing has changed. `watch` remembers folders; `nothingChanged` compares.
 * Tests of the API add what only they can see: the database, answers of deployed sites.
 */
export interface Watched {
  folders: string[]
  /** Folders whose content is listed in a failure but must be empty, such as DATA/staging. */
  empty: string[]
  state: Map<string, string>
  descriptors: number
}

export function watch(folders: string[], empty: string[]): Watched {
  return { folders, empty, state: stateOf(folders), descriptors: openDescriptors() }
}

/** Content, type, mode, inode and time of everything below the folders; nothing left in those that must be empty. */
export function nothingChanged(before: Watched): void {
  expect(before.empty.flatMap((folder) => fs.readdirSync(folder))).toEqual([])
  const after = stateOf(before.folders)
  const changed = [...new Set([...before.state.keys(), ...after.keys()])].filter(
    (path) => before.state.get(path) !== after.get(path),
  )
  expect(changed).toEqual([])
}

/** Open files of this process came back to what they were, give or take the runtime's own. */
export function descriptorsCameBack(before: Watched): void {
  expect(openDescriptors()).toBeLessThanOrEqual(before.descriptors + 5)
}

/** A folder with files that nobody may touch: beside the data folder, for archives that try to leave it. */
export function plantCanaries(folder: string): void {
  fs.mkdirSync(join(folder, 'etc'), { recursive: true })
  fs.writeFileSync(join(folder, 'x'), 'canary')
  fs.writeFileSync(join(folder, 'etc/passwd'), 'canary')
}

function stateOf(folders: string[]): Map<string, string> {
  const state = new Map<string, string>()
  for (const folder of folders) {
    state.set(folder, describe(folder))
    for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'buffer' }))
      state.set(
        join(folder, name.toString('latin1')),
        describe(Buffer.concat([Buffer.from(`${folder}/`), name])),
      )
  }
  return state
}

function describe(path: string | Buffer): string {
  const stat = fs.lstatSync(path)
  const what = stat.isFile()
    ? `${stat.mtimeMs} ${createHash('sha256').update(fs.readFileSync(path)).digest('hex')}`
    : stat.isSymbolicLink()
      ? fs.readlinkSync(path)
      : 'folder'
  return `${stat.ino} ${stat.mode.toString(8)} ${what}`
}

const openDescriptors = (): number => fs.readdirSync('/proc/self/fd').length
