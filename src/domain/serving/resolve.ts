import { LIMITS } from '../../base/limits.ts'
import { isCompressible } from '../site-path.ts'
import { fingerprinted, IMMUTABLE, REVALIDATE } from './cache.ts'
import { type CompiledRules, compiled } from './compiled.ts'
import { answerHtml, type IsFile } from './html.ts'
import { contentType } from './mime.ts'
import { type HeaderList, NEUTRAL_HEADERS } from './neutral.ts'
import { encodePath, extension, isHidden, readPath, type SitePath } from './path.ts'
import { type Captures, matchPattern, segmentsOf, substitute } from './pattern.ts'
import type { RedirectRule } from './redirects.ts'
import type { ServingRules } from './rules.ts'

/** What of a request decides which answer it gets. */
export interface SiteRequest {
  method: string
  /** Percent-encoded, without the query. */
  path: string
  /** With its `?`, or ''. */
  query: string
  accept: string | null
  secFetchMode: string | null
}

/** An answer as a value. Conditions, ranges and compression come on top of `file`, see conditions.ts. */
export type Decision =
  | { kind: 'file'; status: 200 | 404; file: string; headers: HeaderList }
  | { kind: 'redirect'; status: number; location: string; headers: HeaderList }
  /** The neutral page of this status. */
  | { kind: 'page'; status: 400 | 404 | 405; headers: HeaderList }

interface Asked {
  rules: ServingRules
  compiled: CompiledRules
  request: SiteRequest
  path: SitePath
  /** `isFile` without what is never served. */
  isFile: IsFile
  encode: Encode
}

type Encode = (text: string) => string

/** What came without an escape goes back as it came (NGINX: `quoted_uri`, `plus_in_uri`). */
const encodeAs = (path: string): Encode => (/[%+]/.test(path) ? encodePath : (text) => text)

/** Decides by the rules alone: no I/O but through `isFile`, which gets names without a leading slash. */
export function resolve(rules: ServingRules, request: SiteRequest, isFile: IsFile): Decision {
  const read = readPath(request.path)
  if ('status' in read && read.status === 400) return { kind: 'page', status: 400, headers: NEUTRAL_HEADERS }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { kind: 'page', status: 405, headers: [['allow', 'GET, HEAD'], ...PLAIN] }
  if ('status' in read) return { kind: 'page', status: read.status, headers: PLAIN }
  const own = compiled(rules)
  const served = servedFiles(isFile, own.ownGzip)
  const asked: Asked = {
    rules,
    compiled: own,
    request,
    path: read.path,
    isFile: served,
    encode: encodeAs(request.path),
  }
  return withOwnHeaders(asked, isHidden(read.path) ? notFound(asked) : answer(asked))
}

/**
 * The URL path (percent-encoded) under which visitors get this file with 200; null when the rules let none lead to
 * it. `file` has no leading slash.
 */
export function addressOf(rules: ServingRules, file: string, isFile: IsFile): string | null {
  const request = { method: 'GET', path: encodePath(`/${file}`), query: '', accept: null, secFetchMode: null }
  let decision = resolve(rules, request, isFile)
  if (decision.kind === 'redirect' && decision.location.startsWith('/')) {
    request.path = decision.location
    decision = resolve(rules, request, isFile)
  }
  return decision.kind === 'file' && decision.status === 200 && decision.file === file ? request.path : null
}

function answer(asked: Asked): Decision {
  const { rules, request, path, isFile } = asked
  const page = answerHtml(rules.settings.htmlHandling, path, isFile)
  const matched = firstRedirect(asked.compiled, { path, query: request.query, encode: asked.encode })
  if (matched && (matched.rule.force || page === null)) return byRule(asked, matched)
  if (page === null) return missing(asked)
  if ('redirect' in page)
    return {
      kind: 'redirect',
      status: 307,
      location: asked.encode(page.redirect) + request.query,
      headers: PLAIN,
    }
  const named = page.file === path.slice(1) && fingerprinted(page.file, rules.settings.buildFolders)
  return fileAnswer(asked, { status: 200, file: page.file, cacheControl: named ? IMMUTABLE : REVALIDATE })
}

