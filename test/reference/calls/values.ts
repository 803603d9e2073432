/** Values made up from JSON Schemas: such as fit, and such as nearly do. */
import * as fc from 'fast-check'

export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  propertyNames?: Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  contentEncoding?: string
  minimum?: number
  maximum?: number
}

type Components = Record<string, Schema>
type Arbitrary = fc.Arbitrary<unknown>

/** Stands for a value that answers have shown, of a component such as `Id`: the caller puts one in, if there is any. */
export interface Pick {
  pick: string
  /** Which one, from 0 to 1. */
  at: number
  otherwise: unknown
}
export const isPick = (value: unknown): value is Pick =>
  typeof value === 'object' && value !== null && 'pick' in value && 'otherwise' in value

/** What an attacker or a mistake sends in the place of anything. */
export const junk: Arbitrary = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, 2 ** 53, 0.5, '', ' ', '\u0000', '\ud800', '../..'),
  fc.constantFrom<unknown>([], {}, [[]], { a: { b: {} } }, "' OR 1=1 --", '<img src=x onerror=alert(1)>'),
  fc.constant('x'.repeat(100_000)),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.jsonValue({ maxDepth: 2 }),
)

/** From 0 to 1, evenly: doubles as such crowd at 0. */
export const unit = fc.integer({ min: 0, max: 999_999 }).map((number) => number / 1_000_000)

const word = fc.stringMatching(/^[a-z]{1,6}$/)
const role: Arbitrary = fc.constantFrom('owner', 'admin', 'deployer', 'viewer')

const known = (pick: string, otherwise: unknown): Arbitrary =>
  unit.map((at): Pick => ({ pick, at, otherwise }))

/** Fields for which a schema does not say all that it takes to be right. */
const FIELDS: Record<string, Arbitrary> = {
  login: fc.oneof(
    word.map((text) => `${text}@example.com`),
    word,
    known('login', 'ann'),
  ),
  code: known('code', 'none'),
  password: fc.constantFrom('seven boats at anchor', 'eight boats at sea', 'password1'),
  new: fc.constantFrom('seven boats at anchor', 'eight boats at sea', 'short'),
  role,
  addresses: fc.constantFrom<unknown>(
    null,
    ['127.0.0.0/8'],
    ['192.0.2.0/24', '2001:db8::/32'],
    ['127.0.0.1'],
  ),
  hostname: fc.oneof(
    word.map((text) => `${text}.example.com`),
    fc.constantFrom('*.example.com', 'Grün.example.com.', '127.0.0.1', 'a_b.example.com', 'x.localhost'),
    known('hostname', 'docs.example.com'),
  ),
  dns: fc.constantFrom<unknown>('auto', 'manual', 'none', { addresses: ['203.0.113.5'] }),
  redirectTo: fc.constantFrom('https://example.com', 'example.org', 'http://h$uri', 'javascript:x'),
  expiresAt: fc.constantFrom<unknown>(null, '2099-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'),
}

/** Fields that have these values alone: with others a call would reach for the NGINX of the machine that tests run on. */
const ONLY: Record<string, Arbitrary> = {
  gateway: fc.constantFrom<unknown>(
    {},
    { kind: 'builtin' },
    { kind: 'builtin', nginx: { enabled: '/nowhere/sites-enabled', logFolder: null } },
    { nginx: { reload: ['/nowhere/nginx', '-s', 'reload'], listen: [{ address: '127.0.0.1', port: 8080 }] } },
    { kind: 'apache' },
  ),
}

export class Values {
  private readonly components: Components
  private readonly made = new Map<string, Arbitrary>()

  constructor(components: Components) {
    this.components = components
  }

