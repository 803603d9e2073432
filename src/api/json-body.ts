/** JSON that somebody sent: bounded in time, size, depth and keys, and read in one way only. */
import type { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { Fault, type FieldError, shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { bodyChunks } from './body-chunks.ts'

export interface JsonBounds {
  bytes: number
  keys: number
}

/** The one place where a media type is judged; parameters other than an UTF-8 charset are refused. */
export function isJson(contentType: string | null): boolean {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';')
  if (type.trim() !== 'application/json') return false
  return parameters.every((parameter) => /^charset="?utf-8"?$/.test(parameter.trim()))
}

/** Reads and parses a body. Throws `unsupported_media_type`, `too_large`, `too_slow`, `malformed`, `invalid`. */
export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
  given: { clock: Clock; bytes?: number },
): Promise<z.output<S>> {
  if (!isJson(request.headers.get('content-type')))
    throw new Fault('unsupported_media_type', 'The body is not announced as JSON.', {
      hint: 'Send JSON with the header Content-Type: application/json.',
    })
  const bytes = given.bytes ?? LIMITS.http.jsonBodyBytes
  const isLong = bytes > LIMITS.http.jsonBodyBytes
  const body = bodyChunks(request, { clock: given.clock, bytes, whole: !isLong })
  const chunks = await Array.fromAsync(body)
  const keys = isLong ? LIMITS.http.folderJsonKeys : LIMITS.http.jsonKeys
  return requireValid(schema, parseJson(Buffer.concat(chunks), keys), 'body')
}

/**
 * JSON as RFC 8259 means it, and stricter where readers differ: no byte order mark, no broken UTF-8, no name twice in
 * one object, no half of a surrogate pair, no `__proto__`. Throws `malformed` or `invalid`.
 */
export function parseJson(bytes: Uint8Array, keys: number): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed('is not UTF-8')
  }
  if (text.startsWith('\uFEFF')) throw malformed('begins with a byte order mark')
  scan(text, keys)
  try {
    return JSON.parse(text)
  } catch {
    throw malformed('is not JSON')
  }
}

const malformed = (what: string): Fault =>
  new Fault('malformed', `The body ${what}.`, { hint: 'Send JSON in UTF-8.' })

/** One walk over the text before it is parsed. What is no JSON at all is left to the parser. */
function scan(text: string, mostKeys: number): void {
  const names: (Set<string> | null)[] = [] // of each open object; null for an array
  let keys = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '{' || char === '[') {
      names.push(char === '{' ? new Set() : null)
      if (names.length > LIMITS.http.jsonDepth)
        throw malformed(`is nested deeper than ${LIMITS.http.jsonDepth} levels`)
    } else if (char === '}' || char === ']') names.pop()
    else if (char === '"') {
      const end = endOfString(text, at)
      const known = names.at(-1)
      const value = stringAt(text, at, end)
      at = end
      if (!known || !isName(text, end)) continue
      keys += 1
      if (keys > mostKeys) throw malformed(`has more than ${mostKeys} names`)
      addName(known, value)
    }
  }
}

function addName(known: Set<string>, name: string): void {
  if (known.has(name)) throw malformed(`has the name "${shown(name, 60)}" twice in one object`)
  if (name === '__proto__') throw invalid('body', [unknownField('__proto__')])
  known.add(name)
}

/** The index of the quote that ends the string which begins at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

function stringAt(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end)
  if (!raw.includes('\\')) return raw
  let value: string
  try {
    value = JSON.parse(`"${raw}"`) as string // a string literal gives a string
  } catch {
    throw malformed('is not JSON')
  }
  if (!value.isWellFormed()) throw malformed('holds half of a surrogate pair')
  return value
}

function isName(text: string, end: number): boolean {
  let at = end + 1
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return text[at] === ':'
}

/** A value by its schema, or a Fault `invalid` that names each wrong field. */
export function requireValid<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'body' | 'query',
): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(where, fieldErrors(parsed.error.issues, value))
}

export function invalid(where: 'body' | 'query', errors: FieldError[]): Fault {
  const names = errors
    .slice(0, 5)
    .map((error) => (error.field === '' ? 'the body itself' : `"${error.field}"`))
  return new Fault('invalid', `The ${where} has wrong or unknown fields: ${names.join(', ')}.`, {
    hint: 'The API reference at /docs shows what each request takes.',
    errors: errors.slice(0, 100),
  })
}

export const unknownField = (field: string): FieldError => ({
  field: shown(field, 100),
  message: 'is not a field here',
})

function fieldErrors(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  prefix: PropertyKey[] = [],
): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path]
    const field = shown(path.map(String).join('.'), 100)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownField([...path, key].map(String).join('.')))
    const own = issue.path.reduce(member, value)
    if (own === undefined) return [{ field, message: 'is missing' }]
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const meant = likeliest(issue.errors)
      const missing = missingInEach(issue.errors, own)
      if (missing === null) return fieldErrors(meant, own, path)
      const unknown = meant.filter(({ code }) => code === 'unrecognized_keys')
      const message = `needs one of ${missing.map((key) => `"${key}"`).join(', ')}`
      return [...fieldErrors(unknown, own, path), { field, message }]
    }
    return [{ field, message: sentence(issue) }]
  })
}

const member = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined

/** The fields by which the forms differ, if none of them is there. */
function missingInEach(forms: z.core.$ZodIssue[][], value: unknown): string[] | null {
  const missing = forms.flatMap((issues) => {
    const issue = issues.find(({ path }) => path.length > 0 && path.reduce(member, value) === undefined)
    return issue ? [issue.path.join('.')] : []
  })
  return missing.length === forms.length && new Set(missing).size === forms.length ? missing : null
}

/** Of the forms that a body may have, the one that was meant: with the fewest faults. */
const likeliest = (forms: z.core.$ZodIssue[][]): z.core.$ZodIssue[] =>
  forms.reduce((best, form) => (weight(form) < weight(best) ? form : best))

const weight = (issues: z.core.$ZodIssue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0)

/** What zod says, in the words that stand behind a field's name. */
function sentence(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_big') return `must ${bound(issue.origin, 'at most', issue.maximum)}`
  if (issue.code === 'too_small') return `must ${bound(issue.origin, 'at least', issue.minimum)}`
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
  return issue.message.replace(/^Invalid input: expected/, 'must be').slice(0, 200)
}

const bound = (origin: string, most: string, limit: number | bigint): string =>
  origin === 'string' || origin === 'array'
    ? `have ${most} ${limit} ${origin === 'string' ? 'characters' : 'entries'}`
    : `be ${most} ${limit}`
