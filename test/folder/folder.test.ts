import { afterAll, describe, expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { Fault } from '../../src/base/fault.ts'
import { ApiProblem } from '../../src/contract/client.ts'
import { isLitter, scanFolder } from '../../src/contract/folder.ts'
import { bucketOf } from '../../src/domain/bundle.ts'
import { tarEnd, tarHeader, tarPadding } from '../../src/domain/canonical-tar.ts'
import { folderFiles, Shelf, scanned, sha256 } from './shelf.ts'

const shelves: Shelf[] = []
const shelf = (): Shelf => {
  const made = new Shelf()
  shelves.push(made)
  return made
}
afterAll(() => {
  for (const { root } of shelves) rmSync(root, { recursive: true })
})

const site = (files: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: files }, (_, i) => [
      `assets/icon-${i}-regular.svg`,
      `<svg id="${i % 500}">${'<path d="M0 0"/>'.repeat(i % 40)}</svg>`,
    ]),
  )

const problem = async (work: Promise<unknown>) => {
  const thrown = await work.then(() => null).catch((error: unknown) => error)
  if (thrown instanceof ApiProblem) return thrown.problem
  throw thrown ?? new Error('it was accepted')
}

describe('a folder', () => {
  test('has the same digest in whatever order its files are listed', async () => {
    const contents = site(50)
    const backwards = Object.fromEntries(Object.entries(contents).toReversed())
    expect((await scanned(backwards)).digest).toBe((await scanned(contents)).digest)
  })

  test('that is empty, or names a path twice, or changes while it is read, is refused', async () => {
    const refusals = [
      [],
      [...folderFiles({ 'a.txt': '1' }), ...folderFiles({ 'a.txt': '2' })],
      folderFiles({ 'a.txt': '1' }).map((file) => ({ ...file, size: 2 })),
      folderFiles({ 'a.txt': '12' }).map((file) => ({ ...file, size: 1 })),
    ]
    for (const files of refusals)
      expect(await scanFolder(files, { sha256 }).catch((error: unknown) => error)).toMatchObject({
        name: Fault.name,
        code: 'invalid',
      })
  })

  test('A44: what a desktop or a version control system left behind is no part of it', () => {
    const litter = ['.git', '.git/config', 'a/.git/x', '.DS_Store', 'a/Thumbs.db', '__MACOSX/a']
    expect(litter.filter(isLitter)).toEqual(litter)
    expect(
      ['.gitignore', 'git', '.well-known/x', 'a.DS_Store', 'node_modules/x.js'].filter(isLitter),
    ).toEqual([])
  })
})

