/** Settings of the instance by their dotted names, as people write and read them. */
import { z } from 'zod'
import { Fault, shown } from '../base/fault.ts'
import { Settings, type SettingsPatch } from '../contract/shapes/settings.ts'
import { directoryOf } from '../domain/authorities.ts'
import { wrongValue } from './command.ts'
import { nearest } from './parse.ts'
import { hstsOf, hstsText } from './url-https.ts'

type Value =
  | string
  | number
  | boolean
  | null
  | string[]
  | Settings['gateway']['nginx']['listen']
  | Exclude<Settings['https']['hsts'], null>

/** Every setting by its dotted name. */
export function valuesOf({ gateway, dns, https, certificates, drift }: Settings): Map<string, Value> {
  const named = (start: string, group: object): [string, Value][] =>
    Object.entries(group).map(([name, value]) => [`${start}.${name}`, value as Value]) // what the shape has
  return new Map([
    ['gateway.kind', gateway.kind],
    ...named('gateway.nginx', gateway.nginx),
    ...named('dns', dns),
    ...named('drift', drift),
    ...named('https', https),
    ...named('certificates', certificates),
  ])
}

const NONE = 'none'

export function valueText(value: Value): string {
  if (value === null) return NONE
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value !== 'object') return String(value)
  if (!Array.isArray(value)) return hstsText(value)
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
export function valueOfWords(key: string, words: readonly string[]): Value {
  const { schema, isNullable } = schemaOf(key)
  const isNothing = words.length === 1 && words[0] === NONE
  if (isNothing && isNullable) return null
  if (schema instanceof z.ZodArray) {
    if (schema.element instanceof z.ZodObject) return words.map((word) => listenOf(key, word))
    return isNothing ? [] : [...words]
  }
  const [word = '', extra] = words
  if (extra !== undefined) throw wrongValue(key, words.join(' '), 'is one value')
  if (key === 'https.hsts') return hstsOf(word)
  if (key === 'certificates.directoryUrl') return directoryOf(word)
  if (schema instanceof z.ZodBoolean) return switchOf(key, word)
  if (!(schema instanceof z.ZodNumber)) return word
  if (!/^\d{1,9}$/.test(word)) throw wrongValue(key, word, 'must be a whole number')
  return Number(word)
}

function switchOf(key: string, word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on'
  throw wrongValue(key, word, 'is on or off')
}

function listenOf(key: string, word: string): { address: string | null; port: number } {
  const [, bracketed, plain, port] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([\d.]+)):)?(\d{1,5})$/.exec(word) ?? []
  if (port === undefined) throw wrongValue(key, word, 'is PORT, ADDRESS:PORT or [ADDRESS]:PORT')
  return { address: bracketed ?? plain ?? null, port: Number(port) }
}

/** `{gateway: {nginx: {enabled: …}}}` of `gateway.nginx.enabled`. */
export const patchOf = (key: string, value: Value): SettingsPatch =>
  key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as SettingsPatch // the server judges it

/** Throws `usage`, naming what was probably meant. */
export function known(values: ReadonlyMap<string, Value>, key: string): Value {
  const value = values.get(key)
  if (value !== undefined) return value
  const meant = nearest(key, [...values.keys()])
  throw new Fault('usage', `There is no setting "${shown(key, 60)}".`, {
    hint: meant ? `Did you mean ${meant}?` : 'Run "fairlead setting list" to see them.',
  })
}
