import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { forgeTar, longName, pax, TAR_END, type TarPart, tarEntry } from './forge-tar.ts'
import { forgeZip } from './forge-zip.ts'
import type { Hostile } from './hostile.ts'

const GOOD: TarPart = { name: 'index.html', data: '<h1>good</h1>' }
const EVIL: TarPart = { name: 'evil.txt', data: 'evil '.repeat(100) }

const bytes = (id: string, what: string, archive: () => Buffer, says: RegExp): Hostile => ({
  id,
  what: `tar: ${what}`,
  archive,
  says,
})
const entry = (id: string, what: string, part: Partial<TarPart>, says: RegExp): Hostile =>
  bytes(id, what, () => forgeTar([GOOD, { ...EVIL, ...part }]), says)
const parts = (id: string, what: string, all: (TarPart | Buffer)[], says: RegExp): Hostile =>
  bytes(id, what, () => forgeTar([GOOD, ...all]), says)

const symlink = (name: string, linkname: string): TarPart => ({ name, linkname, type: '2' })
const hardlink = (name: string, linkname: string): TarPart => ({ name, linkname, type: '1' })

const links: Hostile[] = [
  parts('A07', 'a symbolic link', [symlink('a', '/etc/passwd')], /"a" is a link/),
  parts(
    'A07',
    'all links are listed',
    [symlink('a', 'x'), symlink('b', 'y'), hardlink('c', 'z')],
    /"a" is a link.*2 more/,
  ),
  parts(
    'A08',
    'a link, then a file through it',
    [symlink('d', '../outside'), { name: 'd/x', data: 'evil' }],
    /"d" is a link/,
  ),
  parts(
    'A08',
    'a file, then a link over its folder',
    [{ name: 'd/x', data: 'evil' }, symlink('d', '../outside')],
    /"d" is a link/,
  ),
  parts(
    'A09',
    'two links and a hard link',
    [
      symlink('a/b/c/up', '../..'),
      symlink('a/b/escape', 'c/up/../..'),
      hardlink('exfil', 'a/b/escape/outside/x'),
    ],
    /"a\/b\/c\/up" is a link/,
  ),
  parts('A10', 'a hard link to an earlier file', [hardlink('b', 'index.html')], /"b" is a link/),
  parts('A10', 'a hard link with data', [{ ...hardlink('b', 'index.html'), data: 'data' }], /"b" is a link/),
  parts('A10', 'a long link target', [longName('y'.repeat(200), 'K'), symlink('b', 'y')], /"b" is a link/),
  parts(
    'A36',
    'linkpath on a regular file',
    [pax({ linkpath: '/etc/passwd' }), EVIL],
    /"evil\.txt" is a link/,
  ),
]

const kinds: Hostile[] = ['3', '4', '6', '7', 'D', 'M', 'N', 'S', 'V', 'X', 'A', 'Z', '\u00ff'].map((type) =>
  entry(
    type === 'S' ? 'A37' : 'A12',
    `kind ${JSON.stringify(type)}`,
    { type },
    /"evil\.txt" (is a|is of|is an|is the)/,
  ),
)

const numbers: Hostile[] = [
  entry('A35', 'a negative size', { size: Buffer.alloc(12, 0xff) }, /impossible size/),
  entry('A35', 'a size of 2^63', { size: Buffer.from('800000008000000000000000', 'hex') }, /impossible size/),
  entry(
    'A35',
    'a size over the limit',
    { size: Buffer.from('800000000000000100000000', 'hex'), bodyless: true },
    /larger than/,
  ),
  entry('A35', 'a size that is no octal', { size: '0000000008z\0' }, /impossible size/),
  entry('A35', 'digits behind the size', { size: '12 34567890\0' }, /impossible size/),
  entry('A35', 'a wrong checksum', { checksum: '001234\0 ' }, /checksum/),
  entry('A35', 'a checksum that is no number', { checksum: 'zzzzzz\0 ' }, /checksum/),
  entry('A18', 'a size over the end', { size: '00000100000\0' }, /cut off/),
  parts('A12', 'a folder with content', [{ name: 'd/', type: '5', data: 'x' }], /folder with content/),
]

