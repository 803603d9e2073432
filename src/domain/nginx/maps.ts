/** The maps by which every site decides, whatever its rules: they cost nothing per site, and only what is asked is run. */
import { LIMITS } from '../../base/limits.ts'
import { DEFAULT_SETTINGS, HTML_HANDLING, type HtmlHandling } from '../environment.ts'
import { IMMUTABLE, REVALIDATE } from '../serving/cache.ts'
import { MEDIA_TYPES, UNKNOWN_TYPE, withCharset } from '../serving/mime.ts'
import { COMPRESSIBLE } from '../site-path.ts'
import { type Argument, type Directive, entry, type Part } from './config.ts'
import { type Name, pathSteps, type Steps, targetSteps } from './decision.ts'
import { fresh, map, matches, otherwise } from './map.ts'
import { pageMaps } from './page-maps.ts'
import { ALL, fingerprintRegex } from './regex.ts'
import { type Ours, v } from './variables.ts'

/** Short names for the steps of each word, as they stand in variables. */
export const WORDS: Readonly<Record<HtmlHandling, string>> = {
  'auto-trailing-slash': 'auto',
  'force-trailing-slash': 'force',
  'drop-trailing-slash': 'drop',
  none: 'none',
}

/** The maps and constants by which every site decides, whatever its rules. */
export const sharedMaps = (): Directive[] => [
  ...pathMaps(),
  ...HTML_HANDLING.flatMap((word) => [
    ...stepMaps(map, WORDS[word], pathSteps(word)),
    // A site has rules that are forced and rules that are not, each with a target.
    ...stepMaps(fresh, `${WORDS[word]}_to`, targetSteps(word)),
  ]),
  ...typeMaps(),
  ...cacheMaps(),
  ...missingMaps(),
  ...ruleMaps(),
  ...pageMaps(),
]

/** What sites set and maps read: named once, or NGINX would not know them where there is no site yet. */
export const READ_BY_MAPS: readonly Ours[] = [
  'at',
  'cache',
  'class',
  'exact',
  'from',
  'kept',
  'other_cache',
  'own',
  'path',
  'query',
  'root',
  'said',
  'state',
]

/** What is never served: `isHidden` of path.ts, of the whole path. */
const HIDDEN = String.raw`${ALL}^/_(?:headers|redirects)\z|^/\.(?!well-known(?:/|\z))|(?<=.)/\.|~(?:/|\z)|^/\.well-known/(?:acme-challenge/|fairlead\z)`

const pathMaps = (): Directive[] => [
  fresh(v('at'), 'class_of', [
    matches(HIDDEN, 'x'),
    matches(String.raw`^(/(?:index(?:\.html)?)?)\z`, ['^', { variable: '$1' }]),
    matches(String.raw`(\.html|/index(?:\.html)?)??(/index\.html|/index|\.html|/|\.gz)\z`, [
      { variable: '$1' },
      ':',
      { variable: '$2' },
    ]),
    otherwise('p'),
  ]),
  fresh(v('at'), 'bare', [
    matches(String.raw`${ALL}^(.*?)(?:/index(?:\.html)?|\.html|/)\z`, [{ variable: '$1' }]),
    otherwise(v('at')),
  ]),
  fresh(v('at'), 'unzipped', [matches(String.raw`${ALL}^(.*)\.gz\z`, [{ variable: '$1' }]), otherwise('')]),
  // Names that would be hidden although the path is not.
  fresh(v('at'), 'path_page', [entry('/.well-known', ''), otherwise([...v('at'), '.html'])]),
  fresh(v('at'), 'path_index', [
    entry('/.well-known/acme-challenge', ''),
    otherwise([...v('at'), '/index.html']),
  ]),
  fresh(v('bare'), 'bare_file', [
    entry('/_headers', ''),
    entry('/_redirects', ''),
    entry('/.well-known/fairlead', ''),
    matches(String.raw`~\z`, ''),
    otherwise(v('bare')),
  ]),
  fresh(v('bare'), 'bare_page', [entry('/.well-known', ''), otherwise([...v('bare'), '.html'])]),
  fresh(v('bare'), 'bare_index', [
    entry('/.well-known/acme-challenge', ''),
    otherwise([...v('bare'), '/index.html']),
  ]),
]

