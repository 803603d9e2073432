/** One operation of the OpenAPI document, from its row. */
import type { z } from 'zod'
import type { FaultCode } from '../../base/fault.ts'
import { PROBLEMS } from '../../contract/problem.ts'
import type { Answer, Route, RouteName } from '../../contract/routes.ts'
import { Problem } from '../../contract/shapes.ts'
import { answerExamples, bodyExamples, codeSamples, parameterExample } from './examples.ts'
import type { Json, Schemas } from './schemas.ts'
import { parameterWords, permissionWords } from './words.ts'

/** Problems that follow from the form of a row, besides those that it names. */
export function problemsOf(route: Route): FaultCode[] {
  const codes = new Set<FaultCode>(['invalid', ...route.problems])
  if (route.at !== 'public') codes.add('unauthenticated')
  if (route.body)
    for (const code of ['too_large', 'too_slow', 'unsupported_media_type'] as const) codes.add(code)
  if (route.idempotent) codes.add('conflict')
  return [...codes]
}

export const isPreconditioned = (route: Route): boolean => route.problems.includes('precondition_failed')

export const nounOf = (name: string): string => name.split('.', 1)[0] ?? name

export function operation(name: RouteName, route: Route, schemas: Schemas): Json {
  return {
    operationId: name,
    tags: [nounOf(name)],
    summary: route.summary,
    description: [route.description, permissionWords(route)].filter(Boolean).join('\n\n'),
    'x-permission': route.need,
    ...(route.alsoNeeds && { 'x-permissions-of-some-bodies': route.alsoNeeds }),
    ...(route.at === 'public' && { security: [] }),
    parameters: [
      ...parameters('path', { name, schema: route.params, schemas }),
      ...parameters('query', { name, schema: route.query, schemas }),
      ...headerParameters(route),
    ],
    ...(route.body && { requestBody: requestBody(name, route, schemas) }),
    responses: { ...success(name, route, schemas), ...failures(name, route, schemas) },
    'x-codeSamples': codeSamples(name, route),
  }
}

interface Fields {
  name: RouteName
  schema: z.ZodObject | undefined
  schemas: Schemas
}

function parameters(place: 'path' | 'query', { name: route, schema, schemas }: Fields): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const { description, ...rest } = schemas.inline(field as z.ZodType, 'input') // a shape holds schemas
    const words = description ?? parameterWords(name)
    const example = parameterExample(route, place, name)
    return {
      name,
      in: place,
      required: place === 'path',
      ...(words !== undefined && { description: words }),
      schema: rest,
      ...(example !== undefined && { example: rest['type'] === 'integer' ? Number(example) : example }),
    }
  })
}

const header = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
})

function* headerParameters(route: Route): Generator<Json> {
  if (isPreconditioned(route))
    yield header(
      'If-Match',
      'The ETag that the change was made for; 412 when it is no longer the current one.',
    )
  if (route.method === 'get')
    yield header('If-None-Match', 'The ETag that is known already; 304 when it is still the current one.')
  if (route.answer.kind === 'bytes' && route.answer.ranges)
    yield header('Range', 'Which bytes, such as `bytes=0-1023`; one range.')
  if (route.idempotent)
    yield header(
      'Idempotency-Key',
      'A key of your choice: within 24 hours the same answer, and one effect.',
      { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
    )
  if (route.body && route.body.kind !== 'json')
    yield header('Content-Digest', 'SHA-256 of the body (RFC 9530), as `sha-256=:…:`; checked.')
  if (route.answer.kind === 'json-or-events')
    yield header('Last-Event-ID', 'The id of the last event that came; the stream goes on after it.', {
      type: 'string',
      pattern: '^\\d{1,15}$',
    })
}

function requestBody(name: RouteName, route: Route, schemas: Schemas): Json {
  const { body } = route
  const archive = {
    'application/octet-stream': {
      schema: { description: 'The archive itself: ZIP, tar, tar.gz or tar.zst. Any type but JSON will do.' },
    },
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
      ? { 'application/json': { schema: schemas.inline(body.schema, 'input'), ...bodyExamples(name) } }
      : {}
  return { required: true, content: body?.kind === 'json' ? json : { ...archive, ...json } }
}

const HEADERS = {
  etag: { ETag: { description: 'For `If-Match` and `If-None-Match`.', schema: { type: 'string' } } },
  location: { Location: { description: 'Where it stands.', schema: { type: 'string' } } },
}

function success(name: RouteName, route: Route, schemas: Schemas): Json {
  const { answer } = route
  const same = { 304: { description: 'What `If-None-Match` names is still the current one.' } }
  if (answer.kind === 'bytes') return { ...bytes(name, answer), ...same }
  const schema = schemas.inline(answer.schema, 'output')
  const one = (status: number, description: string, headers: Json = {}): Json => ({
    [status]: {
      description,
      headers: { ...HEADERS.etag, ...headers },
      content: {
        'application/json': { schema, ...answerExamples(name, status, 'application/json') },
        ...(answer.kind === 'json-or-events' && {
          'text/event-stream': {
            schema: { type: 'string', description: 'One event a row, with its number as id.' },
            ...answerExamples(name, status, 'text/event-stream'),
          },
        }),
      },
    },
  })
  if (answer.kind === 'json-or-redirect')
    return {
      ...one(200, 'For `Accept: application/json`: where to go on.'),
      303: { description: 'Go on there.', headers: HEADERS.location },
    }
  const created = route.status === 201 ? HEADERS.location : {}
  if (route.status !== 202)
    return { ...one(route.status, 'Done.', created), ...(route.method === 'get' && same) }
  const waits = route.query?.shape['wait'] !== undefined
  const done = route.method === 'post' ? 201 : 200
  return {
    ...(waits && one(done, 'With ?wait=true: it has succeeded.', HEADERS.location)),
    ...one(202, 'Accepted; it goes on by itself.', HEADERS.location),
  }
}

function bytes(name: RouteName, { types, ranges }: Extract<Answer, { kind: 'bytes' }>): Json {
  const content = Object.fromEntries(
    types.map((type) => [type, { schema: {}, ...answerExamples(name, 200, type) }]),
  )
  return {
    200: { description: 'The bytes.', headers: HEADERS.etag, content },
    ...(ranges && { 206: { description: 'The bytes that `Range` names.', headers: HEADERS.etag, content } }),
  }
}

function failures(name: RouteName, route: Route, schemas: Schemas): Json {
  const codes = problemsOf(route)
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b)
  const schema = schemas.inline(Problem, 'output')
  return Object.fromEntries(
    statuses.map((status) => {
      const these = codes.filter((code) => PROBLEMS[code].status === status)
      const titles = these.map((code) => `${PROBLEMS[code].title} (\`${code}\`)`)
      const type = 'application/problem+json'
      const content = { [type]: { schema, ...answerExamples(name, status, type) } }
      return [status, { description: `${titles.join('; ')}.`, 'x-problem-codes': these, content }]
    }),
  )
}
