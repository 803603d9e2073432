/** Trees of the disk: what hands do to them is found, put back or taken over. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { LIMITS } from '../../src/base/limits.ts'
import { DriftStage, FILES } from './stage.ts'

let at: DriftStage
beforeEach(async () => {
  at = await DriftStage.start()
  await at.deploy(FILES)
})
afterEach(() => at.stop())

const EDITS: [name: string, edit: () => void, diff: RegExp[]][] = [
  [
    'a file that was written over',
    () => at.write('index.html', 'defaced'),
    [/^-index.html {2}15 bytes/, /^\+index.html {2}7 bytes/],
  ],
  ['a file that is gone', () => rmSync(join(at.tree(), 'about/index.html')), [/^-about\/index.html/]],
  ['a file that was added', () => at.write('shell.php', '<?php'), [/^\+shell.php {2}5 bytes/]],
  [
    'a folder that is gone',
    () => rmSync(join(at.tree(), 'assets'), { recursive: true }),
    [/^-assets {2}a folder/, /^-assets\/site.css/],
  ],
  [
    'a folder that was added',
    () => at.write('new/deep/x.txt', 'x'),
    [/^\+new {2}a folder/, /^\+new\/deep\/x.txt/],
  ],
  ['a file of the longest name that there is', () => at.write('é'.repeat(125), 'x'), [/^\+é+ {2}1 byte/]],
  ['an empty folder', () => mkdirSync(join(at.tree(), 'empty')), [/^\+empty {2}a folder/]],
  ['a mode', () => chmodSync(join(at.tree(), 'index.html'), 0o600), [/mode 600/]],
  [
    'a mode of a folder',
    () => chmodSync(join(at.tree(), 'assets'), 0o700),
    [/^\+assets {2}a folder, mode 700/],
  ],
  ['a mode of all', () => chmodSync(at.tree(), 0o700), [/^\+\. {2}the folder, mode 700/]],
  ['a time', () => utimesSync(join(at.tree(), 'index.html'), 5, 5), [/another time/]],
  [
    'a link in place of a file',
    () => {
      rmSync(join(at.tree(), 'index.html'))
      symlinkSync('/etc/passwd', join(at.tree(), 'index.html'))
    },
    [/^\+index.html {2}a link/],
  ],
  [
    'a folder in place of a file',
    () => {
      rmSync(join(at.tree(), 'index.html'))
      at.write('index.html/x', 'x')
    },
    [/^-index.html {2}15 bytes/, /^\+index.html {2}a folder/],
  ],
  [
    'a file in place of a folder',
    () => {
      rmSync(join(at.tree(), 'about'), { recursive: true })
      at.write('about', 'x')
    },
    [/^-about {2}a folder/, /^\+about {2}1 byte/],
  ],
  [
    'a file of the same size and time',
    () => {
      const place = join(at.tree(), 'index.html')
      const { atime, mtime } = statSync(place)
      writeFileSync(place, '<h1>Goats</h1>\n')
      utimesSync(place, atime, mtime)
    },
    [/^\+index.html {2}15 bytes/],
  ],
  [
    'a compressed sibling that is gone',
    () => rmSync(join(at.tree(), 'assets/site.css.gz')),
    [/^-assets\/site.css.gz/],
  ],
  [
    'a compressed sibling that was written over',
    () => at.write('assets/site.css.gz', 'x'),
    [/^\+assets\/site.css.gz/],
  ],
  ['a compressed sibling of other content', () => forgedSibling(), [/^\+assets\/site.css.gz/]],
  ['the whole folder', () => renameSync(at.tree(), `${at.tree()}.away`), [/^-the folder/]],
]

function forgedSibling(): void {
  const place = join(at.tree(), 'assets/site.css.gz')
  const { atime, mtime } = statSync(place)
  writeFileSync(place, Bun.gzipSync(Buffer.from('body { color: white }\n'.repeat(100))))
  utimesSync(place, atime, mtime)
}

for (const [name, edit, diff] of EDITS)
  test(`${name} is found by the next look, and put back`, async () => {
    expect(await at.look()).toEqual([])
    edit()
    const [drift, ...more] = await at.look()
    expect(more).toEqual([])
    const lines = drift?.diff.map(({ sign, text }) => sign + text) ?? []
    for (const line of diff) expect(lines).toContainEqual(expect.stringMatching(line))
    if (!drift) return
    expect(await at.look()).toMatchObject([{ id: drift.id, seen: drift.seen }])
    expect((await at.revert(drift)).status).toBe('succeeded')
    expect(await at.look()).toEqual([])
    for (const [path, text] of Object.entries(FILES)) expect([path, at.read(path)]).toEqual([path, text])
    for (const path of ['/', '/about/', '/assets/site.css']) expect((await at.visit(path)).status).toBe(200)
    expect(await at.ok<{ end: string }>('GET', `/drift/${drift.id}`)).toMatchObject({ end: 'reverted' })
  })

test('what stands becomes a bundle and a deployment, and the next one works', async () => {
  await at.look()
  at.write('index.html', 'by hand')
  at.write('new/page.html', 'new')
  rmSync(join(at.tree(), 'assets/logo.svg'))
  const [drift] = await at.look()
  if (!drift) throw new Error('nothing was found')
  expect((await at.way(drift, 'adopt')).status).toBe(200)
  await at.idle()
  expect(await at.look()).toEqual([])
  expect(await at.visit('/')).toEqual({ status: 200, body: 'by hand' })
  expect((await at.visit('/new/page')).status).toBe(200)
  expect((await at.visit('/assets/logo.svg')).status).toBe(404)
  const { items } = await at.ok<{ items: { cause: string; live: boolean; status: string }[] }>(
    'GET',
    '/services/web/environments/production/deployments',
  )
  expect(items[0]).toMatchObject({ cause: 'adoption', live: true, status: 'succeeded' })
  await at.deploy({ ...FILES, 'index.html': 'next' })
  expect(await at.visit('/')).toEqual({ status: 200, body: 'next' })
  expect(await at.look()).toEqual([])
})

test('one edit through a hard link is found in each tree, and one revert mends all', async () => {
  await at.ok('PATCH', '/services/web/environments/production', { json: { retain: 1 } })
  await at.deploy({ ...FILES, 'index.html': 'second' })
  await at.look()
  const place = join(at.tree(), 'assets/logo.svg')
  expect(statSync(place).nlink).toBe(2)
  writeFileSync(place, '<svg>evil</svg>\n')
  const found = await at.look()
  expect(found.map(({ kind, adoptable }) => `${kind} ${adoptable}`).toSorted()).toEqual([
    'tree false',
    'tree true',
  ])
  const [first] = found
  if (first) await at.revert(first)
  expect(await at.look()).toEqual([])
  expect(statSync(place).nlink).toBe(2)
})

test('a link that somebody has made to a file beside the tree is none of ours', async () => {
  await at.look()
  linkSync(join(at.tree(), 'index.html'), at.at('copy'))
  expect(await at.look()).toEqual([])
})

test('many forged files stay one finding, of the same digest from look to look', async () => {
  const count = LIMITS.drift.diffLines + 100
  const others = LIMITS.drift.sample.files
  const files: Record<string, string> = { ...FILES }
  for (let n = 0; n < others; n++) files[`data/${n}.txt`] = `${n}`
  await at.deploy(files)
  for (let look = 0; look < 4; look++) expect(await at.look()).toEqual([])
  for (let n = 0; n < count; n++) {
    const place = join(at.tree(), `data/${n}.txt`)
    const { atime, mtime } = statSync(place)
    writeFileSync(place, 'x'.repeat(`${n}`.length))
    utimesSync(place, atime, mtime)
  }
  const [first] = await at.look()
  if (!first) throw new Error('nothing was found')
  for (let look = 0; look < 3; look++)
    expect(await at.look()).toMatchObject([{ id: first.id, seen: first.seen }])
  await at.revert(first)
  expect(await at.look()).toEqual([])
  expect(at.read('data/299.txt')).toBe('299')
}, 30_000)
