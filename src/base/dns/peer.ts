/** One name server, asked for what it holds itself: questions, updates and transfers, signed when there is a key. */
import { randomInt } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { Fault, shown } from '../fault.ts'
import { LIMITS } from '../limits.ts'
import { type DnsPlace, NoAnswer, overTcp, overUdp } from './exchange.ts'
import {
  type DnsMessage,
  type DnsRecord,
  decoded,
  encoded,
  OPCODE,
  type Question,
  type Rcode,
  type Request,
} from './message.ts'
import { canonicalName } from './name.ts'
import { typeNumber } from './rdata.ts'
import { signed, TsigCheck, type TsigKey, type TsigVerdict } from './tsig.ts'
import { MalformedMessage } from './wire.ts'

export interface DnsPeerOptions {
  place: DnsPlace
  /** Null: unsigned. */
  key: TsigKey | null
  clock: Clock
}

/** RFC 2136 §2: what has to hold, and what is changed if it does. */
export interface DnsUpdate {
  zone: string
  prerequisites: readonly DnsRecord[]
  updates: readonly DnsRecord[]
}

/** A request as it is sent, and the judge of what comes back. */
interface Sent {
  request: Request
  bytes: Uint8Array
  check: TsigCheck | null
}

const [SOA, AXFR] = [typeNumber('SOA'), typeNumber('AXFR')]

/**
 * Each method throws a Fault for an answer that is signed wrongly or has something against our key; NoAnswer,
 * MalformedMessage, a TimeoutError and the signal's reason come as they are: of an update it is unknown then whether it
 * was made.
 */
export class DnsPeer {
  private readonly options: DnsPeerOptions

  constructor(options: DnsPeerOptions) {
    this.options = options
  }

  /** Over UDP, asked again when it gets lost; over TCP when the answer doesn't fit, doesn't hold or doesn't come. */
  async ask(question: Question, signal: AbortSignal): Promise<DnsMessage> {
    const request = { opcode: OPCODE.query, question }
    for (let attempt = 0; attempt < LIMITS.dnsExchange.udpAttempts; attempt++) {
      const answer = await this.overUdp(request, signal)
      if (answer === 'useless') break
      if (answer !== 'lost') return answer
    }
    return await this.overTcp(request, signal)
  }

  async update({ zone, prerequisites, updates }: DnsUpdate, signal: AbortSignal): Promise<DnsMessage> {
    const question = { name: zone, type: SOA }
    const request = { opcode: OPCODE.update, question, answers: prerequisites, authority: updates }
    return await this.overTcp(request, signal)
  }

  /** All records of a zone (RFC 5936), or why it doesn't hand them over. Throws `too_large` beyond the limits. */
  async transfer(zone: string, signal: AbortSignal): Promise<DnsRecord[] | Rcode> {
    const records: DnsRecord[] = []
    let refused: Rcode | null = null
    await this.conversation(
      { opcode: OPCODE.query, question: { name: zone, type: AXFR } },
      signal,
      (message) => {
        if (message.rcode !== 'NOERROR') refused = message.rcode
        records.push(...message.answers)
        if (records.length > LIMITS.dnsExchange.zoneRecords)
          throw new Fault('too_large', `The zone ${zone} has over ${LIMITS.dnsExchange.zoneRecords} records.`)
        if (refused === null && records[0]?.type !== SOA)
          throw new MalformedMessage('it does not begin with the SOA of the zone')
        return refused !== null || (records.length > 1 && records.at(-1)?.type === SOA)
      },
    )
    return refused ?? records.slice(0, -1)
  }

  private async overUdp(
    given: Omit<Request, 'id'>,
    signal: AbortSignal,
  ): Promise<DnsMessage | 'lost' | 'useless'> {
    const sent = this.sent(given)
    const late = AbortSignal.timeout(LIMITS.dnsExchange.udpAnswerMs)
    try {
      const bytes = await overUdp(
        { place: this.options.place, query: sent.bytes, signal: AbortSignal.any([late, signal]) },
        (answer) => isAnswerTo(answer, sent.request),
      )
      const message = decoded(bytes)
      return message.isTruncated || this.verdict(sent, bytes, message) !== 'good' ? 'useless' : message
    } catch (thrown) {
      signal.throwIfAborted()
      if (late.aborted) return 'lost'
      if (thrown instanceof NoAnswer || thrown instanceof MalformedMessage) return 'useless'
      throw thrown
    }
  }

