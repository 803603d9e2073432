import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { nextTurn } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { run } from '../../src/base/run.ts'
import { bucketText, treeKey } from '../../src/domain/bundle.ts'
import { forgeTar } from '../archive/forge-tar.ts'
import { forgeZip, type ZipPart } from '../archive/forge-zip.ts'
import { needs } from '../needs.ts'
import { nothingChanged, watch } from '../oracle.ts'
import { type Bay, land, messageOf, never, openBay, receive, thrownBy } from './bay.ts'

let bay: Bay
beforeEach(async () => {
  bay = await openBay()
})
afterEach(() => bay.close())

const SITE: ZipPart[] = [
  { name: 'index.html', data: '<h1>hello</h1>' },
  { name: 'a/b.css', data: 'body{}'.repeat(500) },
]
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
const filesBelow = (folder: string) =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
const staged = () => fs.readdirSync(join(bay.data, 'staging'))

async function* pieces(...all: (Buffer | Error)[]): AsyncGenerator<Uint8Array> {
  for (const piece of all) {
    if (piece instanceof Error) throw piece
    yield piece
  }
}
const options = { announcedBytes: null, expectedDigest: null, signal: never() }

describe('receiving', () => {
  test('hashes and counts what arrives, in pieces of any size', async () => {
    const bytes = Buffer.alloc(3_500_001, 'fairlead')
    const seen: number[] = []
    const received = await bay.disk.bundles.receive(
      pieces(bytes.subarray(0, 1), bytes.subarray(1, 2_500_000), bytes.subarray(2_500_000)),
      { ...options, expectedDigest: sha256(bytes), onProgress: (count) => seen.push(count) },
    )
    expect(received.digest).toBe(sha256(bytes))
    expect(fs.readFileSync(join(received.staging, 'archive')).equals(bytes)).toBe(true)
    expect(seen).toEqual([1, 2_500_000, 3_500_001])
    await bay.disk.bundles.discard(received.staging)
  })

  test('another digest than announced leaves nothing', async () => {
    const wrong = bay.disk.bundles.receive(pieces(Buffer.from('x')), {
      ...options,
      expectedDigest: sha256('y'),
    })
    expect(await thrownBy(wrong)).toMatchObject({ code: 'digest_mismatch' })
    expect(staged()).toEqual([])
  })

  test('A40 an upload that breaks off, or is cancelled, leaves nothing', async () => {
    const broken = bay.disk.bundles.receive(pieces(Buffer.from('half'), new Error('gone')), options)
    expect(await messageOf(broken)).toMatch('gone')
    const abort = new AbortController()
    abort.abort(new Error('cancelled'))
    const cancelled = bay.disk.bundles.receive(pieces(Buffer.from('x')), { ...options, signal: abort.signal })
    expect(await messageOf(cancelled)).toMatch('cancelled')
    expect(staged()).toEqual([])
  })

  test('too large: announced, and while it comes', async () => {
    const limits = { ...LIMITS.archive, packedBytes: 1000 }
    const small = await openBay({ limits })
    const big = Buffer.alloc(1001)
    for (const announcedBytes of [1001, null, 5])
      expect(
        await thrownBy(small.disk.bundles.receive(pieces(big), { ...options, announcedBytes })),
      ).toMatchObject({
        code: 'too_large',
      })
    expect(fs.readdirSync(join(small.data, 'staging'))).toEqual([])
    await small.close()
  })
})

