/** A primary name server that takes signed updates: what it holds, told from what it makes up. */
import { NoAnswer } from '../../base/dns/exchange.ts'
import { CLASS, type DnsMessage, type DnsRecord, type Rcode } from '../../base/dns/message.ts'
import { isWithin } from '../../base/dns/name.ts'
import { DnsPeer, type DnsUpdate } from '../../base/dns/peer.ts'
import { dataText, typeName, typeNumber } from '../../base/dns/rdata.ts'
import type { TsigKey } from '../../base/dns/tsig.ts'
import { MalformedMessage } from '../../base/dns/wire.ts'
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { RecordSet } from '../../ports/dns.ts'
import { Unclear } from './converge.ts'
import { keyOf, requireWithin } from './record-set.ts'
import { answerMsOf, type DnsTools, placesOf } from './tools.ts'

const ANY = typeNumber('ANY')
const NOTHING = new Uint8Array()

/** A server that has any of these at a name has something there; of other types ANY is asked. */
const ASKED = ['A', 'AAAA', 'CNAME', 'TXT', 'NS', 'MX', 'SOA', 'SRV', 'CAA', 'HTTPS', 'SVCB', 'DNAME', 'PTR']
const ASKED_TOO = [
  'DS',
  'TLSA',
  'SSHFP',
  'NAPTR',
  'LOC',
  'URI',
  'HINFO',
  'RP',
  'CERT',
  'SMIMEA',
  'OPENPGPKEY',
  'SPF',
]
/** What the server makes by itself when it signs a zone. */
const SIGNED_TYPES = [
  'RRSIG',
  'NSEC',
  'NSEC3',
  'NSEC3PARAM',
  'DNSKEY',
  'CDS',
  'CDNSKEY',
  'ZONEMD',
  'TYPE65534',
]

/** A set with its records as they travel, which is what a prerequisite has to name. */
export interface HeldSet extends RecordSet {
  records: DnsRecord[]
}

export interface PrimaryOptions {
  server: string
  port: number
  allowPrivateNetwork: boolean
  key: TsigKey
}

export class Primary {
  private readonly options: PrimaryOptions
  private readonly tools: DnsTools

  constructor(options: PrimaryOptions, tools: DnsTools) {
    this.options = options
    this.tools = tools
  }

  get label(): string {
    return `${this.options.server} port ${this.options.port}`
  }

  /**
   * The sets that stand at a name itself, of these types or of all. It asks first whether there is anything, by an update
   * that only has a prerequisite: a question alone is answered from wildcards as well, and tells nothing of types that
   * nobody thought of.
   */
  async held(
    zone: string,
    given: { name: string; types?: readonly string[] },
    signal: AbortSignal,
  ): Promise<HeldSet[]> {
    const { name, types = [...ASKED, ...ASKED_TOO] } = given
    requireWithin(name, zone)
    const unused = { name, type: ANY, class: CLASS.none, ttl: 0, data: NOTHING }
    const rcode = await settled(this.update({ zone, prerequisites: [unused], updates: [] }, signal))
    if (rcode === 'NOERROR') return []
    if (rcode !== 'YXDOMAIN') throw this.refused(rcode, zone)
    const waiting = [...types]
    const found: HeldSet[] = []
    const askNext = async () => {
      for (let type = waiting.pop(); type !== undefined; type = waiting.pop())
        found.push(...answeredSets(await this.ask({ zone, name, type }, signal), { name, type }))
    }
    await Promise.all(Array.from({ length: LIMITS.dnsExchange.questionsAtOnce }, askNext))
    if (found.length > 0 || given.types !== undefined) return found
    const any = grouped((await this.ask({ zone, name, type: 'ANY' }, signal)).answers)
    const others = any.filter((set) => set.name === name && !SIGNED_TYPES.includes(set.type))
    if (others.length > 0) return others
    throw new Fault('conflict', `At ${name} stands something of a type that ${this.label} does not tell.`, {
      hint: 'Choose another name, or look in the zone what it is.',
    })
  }

  /** Throws `conflict` where a name is handed to other name servers: what is written there answers nobody. */
  async requireOwn(zone: string, name: string, signal: AbortSignal): Promise<void> {
    const cut = cutIn(await this.ask({ zone, name, type: 'SOA' }, signal), zone)
    if (cut)
      throw new Fault('conflict', `${cut.name} is handed to other name servers, and ${name} with it.`, {
        hint: `Set up the provider that holds the zone ${cut.name}.`,
      })
  }

  /** All sets of a zone, by transfer; null where that isn't allowed. */
  async all(zone: string, signal: AbortSignal): Promise<RecordSet[] | null> {
    const deadlineMs = LIMITS.dnsExchange.transferMs
    const records = await settled(
      this.reached({ signal, deadlineMs }, (peer, limited) => peer.transfer(zone, limited)),
    )
    if (typeof records === 'string') return null
    const stray = records.find(({ name }) => !isWithin(name, zone))
    if (stray) throw strange(this.label, `tells ${shown(stray.name, 100)} as part of the zone ${zone}`)
    return grouped(records)
      .filter(({ type }) => !SIGNED_TYPES.includes(type))
      .map(plainSet)
  }

