import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib'
import { forgeTar } from '../archive/forge-tar.ts'
import { descriptorOf, forgeZip, type ZipPart } from '../archive/forge-zip.ts'
import { nothingChanged, watch } from '../oracle.ts'
import { type Bay, land, openBay, refusalOf } from './bay.ts'

let bay: Bay
beforeAll(async () => {
  bay = await openBay()
})
afterAll(() => bay.close())

/** Bytes that don't shrink, so that they are streamed and not read at once; the same in every run. */
function noise(length: number): Buffer {
  const blocks: Buffer[] = []
  for (let index = 0; index * 32 < length; index++)
    blocks.push(createHash('sha256').update(String(index)).digest())
  return Buffer.concat(blocks).subarray(0, length)
}
const DENSE = noise(3_000_000)
const TEXT = Buffer.from(DENSE.toString('hex'))

const read = (tree: string, name: string) => fs.readFileSync(join(tree, name))

describe('large entries are streamed', () => {
  test('deflated, stored, with descriptor, and in a tar', async () => {
    const { tree } = await land(
      bay,
      forgeZip([
        { name: 'a.bin', data: DENSE },
        { name: 'b.bin', data: DENSE, method: 0, descriptor: true },
        { name: 'c.js', data: TEXT },
        { name: 'd.js', data: TEXT, method: 0 },
      ]),
    )
    for (const name of ['a.bin', 'b.bin']) expect(read(tree, name).equals(DENSE)).toBe(true)
    for (const name of ['c.js', 'd.js']) expect(read(tree, name).equals(TEXT)).toBe(true)
    for (const name of ['c.js.gz', 'd.js.gz']) expect(gunzipSync(read(tree, name)).equals(TEXT)).toBe(true)
    expect(fs.existsSync(join(tree, 'a.bin.gz'))).toBe(false)
    const tar = await land(
      bay,
      forgeTar([
        { name: 'a.bin', data: DENSE },
        { name: 'c.js', data: TEXT },
      ]),
    )
    expect(read(tar.tree, 'a.bin').equals(DENSE)).toBe(true)
    expect(gunzipSync(read(tar.tree, 'c.js.gz')).equals(TEXT)).toBe(true)
  }, 30_000)

  test('a large X.gz is compared with X', async () => {
    const archive = (plain: Buffer) =>
      forgeZip([
        { name: 'c.js', data: plain },
        { name: 'c.js.gz', data: gzipSync(TEXT), method: 0 },
      ])
    const { prepared } = await land(bay, archive(TEXT))
    expect(prepared.facts.ownGzip).toEqual(['c.js.gz'])
    const other = Buffer.from(TEXT)
    other[5_000_000] = 0x21
    expect((await refusalOf(bay, archive(other))).message).toContain('"c.js" and "c.js.gz"')
    expect((await refusalOf(bay, archive(TEXT.subarray(1)))).message).toContain('"c.js" and "c.js.gz"')
  }, 30_000)

  const lies: [string, Partial<ZipPart>, RegExp][] = [
    ['A21 a wrong CRC', { central: { crc: 1 }, local: { crc: 1 } }, /CRC/],
    [
      'A18 more data than declared',
      { central: { size: 2_900_000 }, local: { size: 2_900_000 } },
      /size that it declares/,
    ],
    [
      'A18 less data than declared',
      { central: { size: 3_100_000 }, local: { size: 3_100_000 } },
      /size that it declares/,
    ],
    [
      'A19 bytes behind the stream',
      { packed: Buffer.concat([deflateRawSync(DENSE), Buffer.alloc(70_000)]) },
      /size that it declares/,
    ],
    ['A19 a stream that is cut off', { packed: deflateRawSync(DENSE).subarray(0, -5) }, /damaged/],
    ['A21 another name', { local: { name: 'other.bin' } }, /another name/],
    ['A21 a lying descriptor', { descriptor: descriptorOf({ crc: 1, packedSize: 1, size: 1 }) }, /no entry/],
    ['A22 a gap behind', { descriptor: Buffer.alloc(500) }, /no entry/],
  ]
  for (const [what, part, says] of lies)
    test(what, async () => {
      const before = watch([join(bay.data, 'bundles'), join(bay.data, 'trees')], [join(bay.data, 'staging')])
      const fault = await refusalOf(
        bay,
        forgeZip([{ name: 'index.html' }, { name: 'a.bin', data: DENSE, ...part }]),
      )
      expect(fault.message).toMatch(says)
      nothingChanged(before)
    })
})
