import { deflateRawSync, gzipSync } from 'node:zlib'
import {
  descriptorOf,
  extraField,
  forgeZip,
  unicodePath,
  type ZipOptions,
  type ZipPart,
  zipOfEmptyFiles,
} from './forge-zip.ts'
import type { Hostile } from './hostile.ts'

const GOOD: ZipPart = { name: 'index.html', data: '<h1>good</h1>' }
const EVIL: ZipPart = { name: 'evil.txt', data: 'evil '.repeat(100) }

const entry = (id: string, what: string, part: Partial<ZipPart>, says: RegExp): Hostile => ({
  id,
  what: `ZIP: ${what}`,
  archive: () => forgeZip([GOOD, { ...EVIL, ...part }]),
  says,
})
const whole = (id: string, what: string, options: ZipOptions, says: RegExp): Hostile => ({
  id,
  what: `ZIP: ${what}`,
  archive: () => forgeZip([GOOD, EVIL], options),
  says,
})
const bytes = (id: string, what: string, archive: () => Buffer, says: RegExp): Hostile => ({
  id,
  what: `ZIP: ${what}`,
  archive,
  says,
})

const types: Hostile[] = [
  ['a symbolic link', 0o120777, /"evil\.txt" is a link/],
  ['a character device', 0o020644, /neither a file nor a folder/],
  ['a block device', 0o060644, /neither a file nor a folder/],
  ['a named pipe', 0o010644, /neither a file nor a folder/],
  ['a socket', 0o140644, /neither a file nor a folder/],
  ['a folder without a slash', 0o040755, /does not end with "\/"/],
].map(([what, mode, says]) =>
  // The table above has these three types in each row.
  entry(what === 'a symbolic link' ? 'A07' : 'A12', what as string, { mode: mode as number }, says as RegExp),
)

const link = (name: string, target: string): ZipPart => ({ name, data: target, mode: 0o120777, method: 0 })

const links: Hostile[] = [
  bytes(
    'A07',
    'all links are listed',
    () => forgeZip([GOOD, link('a', '/etc/passwd'), link('b', '../x'), link('c', 'index.html')]),
    /"a" is a link.*2 more/,
  ),
  bytes(
    'A08',
    'a link, then a file through it',
    () => forgeZip([GOOD, link('d', '../outside'), { name: 'd/x', data: 'evil' }]),
    /"d" is a link/,
  ),
  bytes(
    'A08',
    'a file through a link, then the link',
    () => forgeZip([GOOD, { name: 'd/x', data: 'evil' }, link('d', '../outside')]),
    /"d" is a link/,
  ),
  bytes(
    'A09',
    'a chain of links',
    () => forgeZip([GOOD, link('a/b/c/up', '../..'), link('a/b/escape', 'c/up/../..')]),
    /"a\/b\/c\/up" is a link/,
  ),
  bytes(
    'A11',
    'a file and a link of one name',
    () => forgeZip([GOOD, link('index.html', '../x')]),
    /is a link/,
  ),
]

