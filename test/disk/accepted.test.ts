import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { run } from '../../src/base/run.ts'
import { contentMtime } from '../../src/domain/bundle.ts'
import { forgeTar, longName, pax, type TarPart, tarEntry } from '../archive/forge-tar.ts'
import { forgeZip, unicodePath, type ZipPart, zipOfEmptyFiles } from '../archive/forge-zip.ts'
import { needs } from '../needs.ts'
import { type Bay, land, messageOf, openBay } from './bay.ts'

let bay: Bay
beforeAll(async () => {
  bay = await openBay()
})
afterAll(() => bay.close())

const filesOf = (tree: string): string[] =>
  fs
    .readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(tree.length + 1))
    .sort()

const zip = (parts: ZipPart[]) => land(bay, forgeZip(parts))
const tar = (parts: (TarPart | Buffer)[]) => land(bay, forgeTar(parts))
const text = 'Lorem ipsum dolor sit amet. '.repeat(100)

describe('what must be accepted', () => {
  test('A25 tar: a leading ./ is no part of a name', async () => {
    const { tree, prepared } = await tar([
      { name: './', type: '5' },
      { name: './index.html', data: 'a' },
      { name: './css/', type: '5' },
      { name: './css/a.css', data: 'b' },
    ])
    expect(filesOf(tree)).toEqual(['css/a.css', 'index.html'])
    expect(prepared.facts.strippedFolder).toBeNull()
  })

  test('an archive as GitHub makes it: global header, one top folder, data descriptors, empty folders', async () => {
    const comment = pax({ comment: '0123456789abcdef0123456789abcdef01234567' }, 'g')
    const fromTar = await land(
      bay,
      gzipSync(
        forgeTar([
          comment,
          { name: 'site-main/', type: '5' },
          { name: 'site-main/empty/', type: '5' },
          { name: 'site-main/index.html', data: 'a' },
        ]),
      ),
    )
    const fromZip = await zip([
      { name: 'site-main/', method: 0 },
      { name: 'site-main/empty/', method: 0 },
      { name: 'site-main/index.html', data: 'a', descriptor: true },
    ])
    for (const { tree, prepared } of [fromTar, fromZip]) {
      expect(filesOf(tree)).toEqual(['index.html'])
      expect(prepared.facts.strippedFolder).toBe('site-main')
      expect(prepared.facts.warnings).toEqual([])
    }
    expect(fromTar.prepared.facts.format).toBe('tar.gz')
  })

  test('A44 litter is dropped before the top folder is stripped', async () => {
    const { tree, prepared } = await zip([
      { name: 'dist/index.html', data: 'a' },
      { name: 'dist/.DS_Store', data: 'x' },
      { name: '__MACOSX/dist/._index.html', data: 'x' },
      { name: 'dist/img/Thumbs.db', data: 'x' },
      { name: 'pax_global_header', data: 'x' },
    ])
    expect(filesOf(tree)).toEqual(['index.html'])
    expect(prepared.facts.droppedCount).toBe(4)
    expect(prepared.facts.dropped).toContain('__MACOSX/dist/._index.html')
  })

  test('a top folder is stripped only when it holds everything', async () => {
    const { tree } = await zip([
      { name: 'a/index.html', data: 'a' },
      { name: 'robots.txt', data: 'b' },
    ])
    expect(filesOf(tree)).toEqual(['a/index.html', 'robots.txt'])
  })

  test('A44 dotfiles are stored, and the warning says that they are never served', async () => {
    const { prepared } = await zip([
      { name: 'index.html', data: 'a' },
      { name: '.env', data: 'SECRET=1' },
      { name: '.git/config', data: 'x' },
      { name: '.well-known/security.txt', data: 'x' },
      { name: '.well-known/acme-challenge/x', data: 'x' },
    ])
    expect(prepared.facts.warnings).toHaveLength(2)
    expect(prepared.facts.warnings[0]).toContain('".env" and 1 more files')
    expect(prepared.facts.warnings[1]).toContain('acme-challenge')
  })

  test('A38 no index.html is a warning, and an empty file is a file', async () => {
    const { prepared, tree } = await zip([{ name: 'empty.txt', data: '', method: 0 }])
    expect(prepared.facts.warnings[0]).toContain('index.html')
    expect(fs.statSync(join(tree, 'empty.txt')).size).toBe(0)
  })

  test('A33 70,000 empty files', async () => {
    const { prepared } = await land(bay, zipOfEmptyFiles(70_000))
    expect(prepared.facts.files).toBe(70_000)
  }, 60_000)

  test('A34 a tree of 64 folders can be made and thrown away', async () => {
    const { key, tree } = await zip([
      { name: `${'d/'.repeat(63)}x`, data: 'deep' },
      { name: 'y', data: 'a' },
    ])
    expect(fs.readFileSync(join(tree, `${'d/'.repeat(63)}x`), 'utf8')).toBe('deep')
    await bay.disk.trees.drop(key)
    expect(await bay.disk.trees.has(key)).toBe(false)
  })

  test('long names of tar: pax, GNU and prefix', async () => {
    const long = `${'folder/'.repeat(20)}é.txt`
    const { tree } = await tar([
      { name: 'index.html', data: 'a' },
      pax({ path: long, mtime: '-5.5' }),
      { name: 'short', data: 'pax' },
      longName(`gnu/${long}`),
      { name: 'gnu/short', data: 'gnu', magic: 'ustar  \0' },
      { name: 'leaf.txt', prefix: 'some/prefix', data: 'prefix' },
      { name: 'old.txt', data: 'v7', magic: '', type: '\0' },
    ])
    expect(fs.readFileSync(join(tree, long), 'utf8')).toBe('pax')
    expect(fs.readFileSync(join(tree, `gnu/${long}`), 'utf8')).toBe('gnu')
    expect(fs.readFileSync(join(tree, 'some/prefix/leaf.txt'), 'utf8')).toBe('prefix')
    expect(fs.readFileSync(join(tree, 'old.txt'), 'utf8')).toBe('v7')
  })

  test('A35 times of any kind in a tar are ignored', async () => {
    const { tree, prepared } = await tar([
      { name: 'a', data: '1', mtime: Buffer.alloc(12, 0xff) },
      { name: 'b', data: '2', mtime: 'not a time!!' },
    ])
    const sha = [...((await bay.disk.bundles.manifest(prepared.facts.digest))?.files() ?? [])]
    expect(sha.map((file) => file.size)).toEqual([1, 1])
    expect(fs.statSync(join(tree, 'a')).mtimeMs % 1000).toBe(0)
  })

  test('A24 a Unicode path that says the same', async () => {
    const { tree } = await zip([{ name: 'é.txt', data: 'a', extra: unicodePath('é.txt', 'é.txt') }])
    expect(filesOf(tree)).toEqual(['é.txt'])
  })

  test('A30 UTF-8 names without the flag, as macOS writes them', async () => {
    const { tree } = await zip([{ name: 'grün.txt', data: 'a', flags: 0 }])
    expect(filesOf(tree)).toEqual(['grün.txt'])
  })

  test('several gzip members and zstd frames are one stream', async () => {
    const site = forgeTar([{ name: 'index.html', data: text }])
    const halves = [site.subarray(0, 700), site.subarray(700)]
    const a = await land(bay, Buffer.concat(halves.map((half) => gzipSync(half))))
    const b = await land(bay, Buffer.concat(halves.map((half) => zstdCompressSync(half))))
    for (const { tree } of [a, b]) expect(fs.readFileSync(join(tree, 'index.html'), 'utf8')).toBe(text)
    expect(b.prepared.facts.format).toBe('tar.zst')
  })

  test('A16 archives inside of archives are plain files', async () => {
    const inner = forgeZip([{ name: '../../x', data: 'evil' }])
    const { tree } = await zip([{ name: 'inner.zip', data: inner, method: 0 }, { name: 'index.html' }])
    expect(fs.readFileSync(join(tree, 'inner.zip')).equals(inner)).toBe(true)
  })
})

