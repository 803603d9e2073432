import type { Clock } from '../base/clock.ts'
import { type FieldError, shown } from '../base/fault.ts'
import type { CliContext, Screen } from './context.ts'

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const
export type Style = keyof typeof STYLES

/** A column of a table: its title, and what stands in it. */
export type Columns<T> = [title: string, value: (item: T) => string][]

const LINE_CHARS = 4_000
const DRAW_MS = 100
const DAY_MS = 86_400_000

/** Results on stdout, prose and progress on stderr. Text that came from a server is made inert before it is shown. */
export class Output {
  readonly isJson: boolean
  private readonly out: Screen
  private readonly err: Screen
  private readonly clock: Clock
  private readonly isPlain: boolean
  private drawnAt = 0
  private barShown = false

  constructor(context: Pick<CliContext, 'out' | 'err' | 'clock' | 'env'>, isJson: boolean) {
    this.out = context.out
    this.err = context.err
    this.clock = context.clock
    this.isJson = isJson
    // https://no-color.org: any value but the empty one.
    this.isPlain = (context.env.NO_COLOR ?? '') !== '' || context.env.TERM === 'dumb'
  }

  /** The result of a command: JSON, or the lines that a person reads. */
  result(value: unknown, lines: () => string[]): void {
    this.clearBar()
    if (this.isJson) this.out.write(`${JSON.stringify(value, null, this.out.isTerminal ? 2 : 0)}\n`)
    else for (const line of lines()) this.out.write(`${inert(line)}\n`)
  }

  /** A list as a table; aligned by spaces, never by tabs. */
  table<T>(page: { items: T[]; next?: string | null }, columns: Columns<T>, nothing: string): void {
    this.result(page, () => {
      const rows = page.items.map((item) => columns.map(([, value]) => value(item)))
      return aligned(rows.length > 0 ? [columns.map(([title]) => title), ...rows] : [])
    })
    if (page.items.length === 0) this.say(nothing)
    if (page.next) this.say(`There are more: --cursor ${page.next}`)
  }

  /** A thing as aligned lines of names and values; null values are left out. */
  facts(thing: unknown, facts: [name: string, value: string | null][]): void {
    const shownFacts = facts.filter((fact): fact is [string, string] => fact[1] !== null)
    const longest = Math.max(...shownFacts.map(([name]) => name.length))
    this.result(thing, () => shownFacts.map(([name, value]) => `${name.padEnd(longest)}  ${value}`))
  }

  /** Lines that belong to a result and are for people alone. */
  lines(lines: readonly [text: string, style: Style | undefined][]): void {
    this.clearBar()
    if (this.isJson) return
    for (const [text, style] of lines) this.out.write(`${this.styled(this.out, inert(text), style)}\n`)
  }

  /** A line of prose. */
  say(text: string, style?: Style): void {
    this.clearBar()
    this.err.write(`${this.styled(this.err, inert(text), style)}\n`)
  }

  warn(text: string): void {
    this.say(`! ${text}`, 'yellow')
  }

  problem(problem: { detail: string; hint?: string | null | undefined; errors?: FieldError[] }): void {
    this.say(`error: ${problem.detail}`, 'red')
    for (const error of problem.errors ?? []) this.say(`  ${error.field}: ${error.message}`)
    if (problem.hint) this.say(`hint: ${problem.hint}`, 'dim')
  }

  /** How far something has come: a bar on a terminal, else one line at its beginning. */
  progress(label: string, done: number, of: number): void {
    if (!this.err.isTerminal) {
      if (!this.barShown) this.err.write(`${inert(label)} (${megabytes(of)})\n`)
      this.barShown = true
      return
    }
    const now = this.clock.now()
    if (now - this.drawnAt < DRAW_MS && done < of && this.barShown) return
    this.drawnAt = now
    this.barShown = true
    const share = of === 0 ? 1 : Math.min(1, done / of)
    const figures = ` ${String(Math.floor(share * 100)).padStart(3)} %  ${megabytes(done)} of ${megabytes(of)}`
    const room = Math.max(0, Math.min(30, this.err.columns - label.length - figures.length - 3))
    const filled = Math.round(room * share)
    const bar = `${'█'.repeat(filled)}${'░'.repeat(room - filled)}`
    this.err.write(
      `\r\x1b[2K${inert(label).slice(0, this.err.columns - figures.length - 3)}  ${bar}${figures}`,
    )
  }

  /** Ends a progress; the next one begins anew. */
  clearBar(): void {
    if (this.barShown && this.err.isTerminal) this.err.write('\r\x1b[2K')
    this.barShown = false
  }

  /** A time: how long ago for a person, ISO 8601 for a program. */
  time(iso: string | null): string {
    if (iso === null) return '–'
    return this.out.isTerminal ? ago(this.clock.now() - Date.parse(iso)) : iso
  }

  /** Days that are left until a time, rounded down; below 0 when it is over. */
  daysUntil(iso: string): number {
    return Math.floor((Date.parse(iso) - this.clock.now()) / DAY_MS)
  }

  private styled(screen: Screen, text: string, style: Style | undefined): string {
    return style === undefined || !screen.isTerminal || this.isPlain
      ? text
      : `\x1b[${STYLES[style]}m${text}\x1b[0m`
  }
}

/** No control character of a server's text reaches the terminal (THREATS X02). */
const inert = (text: string): string => shown(text, LINE_CHARS)

/** Rows of cells as lines, aligned by spaces. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(inert))
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((row) => width(row[i]))))
  return cells.map((row) =>
    row
      .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - width(cell)))
      .join('  ')
      .trimEnd(),
  )
}

const width = (cell: string | undefined): number => Array.from(cell ?? '').length

export const megabytes = (bytes: number): string =>
  bytes < 1000
    ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
    : bytes < 1_000_000
      ? `${(bytes / 1000).toFixed(1)} kB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`

function ago(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
  ]
  for (const [unit, name] of units) {
    const count = Math.floor(ms / unit)
    if (count > 0) return `${count} ${name}${count === 1 ? '' : 's'} ago`
  }
  return 'just now'
}