  /** Throws Faults for no answer, and for one that is neither the zone's own nor tells where it ends. */
  async ask(
    { zone, name, type }: { zone: string; name: string; type: string },
    signal: AbortSignal,
  ): Promise<DnsMessage> {
    const question = { name, type: typeNumber(type) }
    const message = await settled(
      this.reached({ signal, deadlineMs: answerMsOf(this.tools) }, (peer, limited) =>
        peer.ask(question, limited),
      ),
    )
    if (message.rcode !== 'NOERROR' && message.rcode !== 'NXDOMAIN') throw this.refused(message.rcode, zone)
    if (!message.isAuthoritative && !cutIn(message, zone))
      throw new Fault('unavailable', `${this.label} does not answer for the zone ${zone} itself.`, {
        hint: 'Give the address of the primary name server of the zone.',
      })
    return message
  }

  /** What the server says to an update. Throws Unclear when it says nothing. */
  async update(update: DnsUpdate, signal: AbortSignal): Promise<Rcode> {
    const given = { signal, deadlineMs: answerMsOf(this.tools) }
    const { rcode } = await this.reached(given, (peer, limited) => peer.update(update, limited))
    if (rcode !== 'SERVFAIL') return rcode
    throw new Unclear(this.refused(rcode, update.zone))
  }

  refused(rcode: Rcode, zone: string): Fault {
    const [what, hint] = REFUSALS[rcode] ?? [`answers ${rcode} about the zone ${zone}`, 'Its log tells why.']
    return new Fault('unavailable', `${this.label} ${what.replace('ZONE', `the zone ${zone}`)}.`, {
      hint: hint.replace('KEY', this.options.key.name),
    })
  }

  private async reached<Answer>(
    { signal, deadlineMs }: { signal: AbortSignal; deadlineMs: number },
    ask: (peer: DnsPeer, signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const { key, server: host, port, allowPrivateNetwork } = this.options
    const places = await placesOf(this.tools, { host, port, allowPrivateNetwork })
    const limited = AbortSignal.any([AbortSignal.timeout(deadlineMs), signal])
    let last: unknown
    for (const place of places)
      try {
        return await ask(new DnsPeer({ place, key, clock: this.tools.clock }), limited)
      } catch (thrown) {
        signal.throwIfAborted()
        if (thrown instanceof Fault) throw thrown
        last = thrown
        if (!(thrown instanceof NoAnswer)) break
      }
    throw new Unclear(this.silent(last, deadlineMs))
  }

  private silent(cause: unknown, deadlineMs: number): Fault {
    if (cause instanceof MalformedMessage)
      return strange(this.label, `answers with no DNS message: ${cause.message}`)
    if (!(cause instanceof NoAnswer))
      return new Fault('unavailable', `The name server ${this.label} does not answer.`, {
        hint: `It had ${deadlineMs} ms. Check that it runs and that nothing in between drops DNS over TCP.`,
        cause,
      })
    return new Fault('unavailable', `The name server ${this.label} is not to be reached: ${cause.message}.`, {
      hint: 'Check its address and port, that it runs, and that it takes DNS over TCP.',
      cause,
    })
  }
}

const strange = (label: string, what: string): Fault =>
  new Fault('unavailable', `The name server ${label} ${what}.`, {
    hint: 'Check that this is the address of the primary name server, and its log.',
  })

/** Nothing is changed by asking: what is unclear is wrong. */
async function settled<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked
  } catch (thrown) {
    throw thrown instanceof Unclear ? thrown.fault : thrown
  }
}

const REFUSALS: Partial<Record<Rcode, [what: string, hint: string]>> = {
  REFUSED: [
    'refuses what was asked about ZONE (REFUSED)',
    'Give the key KEY the right to it: in BIND update-policy and allow-transfer of the zone, in Knot an acl.',
  ],
  NOTAUTH: [
    'does not hold ZONE as its primary, or the key KEY may not change it (NOTAUTH)',
    'Check the name of the zone, and that this is the address of its primary name server.',
  ],
  NOTZONE: ['finds a name that does not lie in ZONE (NOTZONE)', 'Check the name of the zone.'],
  NOTIMP: ['does not take updates (NOTIMP)', 'Switch dynamic updates on for the zone.'],
  SERVFAIL: [
    'fails at ZONE (SERVFAIL)',
    'Its log tells why; often it can not write the file or the journal of the zone.',
  ],
}

export const plainSet = ({ name, type, ttlSeconds, values }: HeldSet): RecordSet => ({
  name,
  type,
  ttlSeconds,
  values,
})

/** The name servers to which an answer refers below the zone; undefined: it refers to nobody. */
const cutIn = ({ isAuthoritative, authority }: DnsMessage, zone: string): DnsRecord | undefined =>
  isAuthoritative
    ? undefined
    : authority.find(({ type, name }) => typeName(type) === 'NS' && name !== zone && isWithin(name, zone))

/** Of where a zone hands on a name, the servers named stand in another section. */
const answeredSets = (
  { answers, authority, isAuthoritative }: DnsMessage,
  asked: Pick<RecordSet, 'name' | 'type'>,
): HeldSet[] => grouped(isAuthoritative ? answers : authority).filter((set) => keyOf(set) === keyOf(asked))

function grouped(records: readonly DnsRecord[]): HeldSet[] {
  const groups = new Map<string, DnsRecord[]>()
  for (const record of records.filter((record) => record.class === CLASS.in)) {
    const key = keyOf({ name: record.name, type: typeName(record.type) })
    groups.set(key, [...(groups.get(key) ?? []), record])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const values = new Set(group.map(({ type, data }) => dataText(type, data)))
    const { name, type, ttl } = first
    return { name, type: typeName(type), ttlSeconds: ttl, values: [...values].toSorted(), records: group }
  })
}
