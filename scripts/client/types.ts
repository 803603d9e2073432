/** TypeScript from the schemas and operations of the OpenAPI document. */

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
  items?: Schema
  description?: string
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: Schema
}
export interface Operation {
  operationId: string
  summary: string
  description?: string
  parameters: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { 'x-problem-codes'?: string[]; content?: Record<string, { schema: Schema }> }>
}
export interface Document {
  info: { version: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

const HEAD = '// Made by `npm run client` from the OpenAPI document: change the contract, not this.\n'

/** `#/components/schemas/Deployment` → `Deployment`. */
const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1)

export const camelCase = (word: string): string =>
  word.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
const capital = (word: string): string => camelCase(`-${word}`)

export function typeOf(schema: Schema, prefix = ''): string {
  if (schema.$ref !== undefined) return `${prefix}${nameOf(schema.$ref)}`
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map((choice) => typeOf(choice, prefix)).join(' | ')
  if (schema.allOf) return schema.allOf.map((part) => `(${typeOf(part, prefix)})`).join(' & ')
  if (Array.isArray(schema.type))
    return schema.type.map((type) => typeOf({ ...schema, type }, prefix)).join(' | ')
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      return `(${typeOf(schema.items ?? {}, prefix)})[]`
    case 'object':
      return objectType(schema, prefix)
    default:
      return 'unknown'
  }
}

function objectType({ properties, required = [], additionalProperties }: Schema, prefix: string): string {
  if (!properties || Object.keys(properties).length === 0) {
    const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties, prefix) : 'unknown'
    return `Record<string, ${values}>`
  }
  const fields = Object.entries(properties).map(
    ([name, schema]) =>
      `${comment(schema.description)}${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema, prefix)}\n`,
  )
  return `{\n${fields.join('')}}`
}

const comment = (text: string | undefined): string =>
  text === undefined ? '' : `/** ${text.replaceAll('*/', '* /')} */\n`

/** Every component of the document by its name, and the closed list of problem codes. */
export function typesText({ components }: Document, codes: readonly string[]): string {
  const types = Object.entries(components.schemas).map(([name, schema]) => {
    const text = typeOf(name === 'Problem' ? problemSchema(schema) : schema)
    return `${comment(schema.description)}export type ${name} = ${text}\n`
  })
  const all = codes.map((code) => JSON.stringify(code)).join(' | ')
  return [HEAD, ...types, `export type ProblemCode = ${all}\n`].join('\n')
}

/** The code is one of a closed list; what comes beside the known members is for whoever knows it. */
const problemSchema = (schema: Schema): Schema => ({
  ...schema,
  properties: { ...schema.properties, code: { $ref: '#/ProblemCode' } },
})

interface Named {
  path: string
  method: string
  operation: Operation
}

const operationsOf = ({ paths }: Document): Named[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

/** What the client needs to know of each operation while it runs. */
export function routesText(document: Document): string {
  const rows = operationsOf(document).map(({ path, method, operation }) => {
    const row = {
      method: method.toUpperCase(),
      path: path.slice('/api/v1'.length),
      answer: answerOf(operation).kind,
    }
    return `${JSON.stringify(operation.operationId)}: ${JSON.stringify(row)},\n`
  })
  const names = operationsOf(document).map(({ operation }) => JSON.stringify(operation.operationId))
  return `${HEAD}
export type RouteName = ${names.join(' | ')}

export interface Route {
  method: string
  path: string
  answer: 'json' | 'page' | 'log' | 'bytes' | 'none'
}

export const ROUTES: Record<RouteName, Route> = {
${rows.join('')}}
`
}

/** An interface a noun, a member an operation, and the problems of each. */
export function operationsText(document: Document): string {
  const all = operationsOf(document)
  const nouns = document.tags.map(({ name, description }) => {
    const own = all.filter(({ operation }) => operation.operationId.startsWith(`${name}.`))
    return `${comment(description)}export interface ${callsOf(name)} {\n${own.map(({ operation }) => member(operation)).join('')}}\n`
  })
  const members = document.tags.map(({ name }) => `${camelCase(name)}: ${callsOf(name)}\n`)
  const problems = all.map(
    ({ operation }) => `${JSON.stringify(operation.operationId)}: ${problemCodes(operation)}\n`,
  )
  return [
    HEAD,
    `import type { List, Log, Method } from '../method.ts'
import type { Archive } from '../transport.ts'
import type * as t from './types.ts'
`,
    ...nouns,
    `export interface Fairlead {\n${members.join('')}}\n`,
    `/** Which codes a problem of each operation may have. */\nexport interface Problems {\n${problems.join('')}}\n`,
  ].join('\n')
}

/** What is done with a noun; the noun alone is a thing that the server answers. */
const callsOf = (noun: string): string => `${capital(noun)}Calls`

function member(operation: Operation): string {
  const verb = camelCase(operation.operationId.slice(operation.operationId.indexOf('.') + 1))
  const { kind, type } = answerOf(operation)
  const form = { json: 'Method', bytes: 'Method', none: 'Method', page: 'List', log: 'Log' }[kind]
  return `${comment(`${operation.summary}. ${operation.description ?? ''}`.trim())}${JSON.stringify(verb)}: ${form}<${callType(operation)}, ${type}>\n`
}

function callType({ parameters, requestBody }: Operation): string {
  const group = (place: Parameter['in']) => parameters.filter((field) => field.in === place)
  const fields = (list: Parameter[]) =>
    list.map(({ name, required, schema }) => `${name}${required ? '' : '?'}: ${queryType(schema)}`).join('; ')
  const [path, query] = [group('path'), group('query')]
  const content = requestBody?.content ?? {}
  const json = content['application/json']
  const bodies = [
    ...(json ? [`{ json: ${typeOf(json.schema, 't.')} }`] : []),
    ...('application/octet-stream' in content ? ['{ archive: Archive }'] : []),
  ]
  const parts = [
    ...(path.length > 0 ? [`{ params: { ${fields(path)} } }`] : []),
    ...(query.length > 0 ? [`{ query?: { ${fields(query)} } }`] : []),
    ...(bodies.length > 0 ? [`(${bodies.join(' | ')})`] : []),
  ]
  return parts.length === 0 ? 'unknown' : parts.join(' & ')
}

/** In an address everything is text. */
const queryType = (schema: Schema): string => typeOf(schema, 't.').replace('"true" | "false"', 'boolean')

interface AnswerType {
  kind: Kind
  type: string
}

type Kind = 'json' | 'page' | 'log' | 'bytes' | 'none'

function answerOf({ responses }: Operation): AnswerType {
  const good = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1]
  const json = good?.content?.['application/json']?.schema
  if (!json) return good?.content ? { kind: 'bytes', type: 'Response' } : { kind: 'none', type: 'void' }
  const { items, next } = json.properties ?? {}
  if (!items?.items || !next) return { kind: 'json', type: typeOf(json, 't.') }
  const kind = good.content?.['text/event-stream'] ? 'log' : 'page'
  return { kind, type: typeOf(items.items, 't.') }
}

const problemCodes = ({ responses }: Operation): string =>
  Object.values(responses)
    .flatMap((response) => response['x-problem-codes'] ?? [])
    .map((code) => JSON.stringify(code))
    .join(' | ')
