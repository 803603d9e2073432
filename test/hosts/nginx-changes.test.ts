import { afterAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asFault } from '../../src/base/fault.ts'
import { type Change, Changes } from '../../src/drivers/nginx/changes.ts'

const root = mkdtempSync(join(tmpdir(), 'fairlead-changes-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let at: string
let link: string
let reached: (step: string) => void
const changes = () =>
  new Changes({ folder: join(at, 'nginx'), aside: join(at, 'staging'), reached: (step) => reached(step) })
const site = (text: string | null): Change[] => {
  const path = join(at, 'nginx', 'a.example.com.conf')
  return [
    { path, kind: 'file', content: text },
    { path: link, kind: 'link', content: text === null ? null : path },
  ]
}
const byHand = () => {
  rmSync(link, { force: true })
  writeFileSync(link, '# mine\n')
}
const faultOf = async (deed: Promise<unknown>) => {
  try {
    await deed
  } catch (error) {
    return asFault(error).code
  }
  return null
}

beforeEach(() => {
  at = mkdtempSync(join(root, 'one-'))
  mkdirSync(join(at, 'enabled'))
  link = join(at, 'enabled', 'a.example.com.conf')
  reached = () => undefined
})

describe('a file that an operator puts in the place of a link of ours', () => {
  test('stays when an unfinished change is taken back', async () => {
    await changes().make(site('first'))
    byHand()
    expect(await changes().restore()).toBe(true)
    expect(readFileSync(link, 'utf8')).toBe('# mine\n')
    expect(await changes().restore()).toBe(false)
  })

  test('stays when a removal is taken back', async () => {
    const ours = changes()
    await ours.make(site('first'))
    await ours.keep()
    await ours.make(site(null))
    byHand()
    expect(await ours.restore()).toBe(true)
    expect(readFileSync(link, 'utf8')).toBe('# mine\n')
  })

  test('stays when it comes between the look and the deed', async () => {
    reached = (step) => {
      if (step === 'noted') byHand()
    }
    const ours = changes()
    expect(await faultOf(ours.make(site('first')))).toBe('conflict')
    await ours.restore()
    expect(readFileSync(link, 'utf8')).toBe('# mine\n')
  })
})

test('a folder of links that is gone is told, and is no reason to keep the rest from being taken back', async () => {
  await changes().make(site('first'))
  rmSync(join(at, 'enabled'), { recursive: true })
  expect(await changes().restore()).toBe(true)
  expect(await faultOf(changes().make(site('first')))).toBe('unavailable')
  expect(await changes().restore()).toBe(true)
  expect(readdirSync(join(at, 'nginx'))).toEqual([])
})

describe('a link of an operator', () => {
  test.each([
    ['to a folder', () => root],
    ['to itself', () => link],
    ['to what never ends', () => '/dev/zero'],
  ])('%s is a conflict', async (_, target) => {
    symlinkSync(target(), link)
    expect(await faultOf(changes().make(site('first')))).toBe('conflict')
    expect(readlinkSync(link)).toBe(target())
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
  })
})

test('what links lead to is on the disk before them, and they are gone from it before that', async () => {
  const steps: string[] = []
  reached = (step) => steps.push(step.replaceAll(at, ''))
  const ours = changes()
  await ours.make(site('first'))
  await ours.keep()
  await ours.make(site(null))
  await ours.keep()
  expect(steps).toEqual([
    'noted',
    'written /nginx/a.example.com.conf',
    'flushed /nginx',
    'link /enabled/a.example.com.conf',
    'flushed /enabled',
    'kept',
    'noted',
    'link /enabled/a.example.com.conf',
    'flushed /enabled',
    'removed /nginx/a.example.com.conf',
    'flushed /nginx',
    'kept',
  ])
})
