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
  return result
    .replace(/\b(authorization|cookie|x-api-key)(["']?\s*[:=]\s*["']?)[^\r\n"']+/gi, '$1$2••••')
    .replace(/\b(password|passwd|secret|token|api[_-]?key)(["']?\s*[=:]\s*["']?)[^\s"'&,;]{4,}/gi, '$1$2••••')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s:@]+:[^/\s@]+@/gi, '$1••••@')
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9+/._~=-]{8,}/g, '$1 ••••')
}
