/** Sites, rules and requests by chance, from a seed: for the two gateways to answer alike. */
import { HTML_HANDLING, NOT_FOUND_HANDLING } from '../../src/domain/environment.ts'
import type { CaseSite } from '../serving/table.ts'

export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** mulberry32: from 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below = (count: number): number => Math.floor(this.next() * count)

  is = (share: number): boolean => this.next() < share

  of<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0]
  }

  list<Item>(most: number, make: () => Item): Item[] {
    return Array.from({ length: this.below(most + 1) }, make)
  }
}

const FOLDERS = [
  'a',
  'b',
  'index',
  'assets',
  'x.html',
  'index.html',
  'A',
  'a b',
  'ü',
  '[id]',
  'a&b;c',
  'f.gz',
] as const
const HIDDEN_FOLDERS = ['.well-known', '.git', 'x~', 'x/.well-known'] as const
const FILES = [
  'index.html',
  '404.html',
  'a',
  'a.html',
  'b.html',
  'index',
  'c.txt',
  'C.txt',
  'd.js',
  'a.gz',
  'c.txt.gz',
  'x.html.html',
  'index.html.html',
  'app-ABCDef12.js',
  'app-ABCDef12.html',
  'e.HTM',
  'ü.html',
  'a b.txt',

  '100%.txt',
  'what?.html',
  'plus+.txt',
  '[slug].html',
  'a$b.txt',
  "it's.txt",
  'noext',
  '.hidden',
  'copy~',
  'line\nbreak.txt',
  'back\\slash.txt',
  'colon:x.txt',
  'app.ABCDef12.gz',
] as const

const anyOf = <Item>(items: readonly Item[], chance: Chance): Item =>
  items[chance.below(items.length)] as Item // never empty

function fileName(chance: Chance): string {
  const folders = chance.list(chance.is(0.1) ? 9 : 3, () =>
    anyOf(chance.is(0.05) ? HIDDEN_FOLDERS : FOLDERS, chance),
  )
  return [...folders, anyOf(FILES, chance)].join('/')
}

/** Never both a file and a folder of one name. */
function tree(chance: Chance): Record<string, string> {
  const files: Record<string, string> = { 'always.txt': 'always' }
  const folders = new Set<string>()
  for (const name of [
    ...chance.list(14, () => fileName(chance)),
    ...chance.list(3, () => anyOf(FILES, chance)),
  ]) {
    const above = name.split('/').map((_, index, all) => all.slice(0, index).join('/'))
    if (folders.has(name) || above.some((folder) => folder in files)) continue
    for (const folder of above) folders.add(folder)
    files[name] = `content of ${name} ${'x'.repeat(chance.below(40))}`
  }
  return files
}

const SEGMENTS = [
  'a',
  'b',
  'old',
  'index',
  'index.html',
  'a.html',
  'c.txt',
  'A',
  'Old',
  '%C3%BC',
  'a%20b',
  ':x',
  ':y',
  '*',
  'p*',
  '*.txt',
  'assets',
  '',
  'x%2Fy',
  '[id]',
  'a&b',
  '*',
  ':x',
  '.well-known',
  '.git',
] as const

/** Of anything, or close to a file of the site. */
function pattern(chance: Chance, names: readonly string[]): string {
  if (names.length === 0 || chance.is(0.4))
    return `/${chance.list(3, () => anyOf(SEGMENTS, chance)).join('/')}`
  const parts = anyOf(names, chance).split('/').map(encodeURIComponent)
  const at = chance.below(parts.length)
  const change = chance.of(['none', ':x', '*', 'p*', 'cut', 'html', 'slash'])
  if (change === 'cut') parts.splice(at)
  else if (change === 'html') parts.push((parts.pop() ?? '').replace(/\.html$/, ''))
  else if (change === 'slash') parts.push('')
  else if (change !== 'none') parts[at] = change
  return `/${parts.join('/')}`
}

