/** DNS messages (RFC 1035 §4) as values. */
import { expandedData } from './rdata.ts'
import { MalformedMessage, WireReader, WireWriter } from './wire.ts'

export const CLASS = { in: 1, none: 254, any: 255 } as const
export const OPCODE = { query: 0, update: 5 } as const
const TSIG_TYPE = 250

/** RFC 1035 §4.1.1, RFC 2136 §2.2. */
const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
] as const
export type Rcode = (typeof RCODES)[number] | `RCODE${number}`

export interface DnsRecord {
  /** Canonical, see `nameText`. */
  name: string
  type: number
  class: number
  ttl: number
  /** Names in it are whole, never pointers into the message. */
  data: Uint8Array
}

export interface Question {
  name: string
  type: number
}

/** In an UPDATE the sections are called zone, prerequisites, updates (RFC 2136 §2). */
export interface DnsMessage {
  id: number
  opcode: number
  isAnswer: boolean
  isAuthoritative: boolean
  isTruncated: boolean
  rcode: Rcode
  questions: Question[]
  answers: DnsRecord[]
  authority: DnsRecord[]
  additional: DnsRecord[]
  /** Where the signature begins, which has to be the last record (RFC 8945 §5.1). */
  tsigAt: number | null
}

export interface Request {
  id: number
  opcode: number
  question: Question
  answers?: readonly DnsRecord[]
  authority?: readonly DnsRecord[]
}

/** A request as bytes: recursion is never asked for. */
export function encoded({ id, opcode, question, answers = [], authority = [] }: Request): Uint8Array {
  const writer = new WireWriter()
    .u16(id)
    .u16(opcode << 11)
    .u16(1)
    .u16(answers.length)
    .u16(authority.length)
    .u16(0)
    .name(question.name)
    .u16(question.type)
    .u16(CLASS.in)
  for (const record of [...answers, ...authority])
    writer.name(record.name).u16(record.type).u16(record.class).u32(record.ttl).counted(record.data)
  return writer.done()
}

/** Throws MalformedMessage. */
export function decoded(bytes: Uint8Array): DnsMessage {
  const reader = new WireReader(bytes)
  const id = reader.u16()
  const flags = reader.u16()
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const
  const questions = Array.from({ length: counts[0] }, () => questionOf(reader))
  const answers = Array.from({ length: counts[1] }, () => recordOf(reader))
  const authority = Array.from({ length: counts[2] }, () => recordOf(reader))
  let tsigAt: number | null = null
  const additional = Array.from({ length: counts[3] }, () => {
    if (tsigAt !== null) throw new MalformedMessage('its signature is not the last record')
    const start = reader.at
    const record = recordOf(reader)
    if (record.type === TSIG_TYPE) tsigAt = start
    return record
  })
  const code = flags & 0xf
  return {
    id,
    opcode: (flags >> 11) & 0xf,
    isAnswer: (flags & 0x8000) !== 0,
    isAuthoritative: (flags & 0x0400) !== 0,
    isTruncated: (flags & 0x0200) !== 0,
    rcode: RCODES[code] ?? `RCODE${code}`,
    questions,
    answers,
    authority,
    additional,
    tsigAt,
  }
}

function questionOf(reader: WireReader): Question {
  const question = { name: reader.name(), type: reader.u16() }
  reader.u16()
  return question
}

function recordOf(reader: WireReader): DnsRecord {
  const head = { name: reader.name(), type: reader.u16(), class: reader.u16(), ttl: reader.u32() }
  const length = reader.u16()
  const data = expandedData(head.type, { message: reader.bytes, at: reader.at, length })
  reader.take(length)
  return { ...head, data }
}
