import { z } from 'zod'

export type Json = Record<string, unknown>

/** JSON Schemas of zod's; those with an id become components, each once. */
export class Schemas {
  readonly components: Record<string, Json> = {}

  inline(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _, $defs, ...root } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as Json // is JSON
    for (const [id, definition] of Object.entries($defs ?? {}))
      this.components[id] ??= refs(definition) as Json // ditto
    const id = schema.meta()?.id
    if (id === undefined) return refs(root) as Json // an object goes in, an object comes out
    this.components[id] ??= refs(root) as Json // ditto
    return { $ref: `#/components/schemas/${id}` }
  }
}

function refs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refs)
  if (!(value instanceof Object)) return value
  return Object.fromEntries(
    Object.entries(value)
      // Of a schema it is the name of the component; a property called `id` is an object.
      .filter(([key, inner]) => key !== 'id' || typeof inner !== 'string')
      .map(([key, inner]) => [
        key,
        key === '$ref' && typeof inner === 'string'
          ? inner.replace('#/$defs/', '#/components/schemas/')
          : refs(inner),
      ]),
  )
}