describe('folder deploy', () => {
  test('without a base sends each content once', async () => {
    const there = shelf()
    const folder = await scanned({ ...site(30), 'copy.svg': '<svg id="0"></svg>', 'empty.txt': '' })
    expect(await there.send(folder)).toEqual({ known: false, contents: 31 })
    expect(there.received.get(folder.digest)?.length).toBe(folder.tarBytes)
    expect(there.staged).toEqual([])
  })

  test('sends nothing when the service holds the bundle', async () => {
    const there = shelf()
    const folder = await scanned(site(3))
    await there.hold(folder)
    expect(await there.send(folder)).toEqual({ known: true, contents: 0 })
  })

  test('sends changed contents only; moved and removed files cost no content', async () => {
    const there = shelf()
    const before = site(21_000)
    await there.hold(await scanned(before))
    const after: Record<string, string> = {
      ...before,
      'moved.svg': before['assets/icon-7-regular.svg'] ?? '',
    }
    delete after['assets/icon-7-regular.svg']
    for (let i = 100; i < 110; i++) after[`assets/icon-${i}-regular.svg`] = `<svg>changed ${i}</svg>`
    const folder = await scanned(after)
    expect(await there.send(folder)).toEqual({ known: false, contents: 10 })
    expect(there.received.has(folder.digest)).toBe(true)
    // One percent of the ZIP of a site of this size, about 8 MB.
    expect(there.wire.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThan(80_000)
  }, 60_000)

  test('rebuilds any folder from any base', async () => {
    const path = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '.x'), minLength: 1, maxLength: 4 })
    const content = fc.string({ maxLength: 3 })
    const folder = fc.dictionary(path, content, { minKeys: 1, maxKeys: 30, noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(folder, folder, async (before, after) => {
        const there = shelf()
        await there.hold(await scanned(before))
        const next = await scanned(after)
        const { known } = await there.send(next)
        expect(known || there.received.has(next.digest)).toBe(true)
        expect(there.staged).toEqual([])
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  test('A42: is refused before a content is taken when the disk is nearly full', async () => {
    const there = shelf()
    there.freeBytes = 10_000
    expect((await problem(there.send(await scanned(site(40))))).code).toBe('disk_full')
    expect(there.staged).toEqual([])
  })

  test('asks again when its base was retired meanwhile', async () => {
    const there = shelf()
    const old = await scanned(site(40))
    await there.hold(old)
    const folder = await scanned({ ...site(40), 'new.txt': 'new' })
    there.onFiles = () => {
      there.retire(old)
      there.onFiles = () => {}
    }
    expect(await there.send(folder)).toEqual({ known: false, contents: 41 })
    expect(there.received.has(folder.digest)).toBe(true)
  })
})

interface Upload {
  base?: string | null
  buckets?: number[]
  entries?: unknown
  contents?: [name: string, text: string][]
  first?: string
}

describe('a hostile upload of missing contents', () => {
  const text = 'content'
  const entry = { path: 'a.txt', size: text.length, sha256: hex(text) }
  const bucket = bucketOf(hex(entry.path))
  const honest: Upload = { base: null, buckets: [bucket], entries: [entry], contents: [[entry.sha256, text]] }

  const post = (body: Uint8Array) => {
    const there = shelf()
    const answer = there.post('/api/v1/services/web/bundles/'.concat('0'.repeat(64), '/files'), body)
    return { there, answer }
  }
  const refused = async (body: Uint8Array, code: string, naming = /./) => {
    const { there, answer } = post(body)
    const found = await problem(answer)
    expect({ code: found.code, staged: there.staged }).toEqual({ code, staged: [] })
    expect(found.detail).toMatch(naming)
  }

  test('is refused when a content is not what its name says', () =>
    refused(tar({ ...honest, contents: [[entry.sha256, 'CONTENT']] }), 'digest_mismatch', /a\.txt/))
  test('is refused when a content has another size', () =>
    refused(tar({ ...honest, contents: [[entry.sha256, 'more content']] }), 'digest_mismatch', /a\.txt/))
  test('is refused when a content comes that was not announced, or twice', async () => {
    await refused(tar({ ...honest, contents: [['../../etc/passwd', text]] }), 'invalid', /\.\.\/etc/)
    await refused(tar({ ...honest, contents: [...(honest.contents ?? []), [entry.sha256, text]] }), 'invalid')
  })
  test('is refused when a content is missing', () => refused(tar({ ...honest, contents: [] }), 'conflict'))
  test('is refused when an entry lies in another bucket', () =>
    refused(tar({ ...honest, buckets: [(bucket + 1) % 1024] }), 'invalid', /a\.txt/))
  test('is refused when the list of files is no list of files', async () => {
    await refused(tar({ ...honest, entries: [{ ...entry, size: -1 }] }), 'invalid')
    await refused(tar({ ...honest, entries: [{ ...entry, mode: 0o777 }], base: 'x' }), 'invalid')
    await refused(tar({ ...honest, first: '{"base":' }), 'malformed')
    await refused(tar({ ...honest, entries: [{ ...entry, path: 'a\0b' }] }), 'invalid')
  })
  test('is refused when its base is of another service or unknown', () =>
    refused(tar({ ...honest, base: 'f'.repeat(64) }), 'conflict'))
  test('A19: is refused when it is cut anywhere', async () => {
    const whole = tar(honest)
    for (let cut = 0; cut < whole.length - 512; cut += 511) await refused(whole.subarray(0, cut), 'malformed')
    const packed = gzipSync(whole)
    for (let cut = 1; cut < packed.length; cut += 37) await refused(packed.subarray(0, cut), 'malformed')
  })
  test('is refused when the whole has another digest', () => refused(tar(honest), 'digest_mismatch'))
  test('A12: is refused when it holds anything but plain files', async () => {
    const link = tar(honest)
    link[156] = 0x32
    await refused(link, 'malformed')
  })
})

function hex(text: string): string {
  const hash = sha256()
  hash.update(Buffer.from(text))
  return hash.hex()
}

function tar({ base, buckets, entries, contents, first }: Upload): Buffer {
  const list = first ?? JSON.stringify({ base, buckets, entries })
  const members: [string, string][] = [['entries.json', list], ...(contents ?? [])]
  const parts = members.flatMap(([name, body]) => [
    tarHeader(name, Buffer.byteLength(body)),
    Buffer.from(body),
    tarPadding(Buffer.byteLength(body)),
  ])
  return Buffer.concat([...parts, tarEnd()])
}