const TARGETS = [
  '/a',
  '/b/',
  '/a.html',
  '/:splat',
  '/b/:splat',
  '/:x',
  '/:y/:x',
  '/:splat/b',
  '/a?q=1',
  '/a#part',
  '/a?q=:x#h',

  'https://other.example/:splat',
  'https://other.example/:x?a=b',
  '/index.html',
  '/assets/app-ABCDef12.js',
  '/c.txt',

  '/404.html',
  '/a/../b',
  '/%C3%BC',
  '/ü',
  '/a b',
  '/x%20y/:splat',
  '/a//b',
  '/a%41',
  '/:splat/index.html',
  '/%2e%2e/:x',
  '/.git/:x',
  '/b/:splat?s=:splat',
  '/:x:y',
  '/p:splat',
  '/./:splat',
] as const
const STATUSES = [
  '',
  '',
  '',
  '301',
  '302',
  '303',
  '307',
  '308',
  '200',
  '200',
  '404',
  '200!',
  '301!',
  '404!',
  '302!',
] as const

const redirect = (chance: Chance, names: readonly string[]): string => {
  const from = pattern(chance, names)
  const to = chance.is(0.3) ? pattern(chance, names) : anyOf(TARGETS, chance)
  return [from, to.replaceAll(' ', '%20').replaceAll('*', 'x'), anyOf(STATUSES, chance)].join(' ')
}

const NAMES = [
  'X-A',
  'X-B',
  'Cache-Control',
  'Content-Type',
  'X-Content-Type-Options',
  'Link',
  "x-$a'b",
] as const
const VALUES = [
  'one',
  'two',
  '"q" $host \\',
  ':splat',
  '<:splat>',
  ':x',
  ':x/:y',
  'max-age=60',
  'text/plain',
  'a;b{c}',
] as const

const header = (chance: Chance, names: readonly string[]): string =>
  [
    pattern(chance, names),
    ...chance.list(2, () =>
      chance.is(0.25) ? `  ! ${anyOf(NAMES, chance)}` : `  ${anyOf(NAMES, chance)}: ${anyOf(VALUES, chance)}`,
    ),
    `  X-Z: ${anyOf(VALUES, chance)}`,
  ].join('\n')

/** Texts that the parsers may refuse; a site without them then. */
export function randomSite(chance: Chance): CaseSite {
  const files = tree(chance)
  const names = Object.keys(files)
  const site: CaseSite = {
    files,
    settings: {
      htmlHandling: anyOf(HTML_HANDLING, chance),
      notFoundHandling: anyOf(NOT_FOUND_HANDLING, chance),
      ...(chance.is(0.2) ? { buildFolders: chance.is(0.5) ? ['b/', 'a/'] : [] } : {}),
    },
    zipped: names.filter(
      (name) => /\.(js|txt|html)$/.test(name) && !(`${name}.gz` in files) && chance.is(0.3),
    ),
    ownGzip: names.filter((name) => name.endsWith('.gz') && name.slice(0, -3) in files),
  }
  if (chance.is(0.6))
    site.redirects = chance.list(chance.is(0.1) ? 30 : 6, () => redirect(chance, names)).join('\n')
  if (chance.is(0.5)) site.headers = chance.list(4, () => header(chance, names)).join('\n')
  if (chance.is(0.3)) site.grace = { 'assets/gone-ABCDef12.js': 'gone', 'assets/gone.js': 'never' }
  return site
}

const WRITTEN = { '%2f': '/', '%2F': '/', '%61': 'a', '%2e': '.', '%2E': '.', '%68': 'h' } as const
const EXTRA = [
  '/',
  '/a',
  '/a/',
  '/index',
  '/index.html',
  '/nope',
  '/nope/',
  '/a/nope.js',
  '/b/nope/x',
  '/.git/x',
  '/a/.x/y',
  '/x~',

  '/_headers',
  '/_redirects',
  '/_headers/',
  '/%C3%BC/x',
  '/%ff',
  '/a%ff/b',
  '/old',
  '/Old',
  '/OLD/',
  '/a/b/old',
  '/p/x',

  '/.well-known/x',
  '/.well-known',
  '/.well-known/',
  '/assets/gone-ABCDef12.js',
  '/assets/gone.js',
  '/a/../b',
  '/a//b',
  '/a%0d%0ab',
  '/a%0a',
  '/a.html/',
  '/index.html/',
  '/c.txt/',
  '/x%2Fy',
  '/a/b.txt',
  '/%00',
  '/%',

  '/.well-known/acme-challenge/x',
  '/.well-known/acme-challenge',
  '//a',
  '/a/./b',
  '/p',
  '/px',
  '/p/evil.example',

  `/a/b${'/a'.repeat(6)}/x`,
  `/assets${'/b'.repeat(70)}/`,
  `/a/.git${'/b'.repeat(5)}`,
  '/b/x~/a/b/c/d/e/f',
] as const