const contents: Hostile[] = [
  entry(
    'A18',
    'more data than declared',
    { central: { size: 10 }, local: { size: 10 } },
    /size that it declares/,
  ),
  entry(
    'A18',
    'less data than declared',
    { central: { size: 5000 }, local: { size: 5000 } },
    /size that it declares/,
  ),
  entry('A18', 'declared empty', { central: { size: 0 }, local: { size: 0 } }, /size that it declares/),
  entry(
    'A18',
    'stored, with two sizes',
    { method: 0, central: { size: 10 }, local: { size: 10 } },
    /broken|size/,
  ),
  entry(
    'A19',
    'bytes behind the deflate stream',
    { packed: Buffer.concat([deflateRawSync(Buffer.from(EVIL.data ?? '')), Buffer.from('junk')]) },
    /size that it declares/,
  ),
  entry(
    'A19',
    'a deflate stream that is cut off',
    { packed: deflateRawSync(Buffer.from(EVIL.data ?? '')).subarray(0, -3) },
    /damaged/,
  ),
  entry('A19', 'no deflate stream at all', { packed: Buffer.from('nonsense, not deflate') }, /damaged|size/),
  entry('A21', 'a wrong CRC', { central: { crc: 1 }, local: { crc: 1 } }, /CRC/),
  entry(
    'A21',
    'another name before the data',
    { local: { name: 'good.txt' } },
    /"evil\.txt" has another name \("good\.txt"\)/,
  ),
  entry('A21', 'another name of other length', { local: { name: '../../x' } }, /another name|list of files/),
  entry('A21', 'another size before the data', { local: { size: 1 } }, /other sizes/),
  entry('A21', 'another packed size before the data', { local: { packedSize: 1 } }, /other sizes/),
  entry('A21', 'another CRC before the data', { local: { crc: 1 } }, /another CRC/),
  entry('A21', 'another method before the data', { local: { method: 0 } }, /another method/),
  entry('A21', 'other flags before the data', { local: { flags: 1 } }, /other flags/),
  entry(
    'A21',
    'a lie in the data descriptor',
    { descriptor: descriptorOf({ crc: 1, packedSize: 2, size: 3 }) },
    /belong to no entry/,
  ),
  entry('A21', 'half a data descriptor', { descriptor: Buffer.alloc(7) }, /belong to no entry/),
  entry('A21', 'a long data descriptor', { descriptor: Buffer.alloc(400) }, /belong to no entry/),
  entry(
    'A24',
    'a Unicode path with another name',
    { extra: unicodePath('evil.txt', '../../x') },
    /Unicode path/,
  ),
  entry(
    'A24',
    'a Unicode path before the data only',
    { local: { extra: unicodePath('evil.txt', 'other.txt') } },
    /Unicode path|belong|next/,
  ),
  entry('A31', 'ZipCrypto', { flags: 1 }, /encrypted/),
  entry('A31', 'strong encryption', { flags: 0x41 }, /encrypt/),
  entry('A31', 'a masked central directory', { flags: 0x2000 }, /encrypted/),
  entry('A31', 'AES', { method: 99 }, /encrypted/),
  entry('A32', 'LZMA', { method: 14, packed: Buffer.from('x') }, /LZMA/),
  entry('A32', 'deflate64', { method: 9, packed: Buffer.from('x') }, /deflate64/),
  entry('A32', 'bzip2', { method: 12, packed: Buffer.from('x') }, /bzip2/),
  entry('A32', 'zstd', { method: 93, packed: Buffer.from('x') }, /zstd/),
  entry(
    'A20',
    'a size of 0xFFFFFFFF without ZIP64',
    { central: { size: 0xffffffff }, local: { size: 0xffffffff } },
    /larger than/,
  ),
  entry('A20', 'a broken extra field', { extra: Buffer.from('0100ffff', 'hex') }, /broken|extra/),
  entry(
    'A20',
    'two ZIP64 fields',
    { extra: Buffer.concat([extraField(1, Buffer.alloc(8)), extraField(1, Buffer.alloc(8))]) },
    /two ZIP64/,
  ),
  entry(
    'A20',
    'a size of 2^63',
    {
      central: { size: 0xffffffff },
      local: { size: 0xffffffff },
      extra: extraField(1, Buffer.from('0000000000000080', 'hex')),
    },
    /larger than/,
  ),
  entry(
    'A14',
    'a bomb that says so',
    {
      central: { size: 1_073_741_824 },
      local: { size: 1_073_741_824 },
      packed: deflateRawSync(Buffer.alloc(1_048_576)),
    },
    /more than 200 times/,
  ),
  bytes(
    'A14',
    '10,000 files of 1 MiB',
    () =>
      forgeZip(
        Array.from({ length: 10_000 }, (_, index) => ({
          name: `${index}`,
          packed: MEGABYTE,
          central: { size: 1_048_576 },
          local: { size: 1_048_576 },
        })),
      ),
    /unpack to more than/,
  ),
  bytes(
    'DESIGN §4',
    'an X.gz that is not X',
    () => forgeZip([GOOD, { name: 'a.css', data: 'a{}' }, { name: 'a.css.gz', data: gzipSync('b{}') }]),
    /"a\.css" and "a\.css\.gz"/,
  ),
  bytes(
    'DESIGN §4',
    'an X.gz that is no gzip',
    () => forgeZip([GOOD, { name: 'a.css', data: 'a{}' }, { name: 'a.css.gz', data: 'a{}' }]),
    /"a\.css" and "a\.css\.gz"/,
  ),
  bytes(
    'DESIGN §4',
    'an X.gz with bytes behind',
    () =>
      forgeZip([
        GOOD,
        { name: 'a.css', data: 'a{}' },
        { name: 'a.css.gz', data: Buffer.concat([gzipSync('a{}'), Buffer.from('junk')]) },
      ]),
    /"a\.css" and "a\.css\.gz"/,
  ),
]

const MEGABYTE = deflateRawSync(Buffer.alloc(1_048_576))

