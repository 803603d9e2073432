import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../src/base/fault.ts'
import { openSeal } from '../../src/store/key.ts'
import { Store } from '../../src/store/store.ts'

const place = { table: 'users', row: 'u1', column: 'totp_secret' }
let folder: string
let path: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-key-'))
  path = join(folder, 'key')
  store = new Store(join(folder, 'fairlead.db'), { now: 0 })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

const open = () => openSeal(folder, store.instance)
const write = (key: string) => {
  writeFileSync(path, key)
  chmodSync(path, 0o600)
}
/** The refusal; neither the key file nor what the database knows of the key has changed by it. */
function refused(): Fault {
  const before = [existsSync(path) && readFileSync(path, 'utf8'), store.instance.keyProof()]
  try {
    open()
  } catch (error) {
    expect([existsSync(path) && readFileSync(path, 'utf8'), store.instance.keyProof()]).toEqual(before)
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('J08 the key of a data folder', () => {
  test('is 256 random bits, for its owner only, and stays', () => {
    const sealed = open().seal('secret', place)
    const key = readFileSync(path, 'utf8')
    expect(key).toMatch(/^[0-9a-f]{64}\n$/)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(open().open(sealed, place)).toBe('secret')
    expect(readFileSync(path, 'utf8')).toBe(key)
  })

  test('is another one in another folder', () => {
    open()
    const other = join(folder, 'other')
    mkdirSync(other)
    const second = new Store(join(other, 'fairlead.db'), { now: 0 })
    openSeal(other, second.instance)
    second.close()
    expect(readFileSync(join(other, 'key'), 'utf8')).not.toBe(readFileSync(path, 'utf8'))
  })

  const weak = {
    'an empty one': '',
    'a password': 'changeme\n',
    'a short one': `${'a1'.repeat(16)}\n`,
    zeros: `${'0'.repeat(64)}\n`,
    'a repeated word': `${'deadbeef'.repeat(8)}\n`,
    'all digits in order': `${'0123456789abcdef'.repeat(4)}\n`,
  }
  for (const [what, key] of Object.entries(weak))
    test(`that is ${what} is refused`, () => {
      write(key)
      expect(refused()).toMatchObject({ code: 'broken_data', hint: expect.stringContaining('backup key') })
    })

  test('that others may read is refused', () => {
    open()
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(path, mode)
      expect(refused()).toMatchObject({ code: 'broken_data', hint: `Run: chmod 600 ${path}` })
    }
    chmodSync(path, 0o400)
    expect(() => open()).not.toThrow()
  })
})

describe('S02 a database and its key', () => {
  test('another key is refused', () => {
    const sealed = open().seal('secret', place)
    const right = readFileSync(path, 'utf8')
    write(right.replaceAll(/[0-9]/g, (digit) => `${9 - Number(digit)}`))
    expect(refused()).toMatchObject({
      code: 'broken_data',
      message: 'The key is not the one that seals the secrets of the database.',
    })
    write(right)
    expect(open().open(sealed, place)).toBe('secret')
  })

  test('a missing key is refused, and no other one takes its place', () => {
    open()
    rmSync(path)
    expect(refused()).toMatchObject({ message: expect.stringContaining('missing') })
    expect(existsSync(path)).toBe(false)
  })

  test('a proof that was altered is refused', () => {
    open()
    const proof = store.instance.keyProof() ?? ''
    store.instance.setKeyProof(`${proof.slice(0, -1)}${proof.endsWith('A') ? 'B' : 'A'}`)
    expect(refused().code).toBe('broken_data')
    store.instance.setKeyProof('nonsense')
    expect(refused().code).toBe('broken_data')
  })

  test('a database from before there were secrets takes the key that lies beside it', () => {
    write(`${Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7)).toString('hex')}\n`)
    const sealed = open().seal('secret', place)
    expect(open().open(sealed, place)).toBe('secret')
  })
})