function encoded(path: string, chance: Chance): string {
  let text = path.split('/').map(encodeURIComponent).join('/').slice(1)
  for (const [spelling, character] of Object.entries(WRITTEN))
    if (chance.is(0.1)) text = text.replace(character, spelling)
  return `/${text}`
}

export interface RandomRequest {
  method: string
  target: string
  headers: string[]
}

/** Mostly about what the site has, spelled in some way. */
export function randomRequest(site: CaseSite, chance: Chance): RandomRequest {
  const names = [...Object.keys(site.files), ...(site.zipped ?? []).map((name) => `${name}.gz`)]
  const rules = [...`${site.redirects ?? ''}\n${site.headers ?? ''}`.matchAll(/^(\/\S*)/gm)].map(
    ([rule]) => rule,
  )
  const kind = chance.next()
  let path: string
  if (kind < 0.5 && names.length > 0) {
    const name = `/${anyOf(names, chance)}`
    const cut = chance.of([
      name,
      name,
      name.replace(/\.html$/, ''),
      name.replace(/\/?index\.html$/, ''),
      name.replace(/\/[^/]*$/, ''),
      name.replace(/\/[^/]*$/, '/'),
      name.replace(/\.gz$/, ''),
      `${name}.html`,
      `${name}/`,
      `${name}/index.html`,
      `${name}/index`,
      name.toUpperCase(),
    ])
    path = encoded(cut === '' ? '/' : cut, chance)
  } else if (kind < 0.75 && rules.length > 0) {
    path = anyOf(rules, chance)
      .replace(/:\w+/g, () => chance.of(['x', 'a', 'a%20b', 'v%26w', '%C3%BC', 'index.html', '%5Bq%5D']))
      .replace('*', () =>
        chance.of([
          '',
          'x',
          'x/y',
          'a',
          'x/',
          '%2Fevil.example',
          'a%3Fb',
          './x',
          '.txt',
          'a//b',
          '%5Cx',
          'A',
          'x+y',
        ]),
      )
    if (chance.is(0.3)) path += '/'
    if (chance.is(0.2)) path = path.replace(/\/$/, '')
    if (path === '') path = '/'
  } else path = anyOf(EXTRA, chance)
  if (chance.is(0.2)) path += chance.of(['?', '?q=1', '?a=b&c=%2F', '?q=1#x', '?x=//y'])
  return {
    method: chance.of([
      'GET',
      'GET',
      'GET',
      'GET',
      'GET',
      'HEAD',
      chance.of(['POST', 'PUT', 'DELETE', 'OPTIONS']),
    ]),
    target: path,
    headers: headers(chance),
  }
}

function headers(chance: Chance): string[] {
  const lines: string[] = []
  if (chance.is(0.3)) lines.push(`Accept: ${chance.of(['text/html', '*/*', 'application/json', ''])}`)
  if (chance.is(0.2)) lines.push(`Sec-Fetch-Mode: ${chance.of(['navigate', 'cors', 'no-cors', 'Navigate'])}`)
  if (chance.is(0.3))
    lines.push(`Accept-Encoding: ${chance.of(['gzip', 'gzip, br', 'br', 'gzip;q=0', 'gzip;q=0.5', '*'])}`)
  if (chance.is(0.15)) lines.push(`If-None-Match: ${chance.of(['*', '"x"', 'W/"y", "z"', ''])}`)
  if (chance.is(0.15))
    lines.push(
      `Range: ${chance.of(['bytes=0-4', 'bytes=-5', 'bytes=5-', 'bytes=900-', 'bytes=0-1,4-5', 'x=1', 'bytes=z'])}`,
    )
  if (chance.is(0.05)) lines.push(`If-Range: ${chance.of(['"x"', 'Fri, 01 Jan 2100 00:00:00 GMT'])}`)
  return lines
}
