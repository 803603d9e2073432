import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { invalid, isJson, parseJson, requireValid } from '../../src/api/json-body.ts'
import { Fault } from '../../src/base/fault.ts'
import { DeploymentSource } from '../../src/contract/routes/deployments.ts'
import { ServiceCreate } from '../../src/contract/routes/services.ts'
import { BundleDiffRequest, EnvironmentSettings, PageQuery } from '../../src/contract/shapes.ts'

const parse = (text: string, keys = 1000) => parseJson(Buffer.from(text), keys)

function faultOf(work: () => unknown): Fault {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  throw new Error('nothing was refused')
}

describe('R17 JSON that readers understand differently', () => {
  const refused: [string, string | Uint8Array, string][] = [
    ['depth of 100,000', '['.repeat(100_000), 'malformed'],
    ['depth of 100,000, closed', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'malformed'],
    ['a million names', `{${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":1`).join()}}`, 'malformed'],
    ['a name twice', '{"name":"a","name":"b"}', 'malformed'],
    ['a name twice, spelled differently', '{"name":"a","na\\u006de":"b"}', 'malformed'],
    ['a name twice, deep inside', '{"a":[{"b":{"c":1,"d":2,"c":3}}]}', 'malformed'],
    ['half of a surrogate pair', '{"name":"\\ud800"}', 'malformed'],
    ['half of a pair as a name', '{"\\udc00":1}', 'malformed'],
    ['a byte order mark', '\uFEFF{}', 'malformed'],
    ['broken UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'malformed'],
    ['UTF-16', Buffer.from('{}', 'utf16le'), 'malformed'],
    ['nothing', '', 'malformed'],
    ['two values', '{}{}', 'malformed'],
    ['a comment', '{} // yes', 'malformed'],
    ['single quotes', "{'name':1}", 'malformed'],
    ['NaN', '{"a":NaN}', 'malformed'],
    ['an unfinished text', '{"a":"b', 'malformed'],
    ['a broken escape', '{"a":"\\x"}', 'malformed'],
    ['a control character', '{"a":"\u0001"}', 'malformed'],
  ]
  for (const [what, text, code] of refused)
    test(`${what} is refused`, () => {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text
      expect(faultOf(() => parseJson(bytes, 1000)).code).toBe(code as Fault['code'])
    })

  test('1e400 is no number of ours', () => {
    const schema = z.strictObject({ retain: z.number() })
    expect(faultOf(() => requireValid(schema, parse('{"retain":1e400}'), 'body')).code).toBe('invalid')
  })

  test('what is plain is read as it stands', () => {
    expect(parse('{"a":{"a":1},"b":[{"a":2},{"a":"x\\"y:z{[\\\\"}],"c":"\\ud83d\\ude00"}')).toEqual({
      a: { a: 1 },
      b: [{ a: 2 }, { a: 'x"y:z{[\\' }],
      c: '😀',
    })
  })
})

describe('R15 names that mean something to JavaScript', () => {
  for (const text of [
    '{"__proto__":{"polluted":true}}',
    '{"\\u005f_proto__":{"polluted":true}}',
    '{"a":{"__proto__":null}}',
  ])
    test(text, () => {
      expect(faultOf(() => parse(text)).code).toBe('invalid')
      expect('polluted' in {}).toBe(false)
    })

  for (const name of [
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__defineGetter__',
  ])
    test(`${name} is an unknown field like any other`, () => {
      const fault = faultOf(() => requireValid(ServiceCreate, parse(`{"name":"web","${name}":1}`), 'body'))
      expect(fault.errors).toEqual([{ field: name, message: 'is not a field here' }])
    })
})

describe('wrong fields are named', () => {
  const errors = (schema: z.ZodType, text: string) =>
    faultOf(() => requireValid(schema, parse(text), 'body')).errors

  test('each one', () =>
    expect(errors(ServiceCreate, '{"name":7,"x":1,"y":2}').map((error) => error.field)).toEqual([
      'name',
      'x',
      'y',
    ]))

  test('of the form that was meant', () => {
    expect(errors(DeploymentSource, '{"promoteFrom":"staging","force":true}')).toEqual([
      { field: 'force', message: 'is not a field here' },
    ])
    expect(errors(DeploymentSource, '{"bundle":"short"}')).toEqual([
      { field: 'bundle', message: 'must be a SHA-256: 64 lower-case hex digits' },
    ])
  })

  test('when it is missing, and when none of the forms is there', () => {
    expect(errors(ServiceCreate, '{}')).toEqual([{ field: 'name', message: 'is missing' }])
    expect(errors(DeploymentSource, '{"message":"hi"}')).toEqual([
      { field: '', message: 'needs one of "bundle", "rollbackTo", "promoteFrom"' },
    ])
    expect(errors(DeploymentSource, '{"bundel":"x"}').map((error) => error.field)).toEqual(['bundel', ''])
    expect(errors(BundleDiffRequest, '{}')).toContainEqual({ field: 'digest', message: 'is missing' })
  })

  test('with the bound or the words that it may have', () => {
    const query = (value: Record<string, string>) =>
      faultOf(() => requireValid(PageQuery, value, 'query')).errors
    expect(query({ limit: '201' })).toEqual([{ field: 'limit', message: 'must be at most 200' }])
    expect(query({ limit: '0' })).toEqual([{ field: 'limit', message: 'must be at least 1' }])
    expect(query({ cursor: 'x'.repeat(501) })).toEqual([
      { field: 'cursor', message: 'must have at most 500 characters' },
    ])
    expect(errors(ServiceCreate, '{"name":"web","kind":"container"}')).toEqual([
      { field: 'kind', message: 'must be "static"' },
    ])
    expect(errors(EnvironmentSettings.partial(), '{"htmlHandling":"on","retain":101}')).toEqual([
      {
        field: 'htmlHandling',
        message:
          'must be one of "auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"',
      },
      { field: 'retain', message: 'must be at most 100' },
    ])
  })

  test('not more than a hundred, and escaped', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]))
    expect(errors(ServiceCreate, JSON.stringify({ name: 'web', ...many }))).toHaveLength(100)
    expect(errors(ServiceCreate, '{"name":"web","\\u202egnp.exe":1}')[0]?.field).toBe('\\u202egnp.exe')
  })

  test('of something that is no object at all', () =>
    expect(invalid('body', errors(ServiceCreate, '[]')).message).toContain('the body itself'))
})

describe('what is announced as JSON', () => {
  for (const type of [
    'application/json',
    'Application/JSON; charset=UTF-8',
    'application/json;charset="utf-8"',
  ])
    test(`${type} is`, () => expect(isJson(type)).toBe(true))
  for (const type of [
    null,
    '',
    'text/plain',
    'text/json',
    'application/json; charset=utf-16',
    'application/x-json',
    'application/json, text/plain',
    'text/plain; application/json',
  ])
    test(`${type} is not`, () => expect(isJson(type)).toBe(false))
})