describe('keeping', () => {
  test('the very bytes that came, twice is once', async () => {
    const bytes = forgeZip(SITE)
    const first = await land(bay, bytes)
    const again = await land(bay, bytes)
    expect(again.key).toBe(first.key)
    const stored = await bay.disk.bundles.archive(first.prepared.facts.digest)
    expect(stored).toMatchObject({ size: bytes.length, format: 'zip' })
    expect(fs.readFileSync(stored?.path ?? '').equals(bytes)).toBe(true)
    const listed: string[] = []
    for await (const digest of bay.disk.bundles.list()) listed.push(digest)
    expect(listed).toEqual([first.prepared.facts.digest])
    expect(staged()).toEqual([])
  })

  test('an unknown bundle is null; a dropped one is gone', async () => {
    const { prepared } = await land(bay, forgeZip(SITE))
    const { digest } = prepared.facts
    await bay.disk.bundles.drop(digest)
    for (const unknown of [digest, 'f'.repeat(64)]) {
      expect(await bay.disk.bundles.manifest(unknown)).toBeNull()
      expect(await bay.disk.bundles.archive(unknown)).toBeNull()
    }
  })

  test('of a dropped one no byte is left, in the trash neither; trees of others are', async () => {
    const secret = `the secret ${randomBytes(20).toString('hex')}`
    const shared = `what both have ${randomBytes(20).toString('hex')}`
    const leaked = await land(
      bay,
      forgeTar([
        { name: 'key.pem', data: secret },
        { name: 'same', data: shared },
      ]),
    )
    const other = await land(
      bay,
      forgeTar([
        { name: 'page', data: 'x' },
        { name: 'same', data: shared },
      ]),
      [leaked.key],
    )
    expect(fs.statSync(join(other.tree, 'same')).ino).toBe(fs.statSync(join(leaked.tree, 'same')).ino)
    await bay.disk.grace.add('env1', leaked.key, ['key.pem'])
    for (const { key } of [leaked, other]) await bay.disk.trees.drop(key)
    await bay.disk.grace.drop('env1')
    // What a staging folder was renamed to when it could not be removed (no descriptor was free).
    fs.writeFileSync(join(bay.data, 'trash/1-aabbccddeeff-0011223344'), secret)
    const holders = () =>
      filesBelow(bay.data).filter((path) => fs.readFileSync(path, 'latin1').includes(secret))
    expect(holders().length).toBe(4)
    const { digest } = leaked.prepared.facts
    // A manifest that is being made anew meanwhile.
    fs.rmSync(`${(await bay.disk.bundles.archive(digest))?.path}.manifest`)
    const asked = bay.disk.bundles.manifest(digest).catch(() => null)
    while (staged().length === 0) await nextTurn()
    await bay.disk.bundles.drop(digest)
    await asked
    expect(holders()).toEqual([])
    expect(filesBelow(bay.data).filter((path) => path.includes(digest))).toEqual([])
    const kept = fs.readdirSync(join(bay.data, 'trash'))
    expect(kept.map((name) => name.replace(/^\d+-[0-9a-f]{12}-/, ''))).toEqual([other.key])
    expect(fs.readFileSync(join(bay.data, 'trash', kept[0] ?? '', 'same'), 'utf8')).toBe(shared)
    await bay.disk.bundles.drop(digest)
  })

  test('a manifest whose archive is gone is listed too, for the sweep', async () => {
    const { prepared } = await land(bay, forgeZip(SITE))
    const { digest } = prepared.facts
    fs.rmSync((await bay.disk.bundles.archive(digest))?.path ?? '')
    expect(await Array.fromAsync(bay.disk.bundles.list())).toEqual([digest])
    await bay.disk.bundles.drop(digest)
    expect(await Array.fromAsync(bay.disk.bundles.list())).toEqual([])
  })

  test('an archive kept unread gets its manifest when somebody asks', async () => {
    const received = await receive(bay, forgeTar([{ name: 'index.html', data: 'x' }]))
    await bay.disk.bundles.keepUnread(received)
    await bay.disk.bundles.discard(received.staging)
    expect((await bay.disk.bundles.manifest(received.digest))?.facts.format).toBe('tar')
  })

  test('a cancelled reading ends with the reason', async () => {
    const received = await receive(bay, forgeZip(SITE))
    const abort = new AbortController()
    abort.abort(new Error('cancelled'))
    const prepared = bay.disk.bundles.prepare(received, { unpack: true, bases: [], signal: abort.signal })
    expect(await messageOf(prepared)).toMatch('cancelled')
  })

  test('rules that are not understood refuse the bundle, those that are go into its facts', async () => {
    const redirects = '/old /new 301\n'
    const { prepared } = await land(bay, forgeZip([...SITE, { name: '_redirects', data: redirects }]))
    expect(prepared.facts.redirectsText).toBe(redirects)
    const bad = forgeZip([...SITE, { name: '_redirects', data: Buffer.from([0xff]) }])
    expect(await thrownBy(land(bay, bad))).toMatchObject({ code: 'archive_refused' })
    const long = forgeZip([...SITE, { name: '_headers', data: ' '.repeat(300_000), method: 0 }])
    expect(await messageOf(land(bay, long))).toMatch(/_headers.*larger/)
  })
})