  /** Values of the schema; with `Pick`s in the places of names, ids and digests. */
  of(schema: Schema): Arbitrary {
    if (schema.$ref !== undefined) return this.component(schema.$ref.slice('#/components/schemas/'.length))
    if (schema.const !== undefined) return fc.constant(schema.const)
    if (schema.enum) return fc.constantFrom(...schema.enum)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices) return fc.oneof(...choices.map((choice) => this.of(choice)))
    if (schema.allOf) {
      const merged = Object.assign({}, ...schema.allOf.map((part) => this.plain(part))) as Schema
      return this.of(merged)
    }
    const types = [schema.type ?? 'string'].flat()
    return fc.oneof(...types.map((type) => this.ofType(type, schema)))
  }

  /** Values that nearly fit: one of them with a part that does not. */
  nearly(schema: Schema): Arbitrary {
    const spoiled = fc
      .tuple(this.of(schema), junk, fc.nat(), fc.constantFrom('put', 'drop', 'add', 'whole'))
      .map(([value, bad, at, way]) => spoil(value, { bad, at, way }))
    return fc.oneof({ weight: 1, arbitrary: spoiled }, { weight: 3, arbitrary: this.of(schema) })
  }

  private plain(schema: Schema): Schema {
    return schema.$ref === undefined
      ? schema
      : (this.components[schema.$ref.slice('#/components/schemas/'.length)] ?? {})
  }

  private component(name: string): Arbitrary {
    let made = this.made.get(name)
    if (!made) {
      const schema = this.components[name]
      if (!schema) throw new Error(`there is no schema ${name}`)
      const own = this.of(schema)
      const isText = schema.type === 'string' && schema.enum === undefined
      made = isText
        ? fc.tuple(own, unit).map(([otherwise, at]): Pick => ({ pick: name, at, otherwise }))
        : own
      this.made.set(name, made)
    }
    return made
  }

  private ofType(type: string, schema: Schema): Arbitrary {
    switch (type) {
      case 'string':
        return text(schema)
      case 'integer':
        return fc.integer({
          min: Math.max(schema.minimum ?? 0, -(2 ** 31)),
          max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1),
        })
      case 'number':
        return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true })
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'array':
        return fc.array(this.of(schema.items ?? {}), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? 4, 4),
        })
      case 'object':
        return this.object(schema)
      default:
        throw new Error(`there are no values of the type ${type}`)
    }
  }

  private object({ properties = {}, required = [], additionalProperties, propertyNames }: Schema): Arbitrary {
    const fields = fc.record(
      Object.fromEntries(
        Object.entries(properties).map(([name, schema]) => {
          const only = ONLY[name]
          if (only) return [name, only]
          const own = name === 'name' && schema.$ref === undefined ? word : FIELDS[name]
          const fits = this.of(schema)
          return [name, own ? fc.oneof({ weight: 4, arbitrary: own }, { weight: 1, arbitrary: fits }) : fits]
        }),
      ),
      { requiredKeys: required },
    )
    if (typeof additionalProperties !== 'object') return fields
    const names = propertyNames ? text(propertyNames) : fc.string({ maxLength: 8 })
    const more = fc.dictionary(names, this.of(additionalProperties), { maxKeys: 3 })
    return fc.tuple(fields, more).map(([known, others]) => ({ ...others, ...known }))
  }
}

function text({
  pattern,
  format,
  contentEncoding,
  minLength = 0,
  maxLength = 40,
}: Schema): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc
      .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString())
  if (contentEncoding === 'base64' || format === 'base64')
    return fc.base64String({ minLength, maxLength: 64 })
  if (format === 'email') return fc.emailAddress()
  if (format === 'uri') return fc.webUrl()
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)), unit: 'grapheme' })
}

interface Spoiling {
  bad: unknown
  at: number
  way: string
}

function spoil(value: unknown, { bad, at, way }: Spoiling): unknown {
  if (way === 'whole' || !isPlain(value) || isPick(value)) return bad
  const keys = Object.keys(value)
  const key = keys[at % Math.max(keys.length, 1)] ?? 'field'
  if (way === 'add') return { ...value, [STRAYS[at % STRAYS.length] ?? '']: bad }
  const { [key]: _, ...rest } = value
  return way === 'drop' ? rest : { ...rest, [key]: bad }
}

const STRAYS = ['isAdmin', 'id', 'constructor', '__proto__']

const isPlain = (value: unknown): value is Record<string, unknown> =>
  value instanceof Object && !Array.isArray(value)
