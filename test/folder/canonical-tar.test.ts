import { describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { run } from '../../src/base/run.ts'
import {
  canonicalTarBytes,
  comparePaths,
  readTarHeader,
  tarEnd,
  tarHeader,
  tarPadding,
} from '../../src/domain/canonical-tar.ts'

const LONG = 'd'.repeat(90)
/** Every way a path can be written: in the name, split at a slash, in a pax record, and by more than ASCII. */
const PATHS = [
  'index.html',
  'a.b',
  'a/x',
  'with space/-rf',
  'x'.repeat(100),
  `${LONG}/${'n'.repeat(100)}`,
  `${LONG}/${'e'.repeat(64)}/f.js`,
  `${LONG}/${'n'.repeat(101)}`,
  `${LONG}/${LONG}/${LONG}/deep.css`,
  'ünïcode/é.html',
  '😀.svg',
  '￮.svg',
]
const content = (path: string) => Buffer.from(`${path}\n`.repeat(path.length * 3))

function canonicalTar(paths: string[]): Buffer {
  const parts = paths
    .toSorted(comparePaths)
    .flatMap((path) => [
      tarHeader(path, content(path).length),
      content(path),
      tarPadding(content(path).length),
    ])
  return Buffer.concat([...parts, tarEnd()])
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'canonical-tar-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('canonical tar', () => {
  test('GNU tar lists and extracts every kind of path', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'x.tar'), canonicalTar(PATHS))
      mkdirSync(join(folder, 'out'))
      const list = await run(['tar', '--quoting-style=literal', '-tf', 'x.tar'], { cwd: folder })
      expect(list).toEqual({
        code: 0,
        stdout: `${PATHS.toSorted(comparePaths).join('\n')}\n`,
        stderr: '',
      })
      const verbose = await run(['tar', '--utc', '-tvf', 'x.tar', 'index.html'], { cwd: folder })
      expect(verbose.stdout).toBe('-rw-r--r-- 0/0             330 1970-01-01 00:00 index.html\n')
      const out = await run(['tar', '-xf', 'x.tar', '-C', 'out'], { cwd: folder })
      expect(out).toEqual({ code: 0, stdout: '', stderr: '' })
      for (const path of PATHS)
        expect(content(path).equals(Buffer.from(await Bun.file(join(folder, 'out', path)).bytes()))).toBe(
          true,
        )
    }))

  test('GNU tar writes the same bytes where ustar is enough', () =>
    inFolder(async (folder) => {
      const paths = PATHS.slice(0, 7).toSorted(comparePaths)
      for (const path of paths) {
        mkdirSync(dirname(join(folder, 'in', path)), { recursive: true })
        writeFileSync(join(folder, 'in', path), content(path))
      }
      writeFileSync(join(folder, 'list'), paths.join('\n'))
      const made = await run(
        // biome-ignore format: one option a word
        ['tar', '--format=ustar', '-b1', '--no-recursion', '--mode=0644', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '-C', 'in', '--verbatim-files-from', '-T', 'list', '-cf', 'gnu.tar'],
        { cwd: folder },
      )
      expect(made).toEqual({ code: 0, stdout: '', stderr: '' })
      const gnu = Buffer.from(await Bun.file(join(folder, 'gnu.tar')).bytes())
      expect(gnu.equals(canonicalTar(paths))).toBe(true)
    }))

  test('its size is known beforehand', () => {
    const files = PATHS.map((path) => ({ path, size: content(path).length }))
    expect(canonicalTarBytes(files)).toBe(canonicalTar(PATHS).length)
  })

  test('paths are ordered as their UTF-8 bytes are', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '/', '.', 'é', '￮', '\ue000', '😀', '\u{10ffff}') })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(comparePaths(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
    )
  })

  test('a header is read back, and a changed one is not', () => {
    const header = tarHeader(`${LONG}/${'e'.repeat(64)}/f.js`, 4711)
    expect(readTarHeader(header)).toEqual({ name: `${LONG}/${'e'.repeat(64)}/f.js`, size: 4711 })
    const outsideChecksum = fc.nat(511).filter((at) => at < 148 || at > 155)
    fc.assert(
      fc.property(outsideChecksum, fc.integer({ min: 1, max: 255 }), (at, delta) => {
        const broken = header.slice()
        broken[at] = ((header[at] ?? 0) + delta) % 256
        expect(readTarHeader(broken)).toBeNull()
      }),
    )
    expect(readTarHeader(new Uint8Array(512))).toBeNull()
  })

  test('a file over what eleven octal digits hold is a mistake of the caller', () => {
    expect(() => tarHeader('big', 8 ** 11)).toThrow(RangeError)
  })
})
