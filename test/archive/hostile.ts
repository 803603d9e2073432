import { forgeTar, pax } from './forge-tar.ts'
import { forgeZip } from './forge-zip.ts'

/** One file that nobody may accept. */
export interface Hostile {
  /** Row of THREATS §3.A. */
  id: string
  what: string
  archive: () => Buffer
  /** What the message must say: the entry (as shown) or the reason. */
  says: RegExp
}

const GOOD = { name: 'index.html', data: '<h1>good</h1>' }

// A folder has no content.
const evil = (name: string) => ({ name, data: name.endsWith('/') ? '' : 'evil' })

const evilInTar = (name: string) => (name.length > 100 ? [pax({ path: name }), evil('x')] : [evil(name)])

/** A good file with these files beside it, in both formats: names are judged alike. */
function named(id: string, what: string, names: string[], says: RegExp): Hostile[] {
  return [
    {
      id,
      what: `${what} (ZIP)`,
      archive: () => forgeZip([GOOD, ...names.map(evil)]),
      says,
    },
    {
      id,
      what: `${what} (tar)`,
      archive: () => forgeTar([GOOD, ...names.flatMap(evilInTar)]),
      says,
    },
  ]
}

/** Pairs that must be refused in both orders. */
const colliding = (id: string, what: string, [a, b]: [string, string], says: RegExp): Hostile[] => [
  ...named(id, what, [a, b], says),
  ...named(id, `${what}, other order`, [b, a], says),
]

const long = 'x'.repeat(256)
const deep = `${'d/'.repeat(64)}x`

