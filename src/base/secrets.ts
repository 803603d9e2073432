import { createHash, hkdfSync, randomBytes } from 'node:crypto'

const ALPHABET = 'abcdefghjkmnpqrstuvwxyz0123456789'.slice(0, 32)

/** A random id: 20 characters of [a-z0-9] (100 bits), safe in paths, URLs and host names. */
export function randomId(): string {
  let id = ''
  for (const byte of randomBytes(20)) id += ALPHABET[byte & 31]
  return id
}

/** SHA-256 in lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** A key of 256 bits for one purpose from the key of the data folder (HKDF-SHA256, RFC 5869). */
export const derivedKey = (root: string, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', Buffer.from(root.trim(), 'hex'), '', `fairlead ${purpose}`, 32))

/** Hides known secrets and things that look like credentials in a text meant for a log. */
export function masked(text: string, secrets: readonly string[] = []): string {
  let result = text
  for (const secret of secrets) if (secret.length >= 6) result = result.replaceAll(secret, '••••')
  for (const [pattern, instead] of CREDENTIALS) result = result.replace(pattern, instead)
  return result
}

/** So many characters in a row that are part of the secret give it away. */
const TRACE_CHARS = 6

/** A text of somebody who was told the secret, without whatever piece of it he repeats. */
export function withoutTraces(text: string, secret: string): string {
  const traced = new Set<number>()
  for (let start = 0; start + TRACE_CHARS <= secret.length; start++) {
    const piece = secret.slice(start, start + TRACE_CHARS)
    for (let at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + 1))
      for (let index = at; index < at + TRACE_CHARS; index++) traced.add(index)
  }
  const kept = Array.from({ length: text.length }, (_, index) =>
    traced.has(index) ? '•' : text.charAt(index),
  )
  return masked(kept.join('').replace(/•+/g, '••••'))
}

/** Quotes around a value, also of JSON within JSON. */
const QUOTE = String.raw`\\*["']?`
const VALUE = String.raw`[^\s"'\\&,;]{4,}`
const NAMES = 'password|passwd|secret|token|api[_-]?key|recovery[_-]?code'

/** What gives a credential away, and what stands there instead. Each reads on from a fixed word: no square of the length. */
const CREDENTIALS: readonly [pattern: RegExp, instead: string][] = [
  [
    new RegExp(
      `((?:authorization|cookie|x-api-key)${QUOTE}\\s{0,9}[:=]\\s{0,9}${QUOTE})[^\\r\\n"'\\\\]+`,
      'gi',
    ),
    '$1••••',
  ],
  [new RegExp(`((?:${NAMES})${QUOTE}\\s{0,9}[=:]\\s{0,9}${QUOTE})${VALUE}`, 'gi'), '$1••••'],
  [/(:\/\/)[^/\s@]+@/g, '$1••••@'],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/._~=-]{8,}/g, '$1 ••••'],
  // Our own: keys, sessions, access tokens, and the codes of links.
  [/\b(fl_[a-z0-9]{8}_|fs_)[\w-]{20,}/g, '$1••••'],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]+/g, '••••'],
  [/(\/(?:setup|invitation|password-reset)#)[\w-]+/g, '$1••••'],
]
