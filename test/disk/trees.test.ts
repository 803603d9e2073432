import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { diskTrash } from '../../src/drivers/disk/trash.ts'
import { TreeWriter } from '../../src/drivers/disk/unpack/tree-writer.ts'
import { forgeTar } from '../archive/forge-tar.ts'
import { forgeZip, type ZipPart } from '../archive/forge-zip.ts'
import { nothingChanged, plantCanaries, watch } from '../oracle.ts'
import { type Bay, land, messageOf, never, openBay, thrownBy } from './bay.ts'

let bay: Bay
beforeEach(async () => {
  bay = await openBay()
})
afterEach(() => bay.close())

const long = 'some text that shrinks when it is compressed. '.repeat(60)
const site = (marker: string): ZipPart[] => [
  { name: 'index.html', data: `<h1>${marker}</h1>` },
  { name: 'same.txt', data: long },
  { name: 'assets/app-a1b2c3d4.js', data: `${long}//same` },
]
const inode = (path: string) => fs.statSync(path).ino

describe('trees', () => {
  test('put unpacks a kept bundle to the same tree that the upload made', async () => {
    const { key, tree } = await land(bay, forgeZip(site('a')))
    const read = () =>
      fs
        .readdirSync(tree, { recursive: true, encoding: 'utf8' })
        .sort()
        .map(
          (name) =>
            `${name} ${fs.statSync(join(tree, name)).mode} ${fs.statSync(join(tree, name)).isFile() ? `${fs.statSync(join(tree, name)).mtimeMs} ${fs.readFileSync(join(tree, name), 'latin1')}` : ''}`,
        )
    const before = read()
    await bay.disk.trees.drop(key)
    expect(fs.existsSync(tree)).toBe(false)
    expect(await bay.disk.trees.put(key, [], never())).toEqual({ files: 3, linked: 0 })
    expect(read()).toEqual(before)
    expect(await bay.disk.trees.put(key, [], never())).toEqual({ files: 3, linked: 0 })
    expect(await bay.disk.trees.list()).toEqual([key])
    expect(fs.readdirSync(join(bay.data, 'staging'))).toEqual([])
  })

  test('put of a bundle that is not here says so, and of one that changed on disk too', async () => {
    expect(await thrownBy(bay.disk.trees.put(`${'f'.repeat(64)}-1`, [], never()))).toMatchObject({
      code: 'not_found',
    })
    const { key, prepared } = await land(bay, forgeZip(site('a')))
    await bay.disk.trees.drop(key)
    const stored = await bay.disk.bundles.archive(prepared.facts.digest)
    fs.writeFileSync(stored?.path ?? '', forgeZip(site('b')))
    expect(await thrownBy(bay.disk.trees.put(key, [], never()))).toMatchObject({ code: 'broken_data' })
    expect(await bay.disk.trees.has(key)).toBe(false)
  })

  const formats: [string, (marker: string) => Buffer][] = [
    ['ZIP on ZIP', (marker) => forgeZip(site(marker))],
    [
      'tar on ZIP',
      (marker) =>
        marker === 'a'
          ? forgeZip(site('a'))
          : forgeTar(site(marker).map(({ name, data }) => ({ name: name as string, data: data ?? '' }))),
    ],
    [
      'ZIP of another packer on ZIP',
      (marker) => forgeZip(site(marker).map((part) => (marker === 'a' ? part : { ...part, method: 0 }))),
    ],
  ]
  for (const [what, archive] of formats)
    test(`files of a base are hard-linked, with their siblings: ${what}`, async () => {
      const a = await land(bay, archive('a'))
      const b = await land(bay, archive('b'), [a.key])
      for (const name of ['same.txt', 'same.txt.gz', 'assets/app-a1b2c3d4.js', 'assets/app-a1b2c3d4.js.gz'])
        expect(inode(join(b.tree, name))).toBe(inode(join(a.tree, name)))
      expect(fs.readFileSync(join(b.tree, 'index.html'), 'utf8')).toBe('<h1>b</h1>')
      expect(inode(join(b.tree, 'index.html'))).not.toBe(inode(join(a.tree, 'index.html')))
      const hashIn = async (digest: string) =>
        (await bay.disk.bundles.manifest(digest))?.file('same.txt')?.sha256
      const hash = await hashIn(a.prepared.facts.digest)
      expect(hash).toHaveLength(64)
      expect(await hashIn(b.prepared.facts.digest)).toBe(hash ?? '')
    })

  test('equal CRC and sizes are not enough to link: the packed bytes are compared', async () => {
    // Two texts with the same CRC-32 (found by search) in stored entries of the same name.
    const [one, two] = ['plumless', 'buckeroo']
    const a = await land(bay, forgeZip([{ name: 'x', data: one, method: 0 }, { name: 'y' }]))
    const b = await land(bay, forgeZip([{ name: 'x', data: two, method: 0 }, { name: 'y' }]), [a.key])
    expect(fs.readFileSync(join(b.tree, 'x'), 'utf8')).toBe(two)
  })

  test('a base whose tree or manifest is gone is no base', async () => {
    const a = await land(bay, forgeZip(site('a')))
    await bay.disk.trees.drop(a.key)
    const b = await land(bay, forgeZip(site('b')), [a.key, `${'e'.repeat(64)}-1`])
    expect(fs.readFileSync(join(b.tree, 'same.txt'), 'utf8')).toBe(long)
    expect(fs.existsSync(join(b.tree, 'same.txt.gz'))).toBe(true)
  })
})