function stepMaps(make: typeof map, name: string, { hits, asks, files, redirects }: Steps): Directive[] {
  const step = (of: Ours, names: ReadonlyMap<string, Name>, valueOf: (name: Name) => Argument): Directive =>
    make(v('state'), of, [...[...names].map(([state, to]) => entry(state, valueOf(to))), otherwise('')])
  return [
    ...hits.map((names, index) => step(`${name}_hit${index + 1}`, names, fileOf)),
    ...asks.map((names, index) => step(`${name}_ask${index + 1}`, names, fileOf)),
    ...(files.size > 0 ? [step(`${name}_file`, files, fileOf)] : []),
    ...(redirects.size > 0 ? [step(`${name}_redirect`, redirects, pathOf)] : []),
    ...(files.size > 0 && make === map ? [step(`${name}_exact`, ownOf(files), pathOf)] : []),
  ]
}

const ownOf = (files: ReadonlyMap<string, Name>): ReadonlyMap<string, Name> =>
  new Map([...files].filter(([, { from, suffix }]) => from === 'path' && suffix === ''))

const pathOf = ({ from, suffix }: Name): Argument => {
  const start: readonly Part[] = from === null ? [] : v(from === 'path' ? 'at' : from)
  return suffix === '' ? start : [...start, suffix]
}

function fileOf(name: Name): Argument {
  const { from, suffix } = name
  if (from === 'bare' && suffix === '') return v('bare_file')
  if ((from === 'bare' || from === 'path') && suffix === '.html') return v(`${from}_page`)
  if ((from === 'bare' || from === 'path') && suffix === '/index.html') return v(`${from}_index`)
  return pathOf(name)
}

const typeMaps = (): Directive[] => [
  map(v('extension'), 'encodings', [
    ...[...COMPRESSIBLE].map((extension) => entry(extension, 'Accept-Encoding')),
    otherwise(''),
  ]),
  map([{ variable: '$uri' }], 'extension', [
    matches(String.raw`(?<=[^/])\.([^/.]*)\z`, [{ variable: '$1' }]),
    otherwise(''),
  ]),
  map(v('extension'), 'type_of', [
    ...Object.entries(MEDIA_TYPES).map(([extension, type]) => entry(extension, withCharset(type))),
    otherwise(UNKNOWN_TYPE),
  ]),
  // An answer without a body has no type.
  map([{ variable: '$status' }], 'type', [entry('304', ''), otherwise(v('type_of'))]),
  map([{ variable: '$status' }], 'own_type', [entry('304', ''), otherwise(v('own_or'))]),
  map(v('own'), 'own_or', [entry('=', v('type_of')), entry('', UNKNOWN_TYPE), otherwise(v('own'))]),
]

/**
 * `exact`: the file, when it is the one of exactly the path that was asked for; then names count that tell of a hash.
 * `kept`: the path, in a site with build folders of its own, when it is fingerprinted by them; else `-`.
 */
function cacheMaps(): Directive[] {
  const regex = fingerprintRegex(DEFAULT_SETTINGS.buildFolders) ?? ''
  return [
    map(v('exact'), 'cached', [
      entry('', REVALIDATE),
      matches(`${ALL}^${regex}\\z`, IMMUTABLE),
      otherwise(REVALIDATE),
    ]),
    map([...v('kept'), ' ', ...v('exact')], 'own_cached', [
      matches(String.raw`${ALL}^(/.+) \1\z`, IMMUTABLE),
      otherwise(REVALIDATE),
    ]),
    map([...v('class'), ...v('path')], 'gone', [
      matches(`${ALL}^(?:p|:\\.gz)${regex}\\z`, v('path')),
      otherwise(''),
    ]),
    map([...v('class'), ...v('kept')], 'own_gone', [
      matches(String.raw`${ALL}^(?:p|:\.gz)/`, v('kept')),
      otherwise(''),
    ]),
    map(v('cache'), 'own_cache_sent', [entry('=', v('own_cached')), otherwise(v('cache'))]),
    // The rules of a site say so, or its gateway does.
    map(v('cache'), 'cache_sent', [entry('=', v('cached')), otherwise(v('cache'))]),
    map([...v('other_cache'), { variable: '$status' }], 'other_cache_sent', [
      matches('^=', v('page_cached')),
      otherwise(''),
    ]),
  ]
}

