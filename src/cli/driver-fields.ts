/** Settings of drivers on the command line: what may be typed, and what is asked for. */
import { Fault, shown } from '../base/fault.ts'
import type { DnsProviderField, DnsProviderKind } from '../contract/shapes/dns-providers.ts'
import { type Flag, type Run, wrongValue } from './command.ts'
import { nearest } from './parse.ts'

/** Fields of drivers that are secrets; a test holds the list to theirs. */
export const SECRET_FIELDS = ['secret', 'apiKey', 'apiToken'] as const

const flagOf = (field: string): string =>
  `${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-stdin`
export const SECRET_FLAGS: Record<string, Flag> = Object.fromEntries(
  SECRET_FIELDS.map((field) => [
    flagOf(field),
    { help: `Read the field ${field} from standard input, or ask for it on a terminal` },
  ]),
)

type Value = string | number | boolean | string[] | null
export type Config = Record<string, Value>

export const valueText = (value: Value): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value ?? '')

/** What was typed as FIELD=VALUE. Throws `usage`. */
export function typedFields({ args }: Run, { kind, fields }: DnsProviderKind): Config {
  return Object.fromEntries(
    args.wordsFrom(1).map((word) => {
      const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? []
      const field = fields.find((one) => one.name === name)
      if (!field) throw noField(word, kind, fields)
      if (field.secret)
        throw new Fault(
          'usage',
          `${name} is a secret: other people of this machine can read command lines.`,
          {
            hint: `Say --${flagOf(name)} and send it as one line of standard input.`,
          },
        )
      return [name, valueOf(field, value)]
    }),
  )
}

function noField(word: string, kind: string, fields: readonly DnsProviderField[]): Fault {
  const names = fields.map(({ name }) => name)
  const meant = nearest(word.replace(/=.*/s, ''), names)
  return new Fault('usage', `"${shown(word, 60)}" names no field of ${kind}.`, {
    hint: meant ? `Did you mean ${meant}=…?` : `There are: ${names.join(', ')}.`,
  })
}

function valueOf({ name, type, choices }: DnsProviderField, text: string): Value {
  if (text === '') return null
  if (type === 'choice' && !choices.includes(text))
    throw wrongValue(name, text, `is one of ${choices.join(', ')}`)
  if (type === 'list') return text.split(',')
  if (type === 'switch') {
    if (text === 'on' || text === 'off') return text === 'on'
    throw wrongValue(name, text, 'is on or off')
  }
  if (type !== 'number') return text
  if (!/^\d{1,9}$/.test(text)) throw wrongValue(name, text, 'must be a whole number')
  return Number(text)
}

async function secretOf({ context }: Run, { label }: DnsProviderField): Promise<string> {
  const typed = await context.secret(`${label}: `)
  if (typed && typed.text !== '') return typed.text
  throw new Fault('usage', `No ${label.toLowerCase()} came.`, {
    hint: 'Send it as one line of standard input, or run this on a terminal and type it.',
  })
}

/** Secrets that a flag names and, `isNew`, those that the kind can't do without. */
export async function secretsOf(run: Run, { fields }: DnsProviderKind, isNew: boolean): Promise<Config> {
  const secrets: Config = {}
  for (const field of fields)
    if (field.secret && (run.args.has(flagOf(field.name)) || (isNew && field.required)))
      secrets[field.name] = await secretOf(run, field)
  return secrets
}

/** What is missing is asked for, where there is a terminal; else the server says so. */
export async function askedFields(
  { context }: Run,
  { fields }: DnsProviderKind,
  typed: Config,
): Promise<Config> {
  const answers: Config = {}
  for (const field of fields) {
    if (field.secret || !field.required || field.default !== null || field.name in typed) continue
    const answer = await context.ask(`${field.label}${field.help === null ? '' : ` (${field.help})`}: `)
    if (answer !== null) answers[field.name] = valueOf(field, answer.trim())
  }
  return answers
}

export const fieldRow = (field: DnsProviderField): string[] => [
  `  ${field.name}`,
  field.type === 'choice' ? field.choices.join('|') : field.type,
  field.secret ? 'secret' : needText(field),
  field.help ?? field.label,
]

const needText = ({ required, default: usual }: DnsProviderField): string =>
  required ? 'required' : usual === null ? 'optional' : `default ${valueText(usual)}`
