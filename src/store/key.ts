import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, Fault } from '../base/fault.ts'

const KEY_BYTES = 32

/** The key that seals secrets in the database. Made once, 0600 from its first moment; it never travels in a backup. */
export function ensureKey(data: string): void {
  const path = join(data, 'key')
  let file: number
  try {
    file = openSync(path, 'wx', 0o600)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
    readKey(path)
    return
  }
  writeSync(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`)
  fsyncSync(file)
  closeSync(file)
}

/** The text of a key file. Throws `broken_data` when it is none. */
export function readKey(path: string): string {
  const text = readFileSync(path, 'utf8')
  if (!/^[0-9a-f]{64}\n$/.test(text))
    throw new Fault('broken_data', 'The key file is damaged: it has to hold 64 hex digits and a line end.', {
      hint: 'Put the file `key` back from where `fairlead backup key` wrote it. Do not delete it: sealed values need it.',
    })
  return text
}
