/** PEM (RFC 7468): blocks of base64 between two lines that name what they are. */
import { Fault, shown } from '../fault.ts'

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  label: string
  /** `Proc-Type` and its kin, which old encrypted keys have. */
  hasHeaders: boolean
  der: Uint8Array
}

const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/
const LINE_CHARS = 64

/**
 * All blocks of a text, with any line ends; what stands between them is passed over, as RFC 7468 §2 wants it. `what` is
 * named in messages: `certificate`. Throws `invalid` for a block that is cut off or broken.
 */
export function pemBlocks(text: string, what: string): PemBlock[] {
  const blocks: PemBlock[] = []
  let open: { label: string; lines: string[] } | null = null
  for (const line of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())) {
    if (open === null) {
      const label = BEGIN.exec(line)?.[1]
      if (label !== undefined) open = { label, lines: [] }
      else if (line.startsWith('-----'))
        throw broken(what, `has the line "${shown(line, 60)}" where no block is open`)
    } else if (line === `-----END ${open.label}-----`) {
      blocks.push(blockOf(open, what))
      open = null
    } else if (line.startsWith('-----')) {
      throw broken(what, `is cut off: its block "${open.label}" has no end`)
    } else open.lines.push(line)
  }
  if (open !== null) throw broken(what, `is cut off: its block "${open.label}" has no end`)
  return blocks
}

function blockOf({ label, lines }: { label: string; lines: string[] }, what: string): PemBlock {
  const hasHeaders = lines.some((line) => line.includes(':'))
  const base64 = lines.filter((line) => !line.includes(':')).join('')
  if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
    throw broken(what, `is broken: its block "${label}" is no base64`)
  return { label, hasHeaders, der: Buffer.from(base64, 'base64') }
}

const broken = (what: string, how: string): Fault =>
  new Fault('invalid', `The ${what} ${how}.`, {
    hint: 'Copy the whole file, from its first "-----BEGIN" line to its last "-----END" line.',
  })

export function pem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der).toString('base64')
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
