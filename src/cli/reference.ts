import { COMMON_FLAGS, type Command, GROUPS } from './command.ts'
import { ENVIRONMENT_VARIABLES, EXIT_CODES, flagEntries, helpText } from './help.ts'

/** docs/cli.md, made from the table of commands. */
export function referencePage(commands: readonly Command[]): string {
  return [
    '# Command line',
    '',
    '<!-- Made from src/cli/commands.ts by `bun scripts/cli-reference.ts`; a test holds it to the table. -->',
    '',
    'One executable is the server and its client. Client commands talk to the server at `FAIRLEAD_SERVER`.',
    'Results go to stdout, progress and prose to stderr; `--json` prints the result as JSON.',
    '',
    ...table(['variable', 'meaning'], ENVIRONMENT_VARIABLES.map(code)),
    ...table(['exit code', 'meaning'], EXIT_CODES.map(code)),
    ...table(['flag of every command', 'meaning'], flagEntries(COMMON_FLAGS).map(code)),
    ...GROUPS.flatMap((group) => [
      `## ${group}`,
      '',
      ...commands.filter((command) => command.group === group).flatMap(section),
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function section(command: Command): string[] {
  const [, usage = ''] = /USAGE\n {2}(.*)/.exec(helpText([command], command.name)) ?? []
  const words = command.positionals.map(({ name, help }): [string, string] => [name, help])
  const flags = flagEntries(command.flags)
  return [
    `### fairlead ${command.name}`,
    '',
    `${command.summary}.${command.description ? ` ${command.description}` : ''}`,
    '',
    '```sh',
    usage,
    '```',
    '',
    ...(words.length + flags.length > 0
      ? table(['argument', 'meaning'], [...words, ...flags].map(code))
      : []),
    '```sh',
    ...command.examples,
    '```',
    '',
  ]
}

const code = ([name, help]: readonly [string, string]): [string, string] => [`\`${name}\``, help]

const table = (titles: [string, string], rows: [string, string][]): string[] => [
  `| ${titles.join(' | ')} |`,
  '| --- | --- |',
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
]
