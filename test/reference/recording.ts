/** Answers as they are recorded: what differs from run to run is told apart from what does not. */
import { createHash } from 'node:crypto'
import type { RecordedAnswer } from '../../src/contract/examples.ts'

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g
/** In an address within an address `%2F` stands before it. */
const ID = /(?:\b|(?<=%2F))[a-z0-9]{20}\b/g
/** What is shown once, and what is shown instead. */
const SECRETS: [RegExp, string][] = [
  [
    /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{43}/g,
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.${'Zk3vX9q0m2'.repeat(5).slice(7)}`,
  ],
  [/fl_\w{8}_[\w-]{43}/g, `fl_8rk2mvxq_${'Zk3vX9q0m2'.repeat(5).slice(7)}`],
  [/\bfl_[a-z0-9]{8}\b/g, 'fl_8rk2mvxq'],
  [/(?<=(state|nonce|code_challenge)=)[\w-]{43}/g, 'Zk3vX9q0m2'.repeat(5).slice(7)],
  // Of passkeys: what is to be signed, and by whom.
  [/(?<=^|")[\w-]{43}(?=$|")/g, 'Zk3vX9q0m2'.repeat(5).slice(7)],
  [/(?<=^|")[\w-]{27}(?=$|")/g, 'azN2OXEwbTJ4N2M1bjFwOHI0dDY'],
  [/\b[A-Z2-7]{32}\b/g, 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'],
  [
    /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/g,
    '-----BEGIN CERTIFICATE-----MIIB…-----END CERTIFICATE-----',
  ],
  [/(?<=\bcertificate )[0-9a-f]{12}\b/g, '27ba6245d2d8'],
  [/\b([0-9a-z]{4}-){5}[0-9a-z]{4}\b/g, '4f7k-9mzx-2c5n-1p8r-6t3v-0qwd'],
  [/#[\w-]{43}\b/g, `#${'Zk3vX9q0m2'.repeat(5).slice(7)}`],
]
const withoutSecrets = (text: string): string =>
  SECRETS.reduce((so, [secret, instead]) => so.replace(secret, instead), text)
const SHA256 = /\b[0-9a-f]{64}\b/g
const AGENT = /\b(curl|Firefox)\/[\d.]+/g
const DURATION = /\b\d+(\.\d+)? (ms|s)\b/g

/** The answer without what differs from run to run. Two answers are the same example when this is equal. */
export function blurred(answer: RecordedAnswer): unknown {
  return JSON.parse(
    JSON.stringify(answer, (key, value: unknown) => {
      if (typeof value !== 'string') return value
      if (key === 'next') return '(cursor)'
      if (key === 'serial') return '(serial)'
      return withoutSecrets(value)
        .replace(SHA256, '(sha256)')
        .replace(TIME, '(time)')
        .replace(AGENT, '(agent)')
        .replace(ID, '(id)')
        .replace(DURATION, '(duration)')
    }),
  )
}

/** Gives what differs from run to run a value of its own that stays, the same one wherever it occurs. */
export class Recording {
  private readonly stable = new Map<string, string>()

  /** Takes over the values that a recorded answer has where the one of today has others. */
  learn(recorded: unknown, today: unknown): void {
    if (typeof recorded === 'string' && typeof today === 'string') {
      const [old, now] = [recorded.match(ID) ?? [], today.match(ID) ?? []]
      for (const [index, id] of now.entries()) if (old[index] !== undefined) this.stable.set(id, old[index])
    } else if (recorded instanceof Object && today instanceof Object)
      for (const [key, value] of Object.entries(today))
        this.learn((recorded as Record<string, unknown>)[key], value)
  }

  record(answer: RecordedAnswer): RecordedAnswer {
    const text = withoutSecrets(JSON.stringify(answer))
    const times = [...new Set(text.match(TIME))].toSorted()
    const made = text
      .replace(ID, (id) => this.stableId(id))
      .replace(TIME, (time) => new Date(FIRST_TIME + 250 * times.indexOf(time)).toISOString())
    return JSON.parse(made) as RecordedAnswer // as it came, with other texts inside
  }

  private stableId(id: string): string {
    const known = this.stable.get(id)
    if (known !== undefined) return known
    const made = BigInt(`0x${createHash('sha256').update(`id ${this.stable.size}`).digest('hex')}`)
    const text = made.toString(36).slice(0, 20)
    this.stable.set(id, text)
    return text
  }
}

const FIRST_TIME = Date.parse('2027-03-01T09:30:00.000Z')