/**
 * The folders above a path in which one round looks for a 404.html, the nearest first. NGINX goes through ten locations
 * for a request, and eight rounds are as deep as a tree may be.
 */
export const FOLDERS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9]

/** What answers where nothing is. */
const missingMaps = (): Directive[] => [
  // The part of the path that is not hidden, and no deeper than a tree.
  map(v('path'), 'unhidden', [
    matches(String.raw`${ALL}^/\.well-known/acme-challenge/`, '/.well-known/'),
    matches(String.raw`${ALL}^((?:/\.well-known(?=/))?+(?:/[^/]+)*?/)(?:\.[^/]*|[^/]*~)(?:/|\z)`, [
      { variable: '$1' },
    ]),
    otherwise(v('path')),
  ]),
  map(v('unhidden'), 'shown', [
    matches(`${ALL}^((?:/[^/]+){${LIMITS.archive.depth}}/)`, [{ variable: '$1' }]),
    otherwise(v('unhidden')),
  ]),
  // `from` is what the last round looked above of.
  fresh(v('from'), 'next_from', [
    entry('', v('shown')),
    matches(`${ALL}^(.+)(?:/[^/]*){${FOLDERS.length}}\\z`, [{ variable: '$1' }]),
    otherwise('/'),
  ]),
  ...FOLDERS.map((above) =>
    fresh(v('from'), `above${above}`, [
      matches(`${ALL}^(.*)(?:/[^/]*){${above}}\\z`, [{ variable: '$1' }, '/404.html']),
      otherwise(''),
    ]),
  ),
  fresh(v('from'), 'then', [
    matches(`${ALL}^.+(?:/[^/]*){${FOLDERS.length}}\\z`, '@missing'),
    otherwise('@page'),
  ]),
  map(v('path'), 'last_extension', [
    matches(String.raw`(?<=[^/])\.([^/.]*)\z`, [{ variable: '$1' }]),
    otherwise(''),
  ]),
  map(v('last_extension'), 'may_be_page', [
    entry('', '1'),
    entry('html', '1'),
    entry('htm', '1'),
    otherwise(''),
  ]),
  // The file of this very path, as a whole; most requests ask for one.
  map(v('class'), 'own_file', [entry('p', [...v('root'), ...v('path')]), otherwise('')]),
  map(v('class'), 'single_vary', [entry('x', ''), otherwise(v('vary_of'))]),
  map(v('may_be_page'), 'vary_of', [entry('1', 'Accept, Sec-Fetch-Mode'), otherwise('')]),
  map([{ variable: '$http_accept' }], 'accepts_page', [
    entry('', '1'),
    matches(String.raw`text/html|\*/\*`, '1'),
    otherwise(''),
  ]),
  map([{ variable: '$http_sec_fetch_mode' }], 'navigates', [
    entry('', v('accepts_page')),
    matches(String.raw`^navigate\z`, '1'),
    otherwise(''),
  ]),
  map([...v('single_vary'), ...v('navigates')], 'single', [
    entry('Accept, Sec-Fetch-Mode1', '/index.html'),
    otherwise(''),
  ]),
]

/** What the rules are asked about: the path, after a `?` where the request has a query; never one that is hidden. */
const ruleMaps = (): Directive[] => [
  map(v('class'), 'ruled', [entry('x', 'x'), otherwise(v('path'))]),
  map(v('query'), 'mark', [entry('', ''), otherwise('?')]),
]