interface Matched {
  rule: RedirectRule
  location: string
}

/**
 * The first rule of the file that fits and leads somewhere else (Netlify: top to bottom; a trailing slash makes no
 * difference, so a rule that only adds or removes one would lead to itself for ever).
 */
export function firstRedirect(
  rules: CompiledRules,
  { path, query, encode }: { path: SitePath; query: string; encode: Encode },
): Matched | null {
  for (const { rule, captures } of fittingRules(rules, path)) {
    const location = targetOf(substitute(rule.to, captures, encode), query)
    if (!leadsToItself(rule, { location, path, query })) return { rule, location }
  }
  return null
}

/** To the very path that was asked for; a rule that brings a query of its own does so where there is none. */
function leadsToItself(rule: RedirectRule, to: { location: string; path: SitePath; query: string }): boolean {
  if (!to.location.startsWith('/') || (rule.to.includes('?') && to.query === '')) return false
  return decoded(pathOfLocation(to.location)) === to.path
}

const pathOfLocation = (location: string): string => location.split(/[?#]/, 1)[0] ?? ''

/** Null for what is no percent-encoded UTF-8. */
export function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function* fittingRules(
  compiled: CompiledRules,
  path: SitePath,
): Generator<{ rule: RedirectRule; captures: Captures }> {
  const slashless = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const [asked, bare, closed] = [segmentsOf(path), segmentsOf(slashless), segmentsOf(`${slashless}/`)]
  let plain = compiled.staticRedirects.get(slashless)
  for (const { order, pattern, rule } of compiled.dynamicRedirects) {
    if (plain && plain.order < order) {
      yield { rule: plain.rule, captures: new Map() }
      plain = undefined
    }
    const captures =
      pattern.splat === null
        ? matchPattern(pattern, bare)
        : (matchPattern(pattern, asked) ?? matchPattern(pattern, closed))
    if (captures !== null) yield { rule, captures }
  }
  if (plain) yield { rule: plain.rule, captures: new Map() }
}

/** The query is passed on unless the target has its own. A path never begins with `//`, whatever was captured. */
function targetOf(filled: string, query: string): string {
  const target = filled.startsWith('/') ? filled.replace(/^\/{2,}/, '/') : filled
  if (query === '' || target.includes('?')) return target
  const hash = target.indexOf('#')
  return hash === -1 ? target + query : target.slice(0, hash) + query + target.slice(hash)
}

function byRule(asked: Asked, { rule, location }: Matched): Decision {
  if (rule.status !== 200 && rule.status !== 404)
    return { kind: 'redirect', status: rule.status, location, headers: PLAIN }
  const target = readPath(pathOfLocation(location))
  const file = 'path' in target ? fileAt(asked, target.path) : null
  return file === null ? missing(asked) : fileAnswer(asked, { status: rule.status, file })
}

/** The file that a rewrite to this path means: the spelling does not matter, since nobody is redirected. */
function fileAt({ rules, isFile }: Asked, path: SitePath): string | null {
  if (isHidden(path)) return null
  if (isFile(path.slice(1))) return path.slice(1)
  const word = rules.settings.htmlHandling
  const page = answerHtml(word, path, isFile)
  if (page === null || 'file' in page) return page?.file ?? null
  const final = answerHtml(word, page.redirect, isFile)
  return final && 'file' in final ? final.file : null
}

/** Nothing has this path: a navigation gets the single page, everything else the nearest 404 page. */
function missing(asked: Asked): Decision {
  const { rules, request, path, isFile } = asked
  if (rules.settings.notFoundHandling !== 'single-page-application') return notFound(asked)
  const kind = extension(path)
  if (kind !== '' && kind !== 'html' && kind !== 'htm') return notFound(asked)
  const decision =
    isNavigation(request) && isFile('index.html')
      ? fileAnswer(asked, { status: 200, file: 'index.html' })
      : notFound(asked)
  const others = decision.headers.filter(([name]) => name !== 'vary')
  const vary = decision.headers.flatMap(([name, value]) => (name === 'vary' ? [value] : []))
  decision.headers = [...others, ['vary', ['Accept, Sec-Fetch-Mode', ...vary].join(', ')]]
  return decision
}

/** Fetch says so itself; else what asks for HTML or for anything, as RFC 9110 §12.5.1 reads a missing Accept. */
function isNavigation({ accept, secFetchMode }: SiteRequest): boolean {
  if (secFetchMode) return secFetchMode === 'navigate'
  return !accept || accept.includes('text/html') || accept.includes('*/*')
}

/** The 404.html of the nearest folder upwards. No tree is deeper than the limit, so nobody makes us look further. */
function notFound(asked: Asked): Decision {
  const { rules, path, isFile } = asked
  if (rules.settings.notFoundHandling === '404-page') {
    const folders = segmentsOf(path).slice(0, -1).slice(0, LIMITS.archive.depth)
    for (let depth = folders.length; depth >= 0; depth--) {
      const page = [...folders.slice(0, depth), '404.html'].join('/')
      if (isFile(page)) return fileAnswer(asked, { status: 404, file: page })
    }
  }
  return { kind: 'page', status: 404, headers: PLAIN }
}

const PLAIN: HeaderList = [
  ['cache-control', REVALIDATE],
  ['x-content-type-options', 'nosniff'],
]

interface FileAnswer {
  status: 200 | 404
  file: string
  cacheControl?: string
}

/** Vary goes by the name and not by what lies beside the file: another deployment may bring a compressed sibling. */
function fileAnswer({ compiled }: Asked, { status, file, cacheControl = REVALIDATE }: FileAnswer): Decision {
  const headers: HeaderList = [
    ['cache-control', cacheControl],
    ['content-type', contentType(file)],
    ['x-content-type-options', 'nosniff'],
  ]
  if (isCompressible(file) || compiled.ownGzip.size > 0) headers.push(['vary', 'Accept-Encoding'])
  return { kind: 'file', status, file, headers }
}

/** What of the files may be an answer: nothing hidden, and no generated sibling. */
export const servedFiles =
  (isFile: IsFile, ownGzip: ReadonlySet<string>): IsFile =>
  (name) =>
    !isHidden(`/${name}`) && isFile(name) && !isGeneratedGzip(name, ownGzip, isFile)

/** A sibling made at unpacking stands beside its file and is no URL; one that the bundle brought is. */
function isGeneratedGzip(name: string, ownGzip: ReadonlySet<string>, isFile: IsFile): boolean {
  return name.endsWith('.gz') && !ownGzip.has(name) && isFile(name.slice(0, -3))
}

/**
 * Applies the bundle's `_headers` in the order of the file: `!` takes away; the first value replaces the gateway's
 * own and later ones are joined to it, as Cloudflare does. Cache-Control counts for content only: a 404 or a
 * redirect under `/assets/*` must not be kept for a year. Content-Type counts for files. A value that comes out empty
 * is as if its line were not there.
 */
function withOwnHeaders({ compiled, path, encode }: Asked, decision: Decision): Decision {
  const isContent = decision.kind === 'file' && decision.status === 200
  const headers = new Map(decision.headers)
  const set = new Set<string>()
  const segments = segmentsOf(path)
  for (const { pattern, rule } of compiled.headers) {
    const captures = matchPattern(pattern, segments)
    if (captures === null) continue
    for (const name of rule.unset) headers.delete(name)
    for (const [name, template] of rule.set) {
      if (name === 'cache-control' && !isContent) continue
      if (name === 'content-type' && decision.kind !== 'file') continue
      const value = substitute(template, captures, encode)
      if (value === '') continue
      const earlier = set.has(name) ? headers.get(name) : undefined
      headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`)
      set.add(name)
    }
  }
  return { ...decision, headers: [...headers] }
}