describe('names on disk are the names of the archive, byte for byte', () => {
  const names = [
    'a․․／b',
    '．．',
    '%2e%2e%2fx',
    '‥∕x',
    'CON',
    'nul.txt',
    'a:b',
    'a.',
    'COM¹',
    '-rf',
    '~',
    '"',
    "'",
    '$(id)',
    '`id`',
    ' leading',
    'trailing ',
    'x\u202etxt.exe',
    '\ufeffbom',
    '...',
    'a\u0085b'.replace('\u0085', '\u00a0'),
  ]
  test('A05 A27 A29 odd names', async () => {
    const site = names.map((name) => ({ name, data: name }))
    for (const { tree } of [await zip(site), await tar(site.filter(({ name }) => name !== '.'))]) {
      expect(fs.readdirSync(tree).sort()).toEqual([...names].sort())
      for (const name of names) expect(fs.readFileSync(`${tree}/${name}`, 'utf8')).toBe(name)
    }
  })
})

describe('A13 files are ours', () => {
  test('mode, owner and time come from us, whatever archive and umask say', async () => {
    const umask = process.umask(0o077)
    try {
      const { tree } = await tar([
        { name: 'd/', type: '5', mode: '0000000\0' },
        { name: 'd/suid', data: 'a', mode: '0006777\0' },
        { name: 'd/none', data: 'b', mode: '0000000\0' },
        { name: 'e/index.html', data: text },
      ])
      const zipped = await zip([
        { name: 'e/f/suid', data: 'c', mode: 0o106777 },
        { name: 'x', data: 'd' },
      ])
      for (const path of [tree, `${tree}/d`, `${tree}/e`, zipped.tree, `${zipped.tree}/e/f`])
        expect(fs.statSync(path).mode & 0o7777).toBe(0o755)
      for (const path of [
        `${tree}/d/suid`,
        `${tree}/d/none`,
        `${tree}/e/index.html`,
        `${zipped.tree}/e/f/suid`,
      ])
        expect(fs.statSync(path).mode & 0o7777).toBe(0o644)
    } finally {
      process.umask(umask)
    }
  })

  test('the time of a file is a function of its content', async () => {
    const a = await zip([
      { name: 'index.html', data: text },
      { name: 'x', data: '1' },
    ])
    const b = await tar([{ name: 'other.html', data: text }])
    const file = (await bay.disk.bundles.manifest(a.prepared.facts.digest))?.file('index.html')
    const time = fs.statSync(join(a.tree, 'index.html')).mtimeMs / 1000
    expect(time).toBe(contentMtime(file?.sha256 ?? ''))
    expect(fs.statSync(join(b.tree, 'other.html')).mtimeMs / 1000).toBe(time)
    expect(fs.statSync(join(a.tree, 'index.html.gz')).mtimeMs / 1000).toBe(time)
  })
})

