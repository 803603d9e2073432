import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, Fault } from '../base/fault.ts'
import { Seal, type SealedPlace } from '../base/seal.ts'
import type { Instance } from './instance.ts'

const KEY_BYTES = 32
/** Of 32 random bytes fewer than this many different ones do not happen. */
const KEY_DIFFERENT_BYTES = 16

/** The key that seals secrets in the database. Made once, 0600 from its first moment; it never travels in a backup. */
export function ensureKey(data: string): void {
  const path = join(data, 'key')
  let file: number
  try {
    file = openSync(path, 'wx', 0o600)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
    readKey(path)
    requirePrivate(path)
    return
  }
  writeSync(file, `${randomBytes(KEY_BYTES).toString('hex')}\n`)
  fsyncSync(file)
  closeSync(file)
}

/**
 * What seals the secrets of this database, with the key that is made when there is none yet. Throws `broken_data` when
 * the key file is missing, weak, open to others, or not the one that sealed what is there; nothing is changed then.
 */
export function openSeal(data: string, instance: Instance): Seal {
  const path = join(data, 'key')
  if (instance.keyProof() !== null && !existsSync(path))
    throw new Fault('broken_data', 'The key file that seals the secrets of the database is missing.', {
      hint: `${PUT_BACK} Without it, restore a backup without --key: the secrets are then entered again.`,
    })
  ensureKey(data)
  const seal = new Seal(readKey(path))
  requireKeyOf(instance, seal)
  if (instance.keyProof() === null) proveKey(instance, seal)
  return seal
}

const PUT_BACK = 'Put the file `key` back from where `fairlead backup key` wrote it.'
const PROOF_PLACE: SealedPlace = { table: 'instance', row: 'key-proof', column: 'value' }

/** From now on this key is the one of the database. */
export function proveKey(instance: Instance, seal: Seal): void {
  instance.setKeyProof(seal.seal(instance.id(), PROOF_PLACE))
}

/** Throws `broken_data` unless the key is the one of the database, or the database has none yet. */
export function requireKeyOf(instance: Instance, seal: Seal): void {
  const proof = instance.keyProof()
  if (proof === null) return
  if (!seal.canOpen(proof))
    throw new Fault('broken_data', 'The key is not the one that seals the secrets of the database.', {
      hint: `${PUT_BACK} Nothing was changed.`,
    })
  seal.open(proof, PROOF_PLACE)
}

/** The text of a key file. Throws `broken_data` when it is none. */
export function readKey(path: string): string {
  const text = readFileSync(path, 'utf8')
  if (!/^[0-9a-f]{64}\n$/.test(text))
    throw new Fault('broken_data', 'The key file is damaged: it has to hold 64 hex digits and a line end.', {
      hint: `${PUT_BACK} Do not delete it: sealed values need it.`,
    })
  if (new Set(Buffer.from(text.trim(), 'hex')).size < KEY_DIFFERENT_BYTES)
    throw new Fault('broken_data', 'The key in the key file is too regular to be a random one.', {
      hint: PUT_BACK,
    })
  return text
}

function requirePrivate(path: string): void {
  if ((statSync(path).mode & 0o077) === 0) return
  throw new Fault('broken_data', `Other users of this machine may read the key file ${path}.`, {
    hint: `Run: chmod 600 ${path}`,
  })
}
