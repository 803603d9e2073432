import { parseArgs } from 'node:util'
import { Fault, shown } from '../base/fault.ts'
import { Args, COMMON_FLAGS, type Command, wrongValue } from './command.ts'

export type Parsed =
  | { kind: 'run'; command: Command; args: Args }
  /** `topic`: a command's name, a noun such as `service`, or nothing for the whole program. */
  | { kind: 'help'; topic: string }
  | { kind: 'version' }

/** Reads a command line by the table. Throws `usage`, naming what was probably meant. */
export function parseCommandLine(
  commands: readonly Command[],
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Parsed {
  const [first, ...rest] = argv
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help', topic: '' }
  if (first === '--version' || first === '-v') return { kind: 'version' }
  if (first === 'help') return { kind: 'help', topic: requireTopic(commands, rest) }
  const command = findCommand(commands, argv)
  if (command === null) return nounHelp(commands, argv)
  const typed = argv.slice(command.name.split(' ').length)
  if (typed.includes('--help') || typed.includes('-h')) return { kind: 'help', topic: command.name }
  return { kind: 'run', command, args: readArgs(command, typed, env) }
}

function findCommand(commands: readonly Command[], argv: readonly string[]): Command | null {
  const two = argv.slice(0, 2).join(' ')
  return (
    commands.find((command) => command.name === two) ??
    commands.find((command) => command.name === argv[0]) ??
    null
  )
}

const isNoun = (commands: readonly Command[], word: string): boolean =>
  commands.some((command) => command.name.startsWith(`${word} `))

function nounHelp(commands: readonly Command[], argv: readonly string[]): Parsed {
  const [noun = '', verb] = argv
  if (isNoun(commands, noun) && (verb === undefined || verb === '--help' || verb === '-h'))
    return { kind: 'help', topic: noun }
  throw unknownCommand(commands, isNoun(commands, noun) ? `${noun} ${verb ?? ''}` : noun)
}

function requireTopic(commands: readonly Command[], words: readonly string[]): string {
  const topic = words.join(' ')
  if (topic === '' || isNoun(commands, topic) || commands.some((command) => command.name === topic))
    return topic
  throw unknownCommand(commands, topic)
}

function unknownCommand(commands: readonly Command[], typed: string): Fault {
  const names = commands.flatMap((command) => [command.name, ...command.name.split(' ').slice(0, 1)])
  const meant = nearest(typed, names)
  return new Fault('usage', `There is no command "${shown(typed, 60)}".`, {
    hint: meant ? `Did you mean "fairlead ${meant}"?` : 'Run "fairlead --help" for the list of commands.',
  })
}

function readArgs(
  command: Command,
  typed: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Args {
  const flags = { ...command.flags, ...COMMON_FLAGS }
  const { tokens } = parseArgs({
    args: [...typed],
    options: Object.fromEntries(
      Object.entries(flags).map(([name, flag]) => [name, { type: flag.value ? 'string' : 'boolean' }]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const texts = new Map<string, string>()
  const switches = new Set<string>()
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const flag = flags[token.name]
    if (!flag || !token.rawName.startsWith('--'))
      throw unknownFlag(command, token.rawName, Object.keys(flags))
    if (flag.value) texts.set(token.name, requireValue(token, flag.value))
    else if (token.value === undefined) switches.add(token.name)
    else throw new Fault('usage', `--${token.name} takes no value.`, { hint: helpHint(command) })
  }
  addDefaults(command, texts, env)
  requireWords(command, words)
  return new Args({ texts, switches, words })
}

const helpHint = (command: Command): string => `Run "fairlead ${command.name} --help" to see how it is used.`

function unknownFlag(command: Command, typed: string, names: string[]): Fault {
  const meant = nearest(typed.replace(/^-+/, ''), names)
  return new Fault('usage', `"fairlead ${command.name}" has no flag ${shown(typed, 60)}.`, {
    hint: meant ? `Did you mean --${meant}?` : helpHint(command),
  })
}

function requireValue(
  token: { name: string; value?: string | undefined; inlineValue?: boolean | undefined },
  of: string,
): string {
  const { name, value, inlineValue } = token
  if (value !== undefined && value !== '' && (inlineValue || !/^-./.test(value))) return value
  throw new Fault('usage', `--${name} needs a value: --${name} ${of}.`, {
    ...(value?.startsWith('-') && {
      hint: `For a value that begins with "-" write --${name}=${shown(value, 60)}.`,
    }),
  })
}

function addDefaults(
  command: Command,
  texts: Map<string, string>,
  env: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, flag] of Object.entries(command.flags)) {
    const other = (flag.env && env[flag.env]) || flag.default
    if (!texts.has(name) && other !== undefined) texts.set(name, other)
    const value = texts.get(name)
    if (flag.required && value === undefined)
      throw new Fault('usage', `--${name} ${flag.value} is missing.`, { hint: helpHint(command) })
    if (flag.among && value !== undefined && !flag.among.includes(value))
      throw wrongValue(name, value, `is one of ${flag.among.join(', ')}`)
  }
}

function requireWords(command: Command, words: readonly string[]): void {
  const missing = command.positionals.slice(words.length).find((positional) => !positional.optional)
  if (missing) throw new Fault('usage', `${missing.name} is missing.`, { hint: helpHint(command) })
  const extra = words[command.positionals.length]
  if (extra !== undefined && !command.positionals.at(-1)?.many)
    throw new Fault('usage', `"${shown(extra, 60)}" is one word too many.`, { hint: helpHint(command) })
}

/** The candidate that a person most probably meant; null when none is near. */
export function nearest(typed: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Math.max(2, Math.floor(typed.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = candidate.startsWith(typed) && typed.length > 1 ? 1 : editDistance(typed, candidate)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's distance of two short words. */
function editDistance(a: string, b: string): number {
  if (a.length > 64) return a.length
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