describe('R13 a folder that turns into a link', () => {
  test('while it is written into: nothing is written outside', () => {
    const outside = join(bay.root, 'outside')
    plantCanaries(outside)
    const before = watch([outside], [])
    const root = fs.mkdtempSync(join(bay.root, 'tree-'))
    const writer = new TreeWriter(root)
    writer.makeFolder('a')
    writer.makeFolder('a/b')
    writer.file('a/b/one', Buffer.from('1'), 1)
    fs.renameSync(join(root, 'a/b'), join(root, 'moved'))
    fs.symlinkSync(outside, join(root, 'a/b'))
    // The open descriptor still leads to the folder that was made.
    writer.file('a/b/two', Buffer.from('2'), 1)
    expect(fs.readFileSync(join(root, 'moved/two'), 'utf8')).toBe('2')
    writer.close()
    const fresh = new TreeWriter(root)
    expect(() => fresh.file('a/b/three', Buffer.from('3'), 1)).toThrow(/ENOTDIR|ELOOP/)
    expect(() => fresh.makeFolder('a/b/c')).toThrow(/ENOTDIR|ELOOP/)
    fs.symlinkSync(join(outside, 'x'), join(root, 'a/four'))
    expect(() => fresh.file('a/four', Buffer.from('4'), 1)).toThrow(/EEXIST|ELOOP/)
    fresh.close()
    nothingChanged(before)
  })
})

describe('links', () => {
  const one = `${'1'.repeat(64)}-1`
  const two = `${'2'.repeat(64)}-1`

  test('are read, put, moved and dropped', async () => {
    const { links } = bay.disk
    expect(await links.read('env1-00000000', never())).toBeNull()
    await links.put('env1-00000000', one, never())
    await links.put('env1-00000000', one, never())
    await links.put('env1-00000000', two, never())
    expect(await links.read('env1-00000000', never())).toBe(two)
    expect(fs.readlinkSync(join(bay.data, 'sites/env1-00000000'))).toBe(`../trees/${two}`)
    expect(fs.readdirSync(join(bay.data, 'sites'))).toEqual(['env1-00000000'])
    await links.drop('env1-00000000', never())
    await links.drop('env1-00000000', never())
    expect(fs.readdirSync(join(bay.data, 'sites'))).toEqual([])
  })

  test('names and targets that are none are refused', async () => {
    const { links } = bay.disk
    expect(await messageOf(links.put('../x-00000000', one, never()))).toMatch(/no name of a link/)
    expect(await messageOf(links.put('env1-00000000', '../../etc', never()))).toMatch(/no name of a tree/)
    fs.symlinkSync('/etc', join(bay.data, 'sites/env2-00000000'))
    expect(await thrownBy(links.read('env2-00000000', never()))).toMatchObject({ code: 'broken_data' })
  })
})

describe('grace', () => {
  test('links files with their siblings, replaces, removes and drops them', async () => {
    const a = await land(bay, forgeZip(site('a')))
    const b = await land(
      bay,
      forgeZip([...site('b').slice(0, 2), { name: 'assets/app-a1b2c3d4.js', data: 'short' }]),
    )
    const path = 'assets/app-a1b2c3d4.js'
    const kept = join(bay.data, 'grace/env1', path)
    await bay.disk.grace.add('env1', a.key, [path, 'not/there.js'])
    await bay.disk.grace.add('env1', a.key, [path])
    expect(inode(kept)).toBe(inode(join(a.tree, path)))
    expect(inode(`${kept}.gz`)).toBe(inode(join(a.tree, `${path}.gz`)))
    await bay.disk.grace.add('env1', b.key, [path])
    expect(fs.readFileSync(kept, 'utf8')).toBe('short')
    expect(fs.readdirSync(join(bay.data, 'grace/env1/assets'))).toEqual(['app-a1b2c3d4.js'])
    await bay.disk.grace.remove('env1', [path, 'never/was.js'])
    expect(fs.existsSync(join(bay.data, 'grace/env1/assets'))).toBe(false)
    await bay.disk.grace.add('env1', a.key, [path])
    await bay.disk.grace.drop('env1')
    await bay.disk.grace.drop('env1')
    expect(fs.readdirSync(join(bay.data, 'grace'))).toEqual([])
  })
})

describe('trash', () => {
  test('is emptied of what is old enough, and nothing else', async () => {
    let now = 1_000_000
    const timers: (() => void)[] = []
    const clock: Clock = { now: () => now, after: (_, then) => (timers.push(then), () => {}) }
    const folder = join(bay.data, 'trash')
    const trash = diskTrash({ data: bay.data, clock, log: silentLog })
    for (const name of ['a', 'b']) {
      fs.mkdirSync(join(bay.root, name))
      await trash.take(join(bay.root, name))
      now += 50_000
    }
    await trash.take(join(bay.root, 'absent'))
    expect(fs.readdirSync(folder)).toHaveLength(2)
    expect(timers).toHaveLength(1)
    await trash.sweep()
    expect(fs.readdirSync(folder).map((name) => name.slice(0, 7))).toEqual(['1050000'])
  })
})