const extended: Hostile[] = [
  parts('A36', 'a pax size that differs', [pax({ size: '1024' }), EVIL], /two different sizes/),
  parts('A36', 'a pax size of zero', [pax({ size: '0' }), EVIL], /two different sizes/),
  parts(
    'A36',
    'a pax size before a long name',
    [pax({ size: '0' }), longName('evil.txt'), EVIL],
    /two extended headers/,
  ),
  parts(
    'A36',
    'a long name before a pax header',
    [longName('a.txt'), pax({ path: 'b.txt' }), EVIL],
    /two extended headers/,
  ),
  parts('A36', 'a pax path out of the site', [pax({ path: '../../x' }), EVIL], /"\.\.\/\.\.\/x" leads out/),
  parts('A36', 'a pax path with NUL', [pax({ path: 'a\0b' }), EVIL], /control/),
  parts('A36', 'two pax paths', [pax('14 path=a.txt\n14 path=b.txt\n'), EVIL], /two "path"|malformed/),
  parts('A36', 'a record that is too long', [pax('99 path=a.txt\n'), EVIL], /malformed/),
  parts('A36', 'a record that is too short', [pax('5 path=a.txt\n'), EVIL], /malformed/),
  parts('A36', 'a record without a length', [pax('path=a.txt\n'), EVIL], /malformed/),
  parts('A36', 'a record of length zero', [pax('0 path=a.txt\n'), EVIL], /malformed/),
  parts('A36', 'a record without "="', [pax('8 path\n\n'), EVIL], /malformed/),
  parts('A36', 'a negative pax size', [pax({ size: '-1' }), EVIL], /impossible size/),
  parts('A36', 'a huge pax size', [pax({ size: '9'.repeat(30) }), EVIL], /impossible size/),
  parts('A36', 'a global header that renames', [pax({ path: 'x' }, 'g'), EVIL], /rename or resize/),
  parts('A36', 'a global header that resizes', [pax({ size: '1' }, 'g'), EVIL], /rename or resize/),
  parts('A36', 'a pax header at the end', [pax({ path: 'x' })], /belongs to no file/),
  parts(
    'A36',
    'a pax header of 1 GiB',
    [tarEntry({ name: 'p', type: 'x', size: '10000000000\0', bodyless: true })],
    /extended header of more/,
  ),
  parts(
    'A28',
    'a long name of 2 GiB',
    [tarEntry({ name: '././@LongLink', type: 'L', size: '20000000000\0', bodyless: true })],
    /extended header of more/,
  ),
  parts('A28', 'a pax path of 64 KiB', [pax({ path: 'a'.repeat(65_600) }), EVIL], /extended header of more/),
  parts('A28', 'a long name of 2,000 bytes', [longName('a'.repeat(2000)), EVIL], /more than 1024 bytes/),
  parts(
    'A36',
    'a long name with bytes behind',
    [tarEntry({ name: '././@LongLink', type: 'L', data: 'a.txt\0../../x\0' }), EVIL],
    /behind its name/,
  ),
  parts(
    'A37',
    'GNU sparse in pax',
    [pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '1099511627776' }), EVIL],
    /sparse/,
  ),
  parts('A37', 'GNU sparse 0.1', [pax({ 'GNU.sparse.map': '0,1' }), EVIL], /sparse/),
]

const good = forgeTar([GOOD, EVIL])
const ends: Hostile[] = [
  bytes('A22', 'bytes behind the end', () => Buffer.concat([good, Buffer.alloc(512, 'x')]), /behind the end/),
  bytes('A22', 'a second tar behind', () => Buffer.concat([good, good]), /behind the end/),
  bytes(
    'A22',
    'a good file behind one zero block',
    () => Buffer.concat([tarEntry(GOOD), Buffer.alloc(512), tarEntry(EVIL), TAR_END]),
    /behind the end/,
  ),
  bytes('A38', 'no files', () => Buffer.alloc(10_240), /contains no files/),
  bytes(
    'A38',
    'only a folder',
    () =>
      forgeTar([
        { name: './', type: '5' },
        { name: './a/', type: '5' },
      ]),
    /contains no files/,
  ),
  ...[100, 500, 512, 530, 1023, 1024, 1536, 1600, 2048, 2560, 2561, good.length - 1, good.length - 512].map(
    (length) => bytes('A19', `cut off after ${length} bytes`, () => good.subarray(0, length), /refused/),
  ),
]

const ZEROS = Buffer.alloc(16_777_216)
const gz = gzipSync(good)
const zst = zstdCompressSync(good)
const isMember = (count: number, member: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => member))
const wide = () =>
  zstdCompressSync(Buffer.concat([good, Buffer.alloc(20_000_000)]), {
    params: { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_contentSizeFlag]: 0 },
  })

const compressed: Hostile[] = [
  bytes('A14', 'a gzip bomb of 1 GiB', () => isMember(64, gzipSync(ZEROS)), /times its size/),
  bytes('A14', 'a zstd bomb of 1 GiB', () => isMember(64, zstdCompressSync(ZEROS)), /times its size/),
  bytes('A17', 'gzip of gzip', () => gzipSync(gzipSync(gzipSync(gz))), /holds a tar\.gz and not a tar/),
  bytes(
    'A17',
    'gzip of a ZIP',
    () => gzipSync(forgeZip([{ name: 'a', data: 'b' }])),
    /holds a zip and not a tar/,
  ),
  bytes('A17', 'gzip of a text', () => gzipSync('hello'), /no archive/),
  bytes('A17', 'garbage behind gzip', () => Buffer.concat([gz, Buffer.from('garbage')]), /gzip/),
  bytes('A17', 'zeros behind gzip', () => Buffer.concat([gz, Buffer.alloc(600)]), /gzip/),
  bytes('A17', 'garbage behind zstd', () => Buffer.concat([zst, Buffer.from('garbage')]), /zstd/),
  bytes('A17', 'a zstd window of 128 MiB', wide, /more than 8 MiB of memory/),
  bytes(
    'A17',
    'a zstd window of 2 GiB',
    () => Buffer.from('28b52ffd00a8010000', 'hex'),
    /more than 8 MiB of memory/,
  ),
  bytes('A17', 'a zstd dictionary', () => Buffer.from('28b52ffd0158010100000000', 'hex'), /dictionary/),
  ...[2, 10, 18, gz.length - 8, gz.length - 1].map((length) =>
    bytes('A19', `gzip cut off after ${length} bytes`, () => gz.subarray(0, length), /damaged or cut off/),
  ),
  ...[5, 9, 20, zst.length - 4, zst.length - 1].map((length) =>
    bytes('A19', `zstd cut off after ${length} bytes`, () => zst.subarray(0, length), /cut off/),
  ),
  bytes(
    'A02',
    '../x in a tar.gz',
    () => gzipSync(forgeTar([GOOD, { name: '../x', data: 'evil' }])),
    /leads out/,
  ),
  bytes(
    'A02',
    '../x in a tar.zst',
    () => zstdCompressSync(forgeTar([GOOD, { name: '../x', data: 'evil' }])),
    /leads out/,
  ),
]

export const HOSTILE_TARS: Hostile[] = [...links, ...kinds, ...numbers, ...extended, ...ends, ...compressed]
