import { Fault, shown } from '../base/fault.ts'
import type { CliContext } from './context.ts'
import type { Output } from './output.ts'

export interface Flag {
  help: string
  /** What stands for the value in the usage, such as NAME; without it the flag is a switch. */
  value?: string
  required?: boolean
  /** The environment variable that is read when the flag is absent. */
  env?: string
  /** Used when neither is given. */
  default?: string
  /** The only values that are understood. */
  among?: readonly string[]
}

export interface Positional {
  name: string
  help: string
  optional?: boolean
  /** Of the last one: further words belong to it. */
  many?: true
}

export const GROUPS = ['Release', 'Things', 'Access', 'Server', 'Machine'] as const

/** One command: parsing, help and the reference page are made from this. */
export interface Command {
  /** `deploy`, or noun and verb: `service list`. */
  name: string
  group: (typeof GROUPS)[number]
  summary: string
  /** Further sentences for its own help. */
  description?: string
  positionals: Positional[]
  flags: Record<string, Flag>
  examples: string[]
  /** Answers the exit code: 0 done, 1 failed. A Fault `usage` is 2, any other one 1. */
  run(run: Run): Promise<number>
}

export interface Run {
  context: CliContext
  args: Args
  output: Output
}

/** Every command has these. */
export const COMMON_FLAGS: Record<string, Flag> = {
  json: { help: 'Print the result as JSON' },
  help: { help: 'Show this help' },
}

/** What was typed, already held against the command's table. */
export class Args {
  private readonly texts: ReadonlyMap<string, string>
  private readonly switches: ReadonlySet<string>
  private readonly words: readonly string[]

  constructor(given: {
    texts: ReadonlyMap<string, string>
    switches: ReadonlySet<string>
    words: readonly string[]
  }) {
    this.texts = given.texts
    this.switches = given.switches
    this.words = given.words
  }

  has(flag: string): boolean {
    return this.switches.has(flag)
  }

  optional(flag: string): string | undefined {
    return this.texts.get(flag)
  }

  /** The value of a flag that is required or has a default. */
  text(flag: string): string {
    const value = this.texts.get(flag)
    if (value === undefined) throw new Error(`the flag --${flag} is neither required nor has it a default`)
    return value
  }

  optionalWord(index: number): string | undefined {
    return this.words[index]
  }

  word(index: number): string {
    const word = this.words[index]
    if (word === undefined) throw new Error(`the command has no word ${index}`)
    return word
  }

  /** All words from this one on. */
  wordsFrom(index: number): readonly string[] {
    return this.words.slice(index)
  }

  /** A whole number from 0, or undefined when the flag is absent. */
  number(flag: string): number | undefined {
    const value = this.texts.get(flag)
    if (value === undefined) return undefined
    if (!/^\d{1,9}$/.test(value)) throw wrongValue(flag, value, 'must be a whole number')
    return Number(value)
  }
}

export const wrongValue = (flag: string, value: string, rule: string): Fault =>
  new Fault('usage', `--${flag} can't be "${shown(value, 60)}".`, { hint: `It ${rule}.` })
