/** Writes docs/drivers.md from the lists of drivers. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DNS_DRIVERS, GATEWAY_DRIVERS } from '../src/drivers/index.ts'
import { type DriverField, driverFields } from '../src/ports/driver.ts'

type Listed = Parameters<typeof driverFields>[0] & { kind: string; label: string }

export function driverPage(): string {
  return [
    '# Gateways and DNS providers',
    '',
    '<!-- Made from src/drivers/index.ts by `bun scripts/driver-reference.ts`; a test holds it to the lists. -->',
    '',
    'What each kind can be told. [The guide for URLs](guides/urls.md) shows how.',
    '',
    '## Gateways',
    '',
    'Which one URLs use is the setting `gateway.kind`; the fields of `nginx` are settings by the names `gateway.nginx.…`.',
    '',
    ...GATEWAY_DRIVERS.flatMap(section),
    '## DNS providers',
    '',
    'Fields of `fairlead dns-provider create KIND FIELD=VALUE…` and of `config` in the API. Secrets come from standard input or a',
    'prompt on the command line; they are sealed, and never told again.',
    '',
    ...DNS_DRIVERS.flatMap(section),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function section({ kind, label, config }: Listed): string[] {
  const fields = driverFields({ config })
  const rows = fields.map(
    (field) => `| \`${field.name}\` | ${typeText(field)} | ${needText(field)} | ${meaning(field)} |`,
  )
  const table = ['| field | type | need or default | meaning |', '| --- | --- | --- | --- |', ...rows]
  return [
    `### ${label}: \`${kind}\``,
    '',
    ...(rows.length > 0 ? table : ['It needs to be told nothing.']),
    '',
  ]
}

const typeText = ({ type, choices }: DriverField): string =>
  choices ? choices.map((choice) => `\`${choice}\``).join(' ') : type

function needText({ secret, required, default: usual }: DriverField): string {
  if (secret) return 'secret'
  if (required) return 'required'
  return usual === undefined || typeof usual === 'object' ? '' : `\`${String(usual)}\``
}

const meaning = ({ label, help, example }: DriverField): string =>
  [`${label}.`, help, example && `Such as \`${example}\`.`].filter(Boolean).join(' ').replaceAll('|', '\\|')

if (import.meta.main) writeFileSync(join(import.meta.dirname, '../docs/drivers.md'), driverPage())
