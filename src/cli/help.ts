import { COMMON_FLAGS, type Command, type Flag, GROUPS, type Positional } from './command.ts'

const LINE_CHARS = 100
const ABOUT = 'Fairlead turns your own server into a deployment platform for static sites.'

export const ENVIRONMENT_VARIABLES: [name: string, help: string][] = [
  ['FAIRLEAD_SERVER', 'Address of the server for client commands (http://127.0.0.1:4750)'],
  ['FAIRLEAD_KEY', 'Key that client commands send as "Authorization: Bearer"'],
  ['FAIRLEAD_DATA', 'Data folder of serve and of the machine commands (./data)'],
  ['FAIRLEAD_LISTEN', 'Where serve answers for the page and the API (127.0.0.1:4750)'],
  ['FAIRLEAD_SITES_LISTEN', 'Where serve answers for the sites (127.0.0.1:4780)'],
  ['FAIRLEAD_SITES_TLS_LISTEN', 'Where serve answers for the sites over HTTPS (nowhere)'],
  ['FAIRLEAD_URL', 'Address under which people reach the page, if it is another'],
  ['FAIRLEAD_TRUSTED_PROXIES', 'Addresses or CIDR blocks of proxies whose X-Forwarded-For is believed'],
  ['NO_COLOR', 'Print without colours'],
]
export const EXIT_CODES: [code: string, meaning: string][] = [
  ['0', 'done'],
  ['1', 'failed, also when a deployment did not succeed'],
  ['2', 'the command line was not understood'],
]

/** The help of a command, of a noun with its verbs, or of the whole program. */
export function helpText(commands: readonly Command[], topic: string): string {
  const command = commands.find((candidate) => candidate.name === topic)
  if (command) return commandHelp(commands, command)
  return topic === '' ? programHelp(commands) : nounHelp(commands, topic)
}

function programHelp(commands: readonly Command[]): string {
  const groups = GROUPS.map((group): [string, [string, string][]] => [group, entriesOf(commands, group)])
  return text([
    [ABOUT],
    ['USAGE', '  fairlead <command> [flags]'],
    ...groups.map(([group, entries]) => [group.toUpperCase(), ...columns(entries)]),
    [
      'EXAMPLES',
      '  $ fairlead serve --open',
      '  $ fairlead deploy ./dist --service web --environment staging --create',
      '  $ fairlead promote --service web --from staging --to production',
    ],
    ['ENVIRONMENT VARIABLES', ...columns(ENVIRONMENT_VARIABLES)],
    ['EXIT CODES', ...columns(EXIT_CODES)],
    ['Run "fairlead <command> --help" for more about a command.'],
  ])
}

/** A noun stands once, with its verbs; every other command by itself. */
function entriesOf(commands: readonly Command[], group: Command['group']): [string, string][] {
  const entries = new Map<string, string>()
  for (const { name, summary } of commands.filter((command) => command.group === group)) {
    const [first = '', verb] = name.split(' ')
    const isVerb = verb !== undefined && !commands.some((command) => command.name === first)
    const known = entries.get(first)
    if (!isVerb) entries.set(name, summary)
    else entries.set(first, known === undefined ? verb : `${known}, ${verb}`)
  }
  return [...entries]
}

function nounHelp(commands: readonly Command[], noun: string): string {
  const verbs = commands.filter((command) => command.name.startsWith(`${noun} `))
  return text([
    ['USAGE', `  fairlead ${noun} <command> [flags]`],
    ['COMMANDS', ...columns(verbs.map((command) => [usageOf(command), command.summary]))],
    [`Run "fairlead ${noun} <command> --help" for more about a command.`],
  ])
}

const usageOf = (command: Command): string => [command.name, ...command.positionals.map(wordUsage)].join(' ')

function wordUsage({ name, optional, many }: Positional): string {
  const words = many ? `${name}...` : name
  return optional ? `[${words}]` : words
}

function commandHelp(commands: readonly Command[], command: Command): string {
  const more = commands.filter(({ name }) => name.startsWith(`${command.name} `))
  const words = command.positionals.map(({ name, help }): [string, string] => [name, help])
  return text([
    [
      `${command.summary}.`,
      ...(command.description ? ['', ...wrapped(command.description, LINE_CHARS)] : []),
    ],
    ['USAGE', `  fairlead ${[usageOf(command), ...requiredFlags(command)].join(' ')} [flags]`],
    ...(words.length > 0 ? [['ARGUMENTS', ...columns(words)]] : []),
    ['FLAGS', ...columns(flagEntries({ ...command.flags, ...COMMON_FLAGS }))],
    ...(more.length > 0
      ? [['MORE COMMANDS', ...columns(more.map((one) => [usageOf(one), one.summary]))]]
      : []),
    ['EXAMPLES', ...command.examples.map((example) => `  $ ${example}`)],
  ])
}

const requiredFlags = (command: Command): string[] =>
  Object.entries(command.flags)
    .filter(([, flag]) => flag.required)
    .map(([name, flag]) => `--${name} ${flag.value}`)

export function flagEntries(flags: Record<string, Flag>): [string, string][] {
  return Object.entries(flags).map(([name, flag]) => {
    const notes = [
      flag.among && `one of ${flag.among.join(', ')}`,
      flag.default && `default ${flag.default}`,
      flag.env && `or ${flag.env}`,
    ].filter((note) => note !== undefined && note !== '')
    const help = notes.length > 0 ? `${flag.help} (${notes.join(', ')})` : flag.help
    return [`--${name}${flag.value ? ` ${flag.value}` : ''}`, help]
  })
}

function columns(entries: readonly (readonly [string, string])[]): string[] {
  const widest = Math.max(...entries.map(([name]) => name.length))
  return entries.flatMap(([name, help]) =>
    wrapped(help, LINE_CHARS - widest - 4).map(
      (line, i) => `  ${(i === 0 ? name : '').padEnd(widest)}  ${line}`,
    ),
  )
}

function wrapped(sentence: string, chars: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of sentence.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > chars) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const text = (blocks: string[][]): string => `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`