describe('manifests', () => {
  const many: ZipPart[] = Array.from({ length: 1200 }, (_, index) => ({
    name: `d/${index}.txt`,
    data: `${index}`,
  }))

  test('tell each file, by bucket and by path', async () => {
    const { prepared } = await land(bay, forgeZip([...many, { name: 'index.html', data: 'x' }]))
    const manifest = await bay.disk.bundles.manifest(prepared.facts.digest)
    if (!manifest) throw new Error('no manifest')
    expect(manifest.facts).toEqual(prepared.facts)
    expect([...manifest.files()]).toHaveLength(1201)
    expect(manifest.file('d/77.txt')).toEqual({ path: 'd/77.txt', size: 2, sha256: sha256('77') })
    expect(manifest.file('d/none.txt')).toBeNull()
    for (let index = 0; index < 1024; index += 100) {
      const hash = sha256(bucketText(manifest.bucket(index))).slice(0, 32)
      expect(Buffer.from(manifest.bucketHashes.subarray(index * 16, index * 16 + 16)).toString('hex')).toBe(
        hash,
      )
      for (const file of manifest.bucket(index))
        expect(Number.parseInt(sha256(file.path).slice(0, 4), 16) >>> 6).toBe(index)
    }
  })

  test('that are missing or damaged anywhere are made anew', async () => {
    const { prepared } = await land(bay, forgeZip(many))
    const { digest } = prepared.facts
    const path = join(bay.data, 'bundles', digest.slice(0, 2), `${digest}.manifest`)
    const whole = fs.readFileSync(path)
    const damaged = (at: number) => {
      const bytes = Buffer.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      return bytes
    }
    for (const bytes of [
      null,
      Buffer.alloc(0),
      whole.subarray(0, 30),
      whole.subarray(0, 20_000),
      damaged(0),
      damaged(9),
      damaged(20),
      damaged(100),
      damaged(9000),
    ]) {
      fs.rmSync(path)
      if (bytes) fs.writeFileSync(path, bytes)
      expect((await bay.disk.bundles.manifest(digest))?.facts).toEqual(prepared.facts)
      expect(fs.readFileSync(path).equals(whole)).toBe(true)
    }
    fs.writeFileSync(path, damaged(whole.length - 1200 * 24 - 10))
    const manifest = await bay.disk.bundles.manifest(digest)
    expect(() => [...(manifest?.files() ?? [])]).toThrow(/damaged on disk/)
    expect([...((await bay.disk.bundles.manifest(digest))?.files() ?? [])]).toHaveLength(1200)
  })
})

describe('A42 a disk that is full', () => {
  const onSmallDisk = async (mount: string, work: (small: Bay) => Promise<void>) => {
    const root = fs.mkdtempSync(join(bay.root, 'small-'))
    await run(['mount', '-t', 'tmpfs', '-o', mount, 'tmpfs', root])
    try {
      const small = await openBay({ root })
      await work(small)
      await small.disk.stop()
    } finally {
      await run(['umount', root])
    }
  }
  const live = forgeZip([{ name: 'index.html', data: 'live' }])

  needs('root', 'mount')('of bytes: while the archive comes, and while it is unpacked', () =>
    onSmallDisk('size=16m', async (small) => {
      await land(small, live)
      const before = watch([`${small.data}/bundles`, `${small.data}/trees`], [`${small.data}/staging`])
      const noise = Buffer.from(
        Array.from({ length: 40_000 }, (_, index) => sha256(String(index))).join(''),
        'hex',
      )
      const tooBig = Array.from({ length: 14 }, () => noise)
      expect(await thrownBy(small.disk.bundles.receive(pieces(...tooBig), options))).toMatchObject({
        code: 'ENOSPC',
      })
      const unpacked = forgeZip(
        Array.from({ length: 8 }, (_, index) => ({
          name: `${index}.txt`,
          data: `${index}${noise.toString('hex')}`,
        })),
      )
      expect(await thrownBy(land(small, unpacked))).toMatchObject({ code: 'disk_full' })
      nothingChanged(before)
    }),
  )

  needs('root', 'mount')('of inodes', () =>
    onSmallDisk('size=64m,nr_inodes=200', async (small) => {
      await land(small, live)
      const before = watch([`${small.data}/bundles`, `${small.data}/trees`], [`${small.data}/staging`])
      const many = forgeZip(Array.from({ length: 300 }, (_, index) => ({ name: `${index}.txt`, data: 'x' })))
      expect(await thrownBy(land(small, many))).toMatchObject({ code: 'ENOSPC' })
      nothingChanged(before)
      expect(await small.disk.trees.list()).toHaveLength(1)
      await land(small, forgeZip(SITE))
    }),
  )
})

test('what an earlier run left in staging is removed at the start', async () => {
  const received = await receive(bay, forgeZip(SITE))
  await bay.disk.bundles.prepare(received, { unpack: true, bases: [], signal: never() })
  expect(staged()).toHaveLength(1)
  await bay.disk.start()
  expect(staged()).toEqual([])
})

test('two archives at the same time', async () => {
  const all = await Promise.all(
    Array.from({ length: 6 }, (_, index) =>
      land(bay, forgeZip([...SITE, { name: `${index}.txt`, data: 'x' }])),
    ),
  )
  expect(new Set(all.map(({ key }) => key)).size).toBe(6)
  for (const { key, prepared } of all) expect(key).toBe(treeKey(prepared.facts.digest))
})