describe('.gz siblings', () => {
  const gunzipped = (path: string) => gunzipSync(fs.readFileSync(path)).toString()

  test('from the deflate stream of a ZIP, and compressed once otherwise', async () => {
    const a = await zip([
      { name: 'a.html', data: text },
      { name: 'b.html', data: text, method: 0 },
    ])
    const b = await tar([{ name: 'a.html', data: text }])
    for (const path of [`${a.tree}/a.html.gz`, `${a.tree}/b.html.gz`, `${b.tree}/a.html.gz`])
      expect(gunzipped(path)).toBe(text)
  })

  test('not for small files, images and what does not shrink', async () => {
    const noise = Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * index * 7919) % 251))
    const { tree } = await zip([
      { name: 'small.html', data: text.slice(0, 1000) },
      { name: 'photo.jpg', data: text },
      { name: 'dense.js', data: gzipSync(Buffer.concat([noise, noise.toReversed()])) },
    ])
    expect(filesOf(tree)).toEqual(['dense.js', 'photo.jpg', 'small.html'])
  })

  test("a bundle's own X.gz is used and stays a URL; X.gz alone is a file", async () => {
    const own = gzipSync(text, { level: 1 })
    const { tree, prepared } = await zip([
      { name: 'a.html', data: text },
      { name: 'a.html.gz', data: own },
      { name: 'data.gz', data: 'not even gzip' },
    ])
    expect(prepared.facts.ownGzip).toEqual(['a.html.gz'])
    expect(fs.readFileSync(`${tree}/a.html.gz`).equals(own)).toBe(true)
    expect(filesOf(tree)).toEqual(['a.html', 'a.html.gz', 'data.gz'])
  })
})

describe('archives of real programs', () => {
  const site = (): string => {
    const folder = fs.mkdtempSync(join(bay.root, 'site-'))
    fs.mkdirSync(join(folder, 'dist/assets/empty'), { recursive: true })
    fs.writeFileSync(join(folder, 'dist/index.html'), text)
    fs.writeFileSync(join(folder, `dist/assets/${'é'.repeat(60)}.txt`), 'umlauts')
    fs.writeFileSync(join(folder, `dist/assets/${'long'.repeat(50)}.txt`), 'long')
    fs.writeFileSync(join(folder, 'dist/assets/big.bin'), Buffer.alloc(9_000_000, 'abc'))
    return folder
  }
  const check = async (archive: string) => {
    const { tree, prepared } = await land(bay, fs.readFileSync(archive))
    expect(prepared.facts.files).toBe(4)
    expect(fs.readFileSync(`${tree}/assets/${'é'.repeat(60)}.txt`, 'utf8')).toBe('umlauts')
    expect(fs.readFileSync(`${tree}/assets/big.bin`).equals(Buffer.alloc(9_000_000, 'abc'))).toBe(true)
  }
  const tars: [string, string[]][] = [
    ['GNU', ['--format=gnu']],
    ['ustar with pax', ['--format=pax']],
    ['oldgnu', ['--format=oldgnu']],
    ['gzip', ['--format=gnu', '-z']],
    ['zstd', ['--format=pax', '--zstd']],
  ]
  for (const [what, options] of tars)
    needs('tar', ...(what === 'zstd' ? ['zstd'] : []))(`tar: ${what}`, async () => {
      const folder = site()
      await run(['tar', '-C', folder, ...options, '-cf', join(folder, 'x'), 'dist'])
      await check(join(folder, 'x'))
    })

  needs('zip')('zip', async () => {
    const folder = site()
    await run(['zip', '-qr', 'x.zip', 'dist'], { cwd: folder })
    await check(join(folder, 'x.zip'))
  })
})

test('A37 a tar of GNU tar -S is refused when it holds a sparse file', async () => {
  const sparse = tarEntry({ name: 'GNUSparseFile.0/disk', data: '1\n0\n0\n' })
  const archive = forgeTar([pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'disk' }), sparse])
  expect(await messageOf(land(bay, archive))).toMatch(/sparse/)
})
