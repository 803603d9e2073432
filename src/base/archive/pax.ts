import { decodeName } from './names.ts'
import { refuseEntry } from './refusal.ts'

export interface PaxOverrides {
  path: string | null
  size: number | null
  isLink: boolean
}

/**
 * Reads the records of a pax header (POSIX pax, "extended header format"): `LENGTH KEY=VALUE\n`, nothing else, to the
 * last byte. Names may be overridden once; sparse files and unknown encodings are refused. `name` is for messages.
 */
export function readPax(body: Buffer, name: string): PaxOverrides {
  const overrides: PaxOverrides = { path: null, size: null, isLink: false }
  const seen = new Set<string>()
  for (let at = 0; at < body.length; ) {
    const { key, value, next } = readRecord(body, at, name)
    if (seen.has(key) && (key === 'path' || key === 'size'))
      throw refuseEntry(name, `has two "${key}" records`)
    seen.add(key)
    if (key === 'path') overrides.path = decodeName(value)
    else if (key === 'size') overrides.size = readSize(value, name)
    else if (key === 'linkpath') overrides.isLink = true
    else if (key.startsWith('GNU.sparse.') || key === 'SCHILY.realsize')
      throw refuseEntry(name, 'is a sparse file, and sparse files are not supported')
    at = next
  }
  return overrides
}

/** A global header may describe the archive (git writes a comment), but never rename or resize what follows. */
export function checkGlobalPax(body: Buffer): void {
  const { path, size, isLink } = readPax(body, 'pax_global_header')
  if (path !== null || size !== null || isLink)
    throw refuseEntry('pax_global_header', 'would rename or resize every file of the archive')
}

function readRecord(body: Buffer, at: number, name: string): { key: string; value: Buffer; next: number } {
  const broken = () => refuseEntry(name, 'has a malformed pax header')
  const blank = body.indexOf(0x20, at)
  if (blank === -1 || blank === at || blank - at > 7) throw broken()
  const digits = body.toString('latin1', at, blank)
  const next = at + Number(digits)
  if (!/^[1-9][0-9]*$/.test(digits) || next > body.length || next < blank + 3 || body[next - 1] !== 0x0a)
    throw broken()
  const equals = body.indexOf(0x3d, blank)
  if (equals <= blank + 1 || equals >= next) throw broken()
  const key = body.toString('latin1', blank + 1, equals)
  if (/[^\x21-\x7e]/.test(key)) throw broken()
  return { key, value: body.subarray(equals + 1, next - 1), next }
}

function readSize(value: Buffer, name: string): number {
  const text = value.toString('latin1')
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw refuseEntry(name, 'has an impossible size in its pax header')
  return Number(text)
}