export const HOSTILE_NAMES: Hostile[] = [
  ...named('A01', '../../x', ['../../x'], /"\.\.\/\.\.\/x" leads out/),
  ...named('A01', 'a/../../x', ['a/../../x'], /"a\/\.\.\/\.\.\/x" leads out/),
  ...named('A01', './../x', ['./../x'], /"(\.\/)?\.\.\/x" (leads out|has a part)/),
  ...named('A02', 'a good file beside', ['../outside/x'], /leads out/),
  ...named('A03', '/etc/cron.d/x', ['/etc/cron.d/x'], /absolute/),
  ...named('A03', '//x', ['//x'], /absolute/),
  ...named('A03', '/ alone', ['/'], /without a name|absolute/),
  ...named('A04', '..\\..\\x', ['..\\..\\x'], /backslash/),
  ...named('A04', 'C:\\x', ['C:\\x'], /backslash/),
  ...named('A04', 'C:x', ['C:x'], /drive/),
  ...named('A04', 'c:/x', ['c:/x'], /drive/),
  ...named('A04', '\\\\h\\s\\x', ['\\\\h\\s\\x'], /backslash/),
  ...named('A04', 'a/..\\b', ['a/..\\b'], /backslash/),
  ...named('A06', 'a//b', ['a//b'], /empty part/),
  ...named('A06', 'a/./b', ['a/./b'], /a part "\."/),
  ...named('A06', 'a/b/../c', ['c', 'a/b/../c'], /leads out/),
  ...named('A25', 'the same name twice', ['a.txt', 'a.txt'], /"a\.txt" stands in the archive twice/),
  ...colliding('A25', 'a and a/', ['a', 'a/'], /as a file and as a folder/),
  ...colliding('A11', 'a and a/b', ['a', 'a/b'], /as a file and as a folder/),
  ...colliding('A11', 'deep: a/b and a/b/c/d', ['a/b', 'a/b/c/d'], /as a file and as a folder/),
  ...colliding(
    'A26',
    'Index and index',
    ['About.html', 'about.html'],
    /"[Aa]bout\.html" and "[Aa]bout\.html" differ/,
  ),
  ...colliding('A26', 'folders Docs and docs', ['Docs/a', 'docs/a'], /differ/),
  ...colliding('A26', 'a file A and a folder a', ['A', 'a/b'], /as a file and as a folder|differ/),
  ...colliding('A26', 'NFC and NFD', ['caf\u00e9', 'cafe\u0301'], /differ/),
  ...colliding('A26', 'ß and SS', ['Stra\u00dfe', 'STRASSE'], /differ/),
  ...colliding('A26', 'ﬃ and FFI', ['o\ufb03ce', 'OFFICE'], /differ/),
  ...colliding('A26', 'Kelvin sign', ['\u212a', 'k'], /differ|normal form/),
  ...colliding('A26', 'sigma', ['\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c2'], /differ/),
  ...named('A26', 'NFD alone', ['cafe\u0301'], /normal form C/),
  ...named('A27', 'LF in a name', ['a\nb'], /"a\\u000ab" has a control/),
  ...named('A27', 'ESC in a name', ['a\u001b[2Jb'], /control/),
  ...named('A27', 'TAB in a name', ['a\tb'], /control/),
  ...named('A27', 'DEL in a name', ['a\u007fb'], /control/),
  ...named('A27', 'the name .', ['.'], /a part "\."/),
  ...named('A34', '65 folders deep', [deep], /deep/),
  {
    id: 'A34',
    what: '10,000 folders deep',
    archive: () => forgeZip([GOOD, { name: `${'d/'.repeat(10_000)}x` }]),
    says: /more than 1024 bytes/,
  },
  { id: 'A27', what: 'NUL in a name', archive: () => forgeZip([GOOD, { name: 'a\0b' }]), says: /control/ },
  { id: 'A27', what: 'an empty name', archive: () => forgeZip([GOOD, { name: '' }]), says: /without a name/ },
  {
    id: 'A27',
    what: 'a lone surrogate',
    archive: () => forgeZip([GOOD, { name: Buffer.from([0xed, 0xa0, 0x80]) }]),
    says: /not UTF-8/,
  },
  {
    id: 'A05',
    what: 'overlong UTF-8 of "."',
    archive: () => forgeZip([GOOD, { name: Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x78]) }]),
    says: /not UTF-8/,
  },
  {
    id: 'A05',
    what: 'overlong UTF-8 in a tar',
    archive: () => forgeTar([GOOD, { name: Buffer.from([0xc0, 0xae, 0x2f, 0x78]) }]),
    says: /not UTF-8/,
  },
  {
    id: 'A28',
    what: 'a part of 256 bytes',
    archive: () => forgeZip([GOOD, { name: long }]),
    says: /more than 255 bytes/,
  },
  {
    id: 'A28',
    what: 'a part of 128 letters of 2 bytes',
    archive: () => forgeZip([GOOD, { name: '\u00e9'.repeat(128) }]),
    says: /more than 255 bytes/,
  },
  {
    id: 'A28',
    what: 'a path of 4,097 bytes',
    archive: () => forgeZip([GOOD, { name: `${'abcdefg/'.repeat(512)}x` }]),
    says: /more than 1024 bytes/,
  },
  {
    id: 'A30',
    what: 'cp437',
    archive: () => forgeZip([GOOD, { name: Buffer.from('caf\x82.txt', 'latin1'), flags: 0 }]),
    says: /not UTF-8/,
  },
  {
    id: 'A30',
    what: 'KOI8-R',
    archive: () => forgeZip([GOOD, { name: Buffer.from('d0d2c9d7c5d4', 'hex'), flags: 0 }]),
    says: /not UTF-8/,
  },
  {
    id: 'A30',
    what: 'EUC-JP',
    archive: () => forgeZip([GOOD, { name: Buffer.from('c6fccbdc', 'hex'), flags: 0 }]),
    says: /not UTF-8/,
  },
  {
    id: 'A30',
    what: 'the EFS flag with bad bytes',
    archive: () => forgeZip([GOOD, { name: Buffer.from('caf\xe9', 'latin1'), flags: 0x800 }]),
    says: /not UTF-8/,
  },
]
