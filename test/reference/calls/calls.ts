/** Calls made up from the OpenAPI document: to each operation, valid and half-valid, by whomever. */
import * as fc from 'fast-check'
import type { Operation, Parameter } from '../judge.ts'
import { junk, type Pick, type Schema, unit, Values } from './values.ts'

export interface MadeUpCall {
  operation: Operation
  method: string
  /** With `{names}` in it. */
  path: string
  /** As they are, or `Pick`s. */
  params: Record<string, unknown>
  query: [name: string, value: unknown][]
  headers: Record<string, string>
  body: MadeUpBody
  /** Who calls, from 0 to 1 over the callers that there are. */
  caller: number
}

export type MadeUpBody =
  | { kind: 'none' }
  | { kind: 'json'; value: unknown; type: string }
  | { kind: 'text'; text: string; type: string }
  /** From 0 to 1 over the archives that there are. */
  | { kind: 'archive'; at: number; isForm: boolean }

export interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

/** What fetch lets through as the value of a header. */
const headerText = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 60,
  })
  .map((text) => text.trim())

const KNOWN_HEADERS: Record<string, fc.Arbitrary<string>> = {
  'If-Match': fc.constantFrom('"1"', '"2"', '*', 'W/"1"', '"1-0000000000000000"', '1', ''),
  'If-None-Match': fc.constantFrom('*', '"x"', 'W/"x", "y"'),
  Range: fc.constantFrom(
    'bytes=0-1',
    'bytes=-5',
    'bytes=999999999-',
    'bytes=5-1',
    'bytes=0-0,2-3',
    'lines=1-2',
  ),
  'Idempotency-Key': fc.constantFrom('a', 'b', 'c d', 'x'.repeat(201), 'ü'),
  'Content-Digest': fc.constantFrom('sha-256=:AAAA:', 'sha-512=:AAAA:', `sha-256=:${'A'.repeat(43)}=:`, 'x'),
  'Last-Event-ID': fc.constantFrom('0', '1', '999999999999999', '-1', 'x'),
}

export function madeUpCalls(document: Document): fc.Arbitrary<MadeUpCall> {
  const values = new Values(document.components.schemas)
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      weight: WEIGHTS[method] ?? 1,
      arbitrary: callOf({ path, method, operation, values }),
    })),
  )
  return fc.oneof(...calls)
}

/** More is made than deleted, or there would be nothing to call. */
const WEIGHTS: Record<string, number> = { get: 2, post: 5, patch: 3, delete: 1 }

interface Made {
  path: string
  method: string
  operation: Operation
  values: Values
}

function callOf({ path, method, operation, values }: Made): fc.Arbitrary<MadeUpCall> {
  const inPlace = (place: Parameter['in']) => operation.parameters.filter((field) => field.in === place)
  const fields = (place: Parameter['in']) => {
    const all = inPlace(place).map(({ name, schema }): [string, fc.Arbitrary<unknown>] => {
      const value = rarely(junk, fieldOf(name, values.of(schema)))
      return [name, place === 'path' ? value : fc.option(value, { nil: undefined, freq: 1 })]
    })
    return fc.record(Object.fromEntries(all))
  }
  const strays = fc.array(fc.tuple(fc.constantFrom('unknown', '__proto__', 'limit', 'wait'), junk), {
    maxLength: 1,
  })
  const query = fc
    .tuple(fields('query'), rarely(strays, fc.constant([])))
    .map(([known, more]) => [...Object.entries(known), ...(more as [string, unknown][])])
  return fc.record({
    operation: fc.constant(operation),
    method: fc.constant(method),
    path: fc.constant(path),
    params: fields('path'),
    query,
    headers: headers(inPlace('header')),
    body: bodies(operation, values),
    caller: unit,
  })
}

/** A cursor that some list has answered, or none: nobody makes one up that fits. */
const fieldOf = (name: string, usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  name === 'cursor' ? unit.map((at): Pick => ({ pick: 'next', at, otherwise: undefined })) : usual

/** Mostly the second; one time in twenty the first. */
const rarely = <A, B>(odd: fc.Arbitrary<A>, usual: fc.Arbitrary<B>): fc.Arbitrary<A | B> =>
  fc.oneof({ weight: 1, arbitrary: odd }, { weight: 19, arbitrary: usual })

function headers(known: Parameter[]): fc.Arbitrary<Record<string, string>> {
  const accept = fc.constantFrom(
    'application/json',
    '*/*',
    'text/event-stream',
    'text/html, text/event-stream;q=1',
  )
  const all = [...known.map(({ name }) => [name, KNOWN_HEADERS[name]] as const), ['Accept', accept] as const]
  const one = all.map(([name, usual]) =>
    rarely(headerText, usual ?? headerText).map((value): Record<string, string> => ({ [name]: value })),
  )
  const some = fc.array(fc.oneof(...one), { minLength: 1, maxLength: 2 })
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: some.map((list) => Object.assign({}, ...list) as Record<string, string>) },
  )
}

function bodies({ requestBody }: Operation, values: Values): fc.Arbitrary<MadeUpBody> {
  const none = fc.constant<MadeUpBody>({ kind: 'none' })
  const odd = fc.oneof(none, broken, jsonBody(junk))
  if (!requestBody) return fc.oneof({ weight: 15, arbitrary: none }, { weight: 1, arbitrary: odd })
  const schema: Schema | undefined = requestBody.content['application/json']?.schema
  const kinds = [
    ...(schema ? [jsonBody(values.nearly(schema))] : []),
    ...('application/octet-stream' in requestBody.content ? [archive] : []),
  ]
  return rarely(odd, fc.oneof(...kinds))
}

const types = rarely(
  fc.constantFrom('text/plain', 'application/problem+json', 'multipart/form-data; boundary=x', 'x/y;', ''),
  fc.constantFrom('application/json', 'application/json; charset=utf-8'),
)
const jsonBody = (value: fc.Arbitrary<unknown>): fc.Arbitrary<MadeUpBody> =>
  fc.record({ kind: fc.constant('json' as const), value, type: types })
const archive: fc.Arbitrary<MadeUpBody> = fc.record({
  kind: fc.constant('archive' as const),
  at: unit,
  isForm: fc.boolean(),
})
const broken: fc.Arbitrary<MadeUpBody> = fc.record({
  kind: fc.constant('text' as const),
  text: fc.oneof(
    fc.constantFrom('{', '{"a":1,"a":2}', '[', '"\\ud800"', '{}}', 'null', '\uFEFF{}'),
    fc.string(),
  ),
  type: types,
})
