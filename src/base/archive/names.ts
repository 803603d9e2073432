import type { ArchiveLimits } from '../limits.ts'
import { refuseEntry } from './refusal.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// C0, DEL and C1; everything else is a name like any other and is escaped where it is shown.
const CONTROL = /\p{Cc}/u
// `C:/x` in either case and `C:x`: a drive on Windows. A lower-case `a:b` is a file name (THREATS A04, A29).
const DRIVE = /^(?:[A-Za-z]:\/|[A-Z]:)/

/**
 * The one rule for names (THREATS A30): valid UTF-8, whatever the archive's flags claim. Anything else is refused,
 * since guessing a code page could give two entries the same name.
 */
export function decodeName(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw refuseEntry(
      Buffer.from(bytes.subarray(0, 300)).toString('latin1'),
      'has a name that is not UTF-8',
      'Make the archive with a tool that stores names as UTF-8 (zip -UN=UTF8, 7z -mcu, tar).',
    )
  }
}

/** The same text for all names that some filesystem takes for one: NFC and full case folding (THREATS A26). */
export function foldName(name: string): string {
  const ascii = Buffer.byteLength(name) === name.length
  return ascii ? name.toLowerCase() : name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
}

/** Checks a name without trailing slash against the policy's grammar. Throws `archive_refused`. */
export function checkName(name: string, limits: ArchiveLimits): void {
  if (name === '') throw refuseEntry('', 'is an entry without a name')
  if (CONTROL.test(name)) throw refuseEntry(name, 'has a control character in its name')
  if (name.includes('\\'))
    throw refuseEntry(name, 'has a backslash in its name', 'Make the archive with "/" between folders.')
  if (name.startsWith('/')) throw refuseEntry(name, 'is an absolute path')
  if (DRIVE.test(name)) throw refuseEntry(name, 'begins with a drive letter')
  if (Buffer.byteLength(name) > limits.pathBytes)
    throw refuseEntry(name, `is a path of more than ${limits.pathBytes} bytes`)
  const segments = name.split('/')
  if (segments.length > limits.depth) throw refuseEntry(name, `lies more than ${limits.depth} folders deep`)
  for (const segment of segments) checkSegment(segment, name, limits)
}

function checkSegment(segment: string, name: string, limits: ArchiveLimits): void {
  if (segment === '..') throw refuseEntry(name, 'leads out of the site with ".."')
  if (segment === '.' || segment === '')
    throw refuseEntry(name, `has ${segment === '' ? 'an empty part' : 'a part "."'} in its path`)
  if (segment.length * 3 > limits.segmentBytes && Buffer.byteLength(segment) > limits.segmentBytes)
    throw refuseEntry(name, `has a part of more than ${limits.segmentBytes} bytes`)
}