const good = forgeZip([GOOD, EVIL])
const frames: Hostile[] = [
  bytes(
    'A15',
    'two entries over the same bytes',
    () => forgeZip([GOOD, { ...EVIL, central: { offset: 0 } }]),
    /share the same bytes/,
  ),
  bytes(
    'A15',
    'entries that overlap',
    () => forgeZip([{ ...GOOD, central: { packedSize: 200 } }, EVIL]),
    /share the same bytes/,
  ),
  bytes(
    'A15',
    'a quoted overlap',
    () =>
      forgeZip([
        GOOD,
        {
          ...EVIL,
          method: 0,
          central: { packedSize: 900, size: 900 },
          local: { packedSize: 900, size: 900 },
        },
      ]),
    /list of files/,
  ),
  whole('A20', 'two end records that contradict', { zip64: { entries: 9 } }, /contradict/),
  whole('A20', 'a ZIP64 offset of 2^63', { zip64: { offset: 2n ** 63n } }, /contradict/),
  whole(
    'A20',
    'a ZIP64 offset that is off by 4 GiB',
    { zip64: { offset: 2n ** 32n }, end: { offset: 0xffffffff } },
    /does not stand|contradict/,
  ),
  whole('A20', 'a ZIP64 locator into nowhere', { zip64: { locator: 3n } }, /ZIP64/),
  whole('A22', 'bytes in front', { prefix: Buffer.from('#!/bin/sh\n') }, /no archive|list of files/),
  bytes('A22', 'a local header in front', () => Buffer.concat([good.subarray(0, 60), good]), /list of files/),
  whole('A22', 'a PDF in front', { prefix: Buffer.from('%PDF-1.7\n') }, /PDF/),
  whole('A22', 'a JPEG in front', { prefix: Buffer.from([0xff, 0xd8, 0xff, 0xe0]) }, /JPEG/),
  whole('A22', 'a GIF in front', { prefix: Buffer.from('GIF89a') }, /GIF/),
  whole('A22', 'bytes behind', { suffix: Buffer.from('junk') }, /end record/),
  whole('A22', 'an end record in the comment', { comment: forgeZip([]) }, /more than one end record/),
  whole('A22', 'a second archive in the comment', { comment: forgeZip([EVIL]) }, /more than one end record/),
  bytes('A22', 'a second archive behind', () => Buffer.concat([good, good]), /list of files/),
  bytes(
    'A22',
    'a gap between entries',
    () => forgeZip([GOOD, { ...EVIL, gap: Buffer.from('hidden') }]),
    /belong to no entry/,
  ),
  whole('A23', 'fewer entries than there are', { end: { entries: 1 } }, /fewer entries/),
  whole('A23', 'more entries than there are', { end: { entries: 3 } }, /broken/),
  whole('A23', '65,535 entries in a small file', { end: { entries: 65_535 } }, /broken/),
  bytes('A23', 'a count modulo 65,536', () => zipOfEmptyFiles(65_538, 2), /fewer entries/),
  whole('A32', 'several disks', { end: { disk: 1 } }, /several files/),
  whole('A32', 'entries on another disk', { end: { entriesHere: 1 } }, /several files/),
  bytes('A33', '100,001 empty files', () => zipOfEmptyFiles(100_001), /more than 100000 entries/),
  bytes('A33', '1,000,000 empty files', () => zipOfEmptyFiles(1_000_000), /more than 100000 entries/),
  bytes(
    'A33',
    '100,001 folders by few files',
    () => forgeZip(Array.from({ length: 2_200 }, (_, index) => ({ name: `${index}/${'d/'.repeat(60)}x` }))),
    /more than 100000 folders/,
  ),
  bytes('A38', 'an empty file', () => Buffer.alloc(0), /it is empty/),
  bytes('A38', 'an empty ZIP of 22 bytes', () => forgeZip([]), /contains no files/),
  bytes(
    'A38',
    'only folders',
    () =>
      forgeZip([
        { name: 'a/', method: 0 },
        { name: 'a/b/', method: 0 },
      ]),
    /contains no files/,
  ),
  bytes(
    'A38',
    'only litter',
    () =>
      forgeZip([
        { name: '__MACOSX/._x', data: 'x' },
        { name: '.DS_Store', data: 'x' },
      ]),
    /contains no files/,
  ),
]

const foreign: Hostile[] = (
  [
    ['RAR', '526172211a0700', /RAR/],
    ['7z', '377abcaf271c', /7-Zip/],
    ['cab', '4d534346', /cabinet/],
    ['LHA', '2020' + Buffer.from('-lh5-').toString('hex'), /LHA/],
    ['xz', 'fd377a585a00', /xz/],
    ['bzip2', '425a6839', /bzip2/],
    ['a Windows program', '4d5a9000', /Windows program/],
    ['HTML', Buffer.from('<!DOCTYPE html><title>x</title>').toString('hex'), /HTML/],
    ['EICAR', Buffer.from('X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR').toString('hex'), /no archive/],
    ['a split ZIP', '504b0708504b0304', /split/],
  ] as const
).map(([what, hex, says]) =>
  bytes('A32', `${what} by content`, () => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(600)]), says),
)

/** A19: cut off within each kind of record. */
const truncated: Hostile[] = [
  1,
  3,
  10,
  29,
  35,
  45,
  60,
  good.length - 100,
  good.length - 60,
  good.length - 23,
  good.length - 22,
  good.length - 10,
  good.length - 1,
].map((length) => bytes('A19', `cut off after ${length} bytes`, () => good.subarray(0, length), /refused/))

export const HOSTILE_ZIPS: Hostile[] = [...types, ...links, ...contents, ...frames, ...foreign, ...truncated]