  private async overTcp(given: Omit<Request, 'id'>, signal: AbortSignal): Promise<DnsMessage> {
    let answer: DnsMessage | null = null
    await this.conversation(given, signal, (message) => {
      answer = message
      return true
    })
    if (answer === null) throw new NoAnswer('it hangs up without an answer')
    return answer
  }

  private async conversation(
    given: Omit<Request, 'id'>,
    signal: AbortSignal,
    isLast: (message: DnsMessage) => boolean,
  ): Promise<void> {
    const sent = this.sent(given)
    const { place } = this.options
    const exchange = { place, query: sent.bytes, signal, mostBytes: LIMITS.dnsExchange.zoneBytes }
    let isFirst = true
    await overTcp(exchange, (bytes) => {
      // Of a transfer only the first message has to repeat the question.
      if (!isAnswerTo(bytes, sent.request, isFirst)) throw new MalformedMessage('it answers something else')
      isFirst = false
      const message = decoded(bytes)
      const verdict = this.verdict(sent, bytes, message)
      if (verdict !== 'good') throw this.notGood(verdict)
      const isOver = isLast(message)
      if (isOver && sent.check?.isCovered === false) throw this.notGood('unsigned')
      return isOver
    })
  }

  private sent(given: Omit<Request, 'id'>): Sent {
    const request = { ...given, id: randomInt(0x1_0000) }
    const { key, clock } = this.options
    const bytes = encoded(request)
    if (key === null) return { request, bytes, check: null }
    const { bytes: whole, mac } = signed(bytes, key, clock.now())
    return { request, bytes: whole, check: new TsigCheck(key, mac) }
  }

  private verdict({ check }: Sent, bytes: Uint8Array, message: DnsMessage): TsigVerdict {
    return check === null ? 'good' : check.judge(bytes, message, this.options.clock.now())
  }

  private notGood(verdict: Exclude<TsigVerdict, 'good'>): Fault {
    const { place, key } = this.options
    const [what, hint] = VERDICTS[verdict]
    const who = `The name server ${place.address} port ${place.port}`
    return new Fault(
      'unavailable',
      `${who} ${what.replace('KEY', `the key ${shown(key?.name ?? '', 100)}`)}.`,
      {
        hint,
      },
    )
  }
}

const CLOCKS = 'Set the clocks of both machines right: they may differ by five minutes.'

const VERDICTS: Record<Exclude<TsigVerdict, 'good'>, [what: string, hint: string]> = {
  BADKEY: [
    'does not know KEY with this algorithm, or lets it do nothing of this kind (BADKEY)',
    'Compare the name and the algorithm with the key in its configuration; Knot says so as well when no acl of the zone lets the key do it.',
  ],
  BADSIG: [
    'finds that the secret of KEY is another one (BADSIG)',
    'Enter the secret again as it stands in its configuration.',
  ],
  BADTIME: ['has another time than this machine, so that KEY does not hold (BADTIME)', CLOCKS],
  BADTRUNC: [
    'wants signatures of KEY to be of another length (BADTRUNC)',
    'Let it take whole signatures, or use another algorithm.',
  ],
  unsigned: [
    'does not sign its answers with KEY',
    'Check that this key is set up there, and that nothing in between answers in its place.',
  ],
  forged: [
    'answers with a signature that KEY did not make',
    'Enter the secret again; if it is right, something in between changes what is said.',
  ],
  late: ['answers with the time of another hour than this machine has', CLOCKS],
}

/** By its id, its kind and its question: what arrives may be anybody's. */
function isAnswerTo(bytes: Uint8Array, { id, opcode, question }: Request, needsQuestion = true): boolean {
  try {
    const message = decoded(bytes)
    if (message.id !== id || !message.isAnswer || message.opcode !== opcode) return false
    const [asked] = message.questions
    if (asked === undefined) return !needsQuestion || message.rcode !== 'NOERROR' || opcode === OPCODE.update
    return asked.name === canonicalName(question.name) && asked.type === question.type
  } catch (thrown) {
    if (thrown instanceof MalformedMessage) return false
    throw thrown
  }
}
