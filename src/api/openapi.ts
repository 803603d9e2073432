/** The OpenAPI 3.1 document, from the same table and the same schemas that judge each request. */
import { z } from 'zod'
import type { FaultCode } from '../base/fault.ts'
import { PROBLEMS } from '../contract/problem.ts'
import { ROUTES, type Route } from '../contract/routes.ts'
import { Problem } from '../contract/shapes.ts'

type Json = Record<string, unknown>

export const API_ROOT = '/api/v1'

/** Problems that follow from the form of a row, besides those that it names. */
export function problemsOf(route: Route): FaultCode[] {
  const codes = new Set<FaultCode>(['invalid', ...route.problems])
  if (route.body)
    for (const code of ['too_large', 'too_slow', 'unsupported_media_type'] as const) codes.add(code)
  if (route.idempotent) codes.add('conflict')
  return [...codes]
}

export const isPreconditioned = (route: Route): boolean => route.problems.includes('precondition_failed')

export function openApi(version: string): Json {
  const schemas = new Schemas()
  const paths: Record<string, Json> = {}
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = `${API_ROOT}${route.path}`
    paths[path] = { ...paths[path], [route.method]: operation(name, route, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fairlead',
      version,
      summary: 'Services, environments, deployments.',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.keys(ROUTES).map(nounOf))].map((name) => ({ name })),
    paths,
    components: { schemas: schemas.components },
  }
}

const DESCRIPTION = `Lists answer \`{items, next}\`; send \`next\` as \`?cursor=\` for the page after. Everything has an
\`ETag\`: send it as \`If-Match\` with a change and nothing that somebody else changed meanwhile is overwritten (412).
What goes wrong is a problem document (RFC 9457) with \`code\`, \`detail\`, \`hint\` and \`errors\`. Unknown fields are refused.`

const nounOf = (name: string): string => name.split('.', 1)[0] ?? name

function operation(name: string, route: Route, schemas: Schemas): Json {
  return {
    operationId: name,
    tags: [nounOf(name)],
    summary: route.summary,
    'x-permission': route.need,
    ...(route.alsoNeeds && { 'x-permissions-of-some-bodies': route.alsoNeeds }),
    parameters: [
      ...parameters('path', route.params, schemas),
      ...parameters('query', route.query, schemas),
      ...headerParameters(route),
    ],
    ...(route.body && { requestBody: requestBody(route, schemas) }),
    responses: { ...success(route, schemas), ...failures(route, schemas) },
  }
}

function parameters(place: 'path' | 'query', schema: z.ZodObject | undefined, schemas: Schemas): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...rest } = schemas.inline(field as z.ZodType, 'input') // a shape holds schemas
    return {
      name,
      in: place,
      required: place === 'path',
      ...(description !== undefined && { description }),
      schema: rest,
    }
  })
}

function headerParameters(route: Route): Json[] {
  const header = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
    name,
    in: 'header',
    required: false,
    description,
    schema,
  })
  const carriesArchive = route.body !== undefined && route.body.kind !== 'json'
  return [
    ...(isPreconditioned(route)
      ? [
          header(
            'If-Match',
            'The ETag that the change was made for; 412 when it is no longer the current one.',
          ),
        ]
      : []),
    ...(route.method === 'get'
      ? [header('If-None-Match', 'The ETag that is known already; 304 when it is still the current one.')]
      : []),
    ...(route.idempotent
      ? [
          header(
            'Idempotency-Key',
            'A key of your choice: within 24 hours the same answer, and one effect.',
            {
              type: 'string',
              pattern: '^[\\x21-\\x7e]{1,200}$',
            },
          ),
        ]
      : []),
    ...(carriesArchive ? [header('Content-Digest', 'SHA-256 of the body (RFC 9530); checked.')] : []),
    ...(route.answer.kind === 'json-or-events'
      ? [header('Last-Event-ID', 'The id of the last event that came; the stream goes on after it.')]
      : []),
  ]
}

function requestBody(route: Route, schemas: Schemas): Json {
  const { body } = route
  const archive = {
    'application/octet-stream': { schema: {} },
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['archive'],
        properties: { archive: { type: 'string', contentMediaType: 'application/octet-stream' } },
      },
    },
  }
  const json =
    body && body.kind !== 'archive'
      ? { 'application/json': { schema: schemas.inline(body.schema, 'input') } }
      : {}
  return { required: true, content: body?.kind === 'json' ? json : { ...archive, ...json } }
}

function success(route: Route, schemas: Schemas): Json {
  const { answer } = route
  if (answer.kind === 'bytes')
    return { 200: { description: 'The bytes.', content: { 'application/octet-stream': { schema: {} } } } }
  const content: Json = { 'application/json': { schema: schemas.inline(answer.schema, 'output') } }
  if (answer.kind === 'json-or-events')
    content['text/event-stream'] = {
      schema: { type: 'string', description: 'One event a row, with its number as id.' },
    }
  const headers = { ETag: { schema: { type: 'string' } } }
  const one = (description: string, more: Json = {}): Json => ({
    description,
    headers: { ...headers, ...more },
    content,
  })
  const location = { Location: { schema: { type: 'string' } } }
  const waits = route.query?.shape['wait'] !== undefined
  if (route.status !== 202) return { [route.status]: one('Done.', route.status === 201 ? location : {}) }
  const done = route.method === 'delete' ? 200 : 201
  return {
    202: one('Accepted; it goes on by itself.', location),
    ...(waits && { [done]: one('With ?wait=true: it has succeeded.', location) }),
  }
}

function failures(route: Route, schemas: Schemas): Json {
  const codes = problemsOf(route)
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b)
  const content = { 'application/problem+json': { schema: schemas.inline(Problem, 'output') } }
  return Object.fromEntries(
    statuses.map((status) => {
      const these = codes.filter((code) => PROBLEMS[code].status === status)
      const titles = these.map((code) => `${PROBLEMS[code].title} (\`${code}\`)`)
      return [status, { description: `${titles.join('; ')}.`, content }]
    }),
  )
}

/** JSON Schemas of zod's; those with an id become components, each once. */
class Schemas {
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
