/** Regular expressions as NGINX runs them (PCRE, on bytes). `\z` and never `$`, which would let a line break pass. */
import { type Captures, type Pattern, substitute } from '../serving/pattern.ts'

/** `.` means any byte, also a line break that came as `%0a`. */
export const ALL = '(?s)'

/** What matches this text and nothing else. */
export function literal(text: string): string {
  return text.replace(/[^A-Za-z0-9_/-]/gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => (byte > 0x20 && byte < 0x7f ? `\\${String.fromCharCode(byte)}` : hex(byte)))
      .join(''),
  )
}

const hex = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`

/** UTF-8 as RFC 3629 §4 spells it; NGINX's own UTF mode would fail on anything else, where this just does not match. */
export const UTF8 = [
  String.raw`[\x01-\x7f]`,
  String.raw`[\xc2-\xdf][\x80-\xbf]`,
  String.raw`\xe0[\xa0-\xbf][\x80-\xbf]`,
  String.raw`[\xe1-\xec\xee\xef][\x80-\xbf]{2}`,
  String.raw`\xed[\x80-\x9f][\x80-\xbf]`,
  String.raw`\xf0[\x90-\xbf][\x80-\xbf]{2}`,
  String.raw`[\xf1-\xf3][\x80-\xbf]{3}`,
  String.raw`\xf4[\x80-\x8f][\x80-\xbf]{2}`,
].join('|')

/**
 * How a pattern's splat is matched: as it comes; only where it is not empty; without the slashes that it begins with,
 * which are not all of it; only where there is nothing else.
 */
export type SplatMode = 'any' | 'some' | 'unslashed' | 'slashes'

export interface PatternRegex {
  /** From the first `/` to the last byte, without anchors. */
  source: string
  /** The groups of what was asked for. */
  groups: ReadonlyMap<string, number>
}

/**
 * A pattern of `_headers` or `_redirects` as a regular expression that matches what `matchPattern` matches. Groups only
 * for the names in `used`; null: the pattern matches no path at all.
 */
export function patternRegex(
  pattern: Pattern,
  used: ReadonlySet<string>,
  mode: SplatMode = 'any',
): PatternRegex | null {
  const groups = new Map<string, number>()
  const group = (name: string, inside: string): string => {
    if (!used.has(name)) return `(?:${inside})`
    groups.set(name, groups.size + 1)
    return `(${inside})`
  }
  const segments = [...pattern.before, ...pattern.after]
  // No segment of a path has a slash; a pattern's may, written %2F.
  if (segments.some((segment) => 'literal' in segment && segment.literal.includes('/'))) return null
  const written = (side: Pattern['before']): string[] =>
    side.map((segment) =>
      'literal' in segment ? literal(segment.literal) : group(segment.placeholder, '[^/]+'),
    )
  const before = written(pattern.before)
  const splat = pattern.splat && splatRegex(pattern.splat, mode, group)
  const middle =
    splat === null ? [] : [pattern.after.length === 0 ? splat : ending(splat, pattern.after.length)]
  const source = [...before, ...middle, ...written(pattern.after)].map((part) => `/${part}`).join('')
  return { source, groups }
}

/**
 * Only one end of a splat leaves as many segments as come after it: found once and never looked for again, since
 * comparing these at each slash of a long path takes seconds (THREATS R16).
 */
const ending = (splat: string, segments: number): string => `(?>${splat}(?=(?:/[^/]*){${segments}}\\z))`

const SPLATS: Readonly<Record<SplatMode, readonly [slashes: string, inside: string]>> = {
  any: ['', '.*'],
  some: ['', '.+'],
  unslashed: ['/*+', '[^/].*'],
  slashes: ['/*', ''],
}

function splatRegex(
  { prefix, suffix }: NonNullable<Pattern['splat']>,
  mode: SplatMode,
  group: (name: string, inside: string) => string,
): string {
  const [slashes, inside] = SPLATS[mode]
  return `${literal(prefix)}${slashes}${inside === '' ? '' : group('splat', inside)}${literal(suffix)}`
}

/** A piece of a template: text, or the name of a capture. */
export type TemplatePart = { text: string } | { name: string }

/** Takes a template apart exactly as `substitute` would fill it. */
export function templateParts(template: string, names: readonly string[]): TemplatePart[] {
  const marks: Captures = new Map(names.map((name) => [name, `\0${name}\0`]))
  return substitute(template, marks, (value) => value)
    .split('\0')
    .map((piece, index) => (index % 2 === 0 ? { text: piece } : { name: piece }))
    .filter((part) => 'name' in part || part.text !== '')
}

export const namesIn = (parts: readonly TemplatePart[]): Set<string> =>
  new Set(parts.flatMap((part) => ('name' in part ? [part.name] : [])))

/** The fingerprint rule of `cache.ts` over a path that begins with `/`. */
export function fingerprintRegex(buildFolders: readonly string[]): string | null {
  if (buildFolders.length === 0) return null
  const folders = buildFolders.map(literal).join('|')
  const run = '[A-Za-z0-9_-]'
  const isHash = `(?=${run}*[0-9]|(?=${run}*[a-z])${run}*[A-Z])`
  return `/(?:${folders})(?:.*/)?(?:[^/]*\\.|(?:[^/]*[^A-Za-z0-9_/-])?[A-Za-z0-9]*[-_])${isHash}${run}{8,}\\.[^./]*`
}
