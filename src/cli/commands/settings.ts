import { z } from 'zod'
import { Fault, shown } from '../../base/fault.ts'
import { Settings, type SettingsPatch } from '../../contract/shapes/settings.ts'
import { type Command, wrongValue } from '../command.ts'
import { nearest } from '../parse.ts'
import { Server } from '../server.ts'

const KEY = { name: 'KEY', help: 'Which one, as "setting list" names it: gateway.kind, dns.addresses, …' }

type Value = string | number | null | string[] | Settings['gateway']['nginx']['listen']

/** Every setting by its dotted name. */
function valuesOf({ gateway, dns }: Settings): Map<string, Value> {
  const named = (start: string, group: object): [string, Value][] =>
    Object.entries(group).map(([name, value]) => [`${start}.${name}`, value as Value]) // what the shape has
  return new Map([
    ['gateway.kind', gateway.kind],
    ...named('gateway.nginx', gateway.nginx),
    ...named('dns', dns),
  ])
}

const NONE = 'none'

function valueText(value: Value): string {
  if (value === null) return NONE
  if (!Array.isArray(value)) return String(value)
  return value.map((one) => (typeof one === 'string' ? one : listenText(one))).join(' ') || NONE
}

const listenText = ({ address, port }: { address: string | null; port: number }): string =>
  address === null ? String(port) : `${address.includes(':') ? `[${address}]` : address}:${port}`

/** What the contract says of a setting. */
function schemaOf(key: string): { schema: unknown; isNullable: boolean } {
  const schema = key
    .split('.')
    .reduce<unknown>((outer, name) => (outer instanceof z.ZodObject ? outer.shape[name] : null), Settings)
  return schema instanceof z.ZodNullable
    ? { schema: schema.unwrap(), isNullable: true }
    : { schema, isNullable: false }
}

/** The value that these words mean; the server judges it. */
function valueOfWords(key: string, words: readonly string[]): Value {
  const { schema, isNullable } = schemaOf(key)
  const isNothing = words.length === 1 && words[0] === NONE
  if (isNothing && isNullable) return null
  if (schema instanceof z.ZodArray) {
    if (schema.element instanceof z.ZodObject) return words.map((word) => listenOf(key, word))
    return isNothing ? [] : [...words]
  }
  const [word = '', extra] = words
  if (extra !== undefined) throw wrongValue(key, words.join(' '), 'is one value')
  if (!(schema instanceof z.ZodNumber)) return word
  if (!/^\d{1,9}$/.test(word)) throw wrongValue(key, word, 'must be a whole number')
  return Number(word)
}

function listenOf(key: string, word: string): { address: string | null; port: number } {
  const [, bracketed, plain, port] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([\d.]+)):)?(\d{1,5})$/.exec(word) ?? []
  if (port === undefined) throw wrongValue(key, word, 'is PORT, ADDRESS:PORT or [ADDRESS]:PORT')
  return { address: bracketed ?? plain ?? null, port: Number(port) }
}

/** `{gateway: {nginx: {enabled: …}}}` of `gateway.nginx.enabled`. */
const patchOf = (key: string, value: Value): SettingsPatch =>
  key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as SettingsPatch // the server judges it

/** Throws `usage`, naming what was probably meant. */
function known(values: ReadonlyMap<string, Value>, key: string): Value {
  const value = values.get(key)
  if (value !== undefined) return value
  const meant = nearest(key, [...values.keys()])
  throw new Fault('usage', `There is no setting "${shown(key, 60)}".`, {
    hint: meant ? `Did you mean ${meant}?` : 'Run "fairlead setting list" to see them.',
  })
}

export const SETTING_COMMANDS: Command[] = [
  {
    name: 'setting list',
    group: 'Server',
    summary: 'List the settings of the instance: the gateway of URLs, and what their DNS records say',
    positionals: [],
    flags: {},
    examples: ['fairlead setting list'],
    async run({ context, output }) {
      const { value } = await new Server(context).client.call('settings.show', {})
      output.facts(
        value,
        [...valuesOf(value)].map(([key, one]): [string, string] => [key, valueText(one)]),
      )
      return 0
    },
  },
  {
    name: 'setting show',
    group: 'Server',
    summary: 'Show one setting',
    positionals: [KEY],
    flags: {},
    examples: ['fairlead setting show gateway.kind'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('settings.show', {})
      const one = known(valuesOf(value), args.word(0))
      output.result(one, () => [valueText(one)])
      return 0
    },
  },
  {
    name: 'setting set',
    group: 'Server',
    summary: 'Change one setting',
    description:
      'Several words are a list, "none" is nothing. Words that begin with "-" come after "--". Which gateway URLs use, and where it keeps and serves them, stays as it is while URLs are attached.',
    positionals: [KEY, { name: 'VALUE', help: 'What it is from now on', many: true }],
    flags: {},
    examples: [
      'fairlead setting set gateway.kind nginx',
      'fairlead setting set gateway.nginx.enabled /etc/nginx/sites-enabled',
      'fairlead setting set gateway.nginx.reload -- sudo -n /usr/sbin/nginx -s reload',
      'fairlead setting set dns.addresses 203.0.113.5 2001:db8::5',
    ],
    async run({ context, args, output }) {
      const { client } = new Server(context)
      const before = await client.call('settings.show', {})
      const key = args.word(0)
      known(valuesOf(before.value), key)
      const wanted = valueOfWords(key, args.wordsFrom(1))
      const { value } = await client.call('settings.update', {
        json: patchOf(key, wanted),
        ...(before.etag !== null && { headers: { 'if-match': before.etag } }),
      })
      output.facts(value, [[key, valueText(known(valuesOf(value), key))]])
      if (key.startsWith('gateway.')) output.say('Ask the gateway with: fairlead setting test')
      return 0
    },
  },
  {
    name: 'setting test',
    group: 'Server',
    summary: 'Say what the gateway lacks for URLs, each with its remedy',
    positionals: [],
    flags: {},
    examples: ['fairlead setting test'],
    async run({ context, output }) {
      const { value } = await new Server(context).client.call('settings.test-gateway', {})
      const { findings } = value
      output.result(value, () =>
        findings.flatMap(({ level, message, remedy }) => [`${level}: ${message}`, `  ${remedy}`]),
      )
      const problems = findings.filter(({ level }) => level === 'problem')
      if (problems.length === 0) output.say('✓ URLs can be attached', 'green')
      return problems.length === 0 ? 0 : 1
    },
  },
]
