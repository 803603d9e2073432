/** What answers have shown so far: names, ids and digests that later calls may use. */
import { isPick } from './values.ts'

/** Few, so that calls meet: a bundle is known in one service only. */
const KEPT = 6

export class Memory {
  private readonly known = new Map<string, string[]>()
  private readonly secret: ReadonlySet<string>

  constructor(secret: ReadonlySet<string>) {
    this.secret = secret
  }

  learn(operationId: string, body: unknown): void {
    const noun = operationId.split('.', 1)[0] ?? ''
    this.walk(noun, body)
  }

  forget(gone: string): void {
    for (const [kind, list] of this.known)
      this.known.set(
        kind,
        list.filter((text) => text !== gone),
      )
  }

  /** The value with each `Pick` replaced: mostly by something known, else by what it would be otherwise. */
  put(value: unknown, place: { noun: string; parameter: string }): unknown {
    if (isPick(value)) {
      const { noun, parameter } = place
      // Every service has one of that name, at first.
      if (parameter === 'environment' && value.at < 0.7) return 'production'
      // What is to be made mostly gets a name of its own.
      if (parameter === 'name' && value.at < 0.8) return value.otherwise
      const kinds = [`${noun}.${parameter}`, parameter, `${noun}.${value.pick}`, value.pick]
      const known = kinds.map((kind) => this.known.get(kind) ?? []).find((list) => list.length > 0) ?? []
      const at = Math.floor(value.at * 1.1 * known.length)
      return known[at] ?? value.otherwise
    }
    if (Array.isArray(value)) return value.map((item) => this.put(item, place))
    if (!(value instanceof Object)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, this.put(inner, { ...place, parameter: key })]),
    )
  }

  private walk(noun: string, value: unknown): void {
    if (Array.isArray(value)) for (const item of value) this.walk(noun, item)
    else if (value instanceof Object) {
      if ('id' in value && this.secret.has(String(value.id))) return
      for (const [key, inner] of Object.entries(value)) {
        this.walk(key === 'items' ? noun : key, inner)
        if (key === 'url' && typeof inner === 'string' && inner.includes('#'))
          this.keep('code', inner.slice(inner.indexOf('#') + 1))
        if (typeof inner === 'string') for (const kind of kindsOf(noun, key)) this.keep(kind, inner)
      }
    }
  }

  private keep(kind: string, text: string): void {
    const list = this.known.get(kind) ?? []
    if (this.secret.has(text) || list.includes(text)) return
    this.known.set(kind, [...list, text].slice(-KEPT))
  }
}

/** These tell of what was, under names that may be gone. */
const HISTORY = /^(events|operations|deployments|audit)$/

/** The kinds under which a value is known: the parameter that takes it, or the schema it has. */
function kindsOf(noun: string, key: string): string[] {
  if (key === 'id') return [`${noun}.id`, 'id', 'Id']
  if (key === 'name') return [noun.replace(/s$/, ''), 'Name']
  if (key === 'digest' || key === 'bundle') return ['digest', 'Digest']
  return HISTORY.test(noun) && (key === 'service' || key === 'environment') ? [] : [key]
}
