/** Signatures of DNS messages with a key that both sides hold (RFC 8945). */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { CLASS, type DnsMessage } from './message.ts'
import { nameBytes } from './name.ts'
import { MalformedMessage, WireReader, WireWriter } from './wire.ts'

export const TSIG_ALGORITHMS = ['hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const
export type TsigAlgorithm = (typeof TSIG_ALGORITHMS)[number]

export interface TsigKey {
  /** Canonical. */
  name: string
  algorithm: TsigAlgorithm
  secret: Uint8Array
}

/**
 * What a signature says. The names of RFC 8945 §3 are what the other side has against ours; `unsigned` and `forged` are
 * what we have against its answer, `late` that its clock and ours differ.
 */
export type TsigVerdict =
  | 'good'
  | 'BADSIG'
  | 'BADKEY'
  | 'BADTIME'
  | 'BADTRUNC'
  | 'unsigned'
  | 'forged'
  | 'late'

const TSIG_TYPE = 250
const FUDGE_SECONDS = 300
/** Of a transfer, messages in a row that need no signature (§5.3.1). */
const UNSIGNED_MOST = 99
const ERRORS = new Map<number, TsigVerdict>([
  [16, 'BADSIG'],
  [17, 'BADKEY'],
  [18, 'BADTIME'],
  [22, 'BADTRUNC'],
])

interface Tsig {
  key: string
  algorithm: string
  seconds: number
  fudge: number
  mac: Uint8Array
  originalId: number
  error: number
  other: Uint8Array
}

/** The message with its signature as last record, and the signature's MAC, which the answer's covers. */
export function signed(
  message: Uint8Array,
  key: TsigKey,
  nowMs: number,
): { bytes: Uint8Array; mac: Uint8Array } {
  const seconds = Math.floor(nowMs / 1000)
  const times = { seconds, fudge: FUDGE_SECONDS }
  const mac = macOf(key, [message, variables(key, { ...times, error: 0, other: new Uint8Array() })])
  const data = new WireWriter()
    .name(key.algorithm)
    .u48(seconds)
    .u16(FUDGE_SECONDS)
    .counted(mac)
    .add(message.subarray(0, 2))
    .u16(0)
    .u16(0)
    .done()
  const record = new WireWriter().name(key.name).u16(TSIG_TYPE).u16(CLASS.any).u32(0).counted(data).done()
  return { bytes: withCount(Buffer.concat([message, record]), 1), mac }
}

/** Judges the answers of one request: one, or the many of a transfer, each in the order in which it came. */
export class TsigCheck {
  private readonly key: TsigKey
  private prior: Uint8Array
  private readonly pending: Uint8Array[] = []
  private isFirst = true

  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.key = key
    this.prior = requestMac
  }

  /** `message` is what `bytes` says. In a transfer `unsigned` stands for: not yet signed, and too long so. */
  judge(bytes: Uint8Array, message: DnsMessage, nowMs: number): TsigVerdict {
    if (message.tsigAt === null) {
      if (this.isFirst || this.pending.length >= UNSIGNED_MOST) return 'unsigned'
      this.pending.push(bytes)
      return 'good'
    }
    const tsig = tsigOf(message)
    const told = ERRORS.get(tsig.error)
    // What names the key or the signature wrong can't be signed with it (§5.2).
    if (tsig.mac.length === 0) return told ?? 'unsigned'
    const digested = [
      new WireWriter().counted(this.prior).done(),
      ...this.pending,
      stripped(bytes, message.tsigAt, tsig.originalId),
      this.isFirst ? variables(this.key, tsig) : times(tsig),
    ]
    if (tsig.key !== this.key.name || tsig.algorithm !== this.key.algorithm) return 'forged'
    if (!equal(tsig.mac, macOf(this.key, digested))) return 'forged'
    this.prior = tsig.mac
    this.pending.length = 0
    this.isFirst = false
    if (told !== undefined) return told
    return Math.abs(nowMs / 1000 - tsig.seconds) > tsig.fudge ? 'late' : 'good'
  }

  /** Whether nothing is left that no signature covers. */
  get isCovered(): boolean {
    return !this.isFirst && this.pending.length === 0
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

function tsigOf({ additional }: DnsMessage): Tsig {
  const record = additional.at(-1)
  if (record === undefined) throw new MalformedMessage('its signature is missing')
  const reader = new WireReader(record.data)
  return {
    key: record.name,
    algorithm: reader.name(),
    seconds: reader.u48(),
    fudge: reader.u16(),
    mac: reader.take(reader.u16()),
    originalId: reader.u16(),
    error: reader.u16(),
    other: reader.take(reader.u16()),
  }
}

/** The message as it was signed: without its signature, under the id that it had then. */
function stripped(bytes: Uint8Array, tsigAt: number, originalId: number): Uint8Array {
  const message = withCount(Buffer.from(bytes.subarray(0, tsigAt)), -1)
  message.set([originalId >>> 8, originalId & 0xff])
  return message
}

/** One more or one less in the additional section. */
function withCount(message: Buffer, change: number): Buffer {
  message.writeUInt16BE(message.readUInt16BE(10) + change, 10)
  return message
}

const times = ({ seconds, fudge }: Pick<Tsig, 'seconds' | 'fudge'>): Uint8Array =>
  new WireWriter().u48(seconds).u16(fudge).done()

/** §4.3.3. */
const variables = (key: TsigKey, tsig: Pick<Tsig, 'seconds' | 'fudge' | 'error' | 'other'>): Uint8Array =>
  new WireWriter()
    .add(nameBytes(key.name))
    .u16(CLASS.any)
    .u32(0)
    .name(key.algorithm)
    .add(times(tsig))
    .u16(tsig.error)
    .counted(tsig.other)
    .done()

function macOf({ algorithm, secret }: TsigKey, pieces: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac(algorithm.replace('hmac-', ''), secret)
  for (const piece of pieces) hmac.update(piece)
  return hmac.digest()
}
