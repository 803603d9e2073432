import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { parseHeaders } from '../../src/domain/serving/headers.ts'
import { parseRedirects } from '../../src/domain/serving/redirects.ts'

function refusal(read: () => unknown): Fault {
  try {
    read()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('It was accepted.')
}

/** Each line stands below an accepted one, so its number is 3. */
const HEADER_LINES: [line: string, says: string][] = [
  ['Host: a', 'the header host is reserved'],
  ['Set-Cookie: a=b', 'the header set-cookie is reserved'],
  ['content-length: 7', 'the header content-length is reserved'],
  ['Transfer-Encoding: chunked', 'the header transfer-encoding is reserved'],
  ['Connection: close', 'the header connection is reserved'],
  ['Content-Encoding: br', 'the header content-encoding is reserved'],
  ['ETag: "1"', 'the header etag is reserved'],
  ['Last-Modified: now', 'the header last-modified is reserved'],
  ['Vary: Origin', 'the header vary is reserved'],
  ['! Content-Length', 'the header content-length is reserved'],
  ['Basic-Auth: me:secret', 'passwords by Basic-Auth are not supported'],
  ['X A: b', `"X A" can't be a header's name`],
  ['X(A): b', `"X(A)" can't be a header's name`],
  ['X-Ü: b', `can't be a header's name`],
  [': b', `"" can't be a header's name`],
  ['! ', `"" can't be a header's name`],
  ['X-A:', 'the header x-a has no value'],
  ['X-A: ü', 'the value of x-a has characters outside ASCII'],
  ['X-A: a\rX-Inj: 1', 'a control character'],
  ['X-A: a\0b', 'a control character'],
  ['X-A: a\u007fb', 'a control character'],
  [`X-A: ${'a'.repeat(2000)}`, 'more than 2000 characters'],
  ['just words', '"just words" is no header'],
  ['https://example.com/*', 'rules for one host'],
  ['/a/*/b/*', 'more than one "*"'],
  [`/${'a'.repeat(384)}`, 'has more than 384 bytes'],
  ['/a%00', 'has broken percent-encoding'],
  ['/a%09b', 'has a control character'],
  ['/a/:b/:b', 'the placeholder :b twice'],
  ['/a/:1', 'a placeholder that does not fill its segment'],
  ['/a?b', 'a query or a fragment'],
  ['/%zz', 'broken percent-encoding'],
  ['/nothing-below', 'has no headers'],
]

const REDIRECT_LINES: [line: string, says: string][] = [
  ['/a', 'has no target'],
  ['/a # /b', 'has no target'],
  ['/a 301', 'the target "301" is neither a path nor a URL'],
  ['/a b', 'neither a path nor a URL'],
  ['/a /b 200 Country=us', 'conditions ("Country=us") are not supported'],
  ['/a /b 302! Language=de', 'conditions ("Language=de") are not supported'],
  ['/a /b 200 Role=admin', 'conditions ("Role=admin") are not supported'],
  ['/a /b 200 Cookie=beta', 'conditions ("Cookie=beta") are not supported'],
  ['/a /b Country=us', 'conditions ("Country=us") are not supported'],
  ['/a /b 200 signed=KEY', 'conditions ("signed=KEY") are not supported'],
  ['/a id=:id /b/:id', 'matching by query parameters ("id=:id")'],
  ['/a?id=:id /b/:id', 'matching by query parameters'],
  ['/api/* https://api.example/:splat 200', 'proxying to another server'],
  ['/api/* https://api.example/:splat 200!', 'proxying to another server'],
  ['/a https://b.example/ 404', 'proxying to another server'],
  ['https://old.example/* /b', 'rules for one host'],
  ['a /b', 'rules for one host'],
  ['/a /b 300', 'the status "300" is not supported'],
  ['/a /b 410', 'the status "410" is not supported'],
  ['/a /b 30', 'the status "30" is not supported'],
  ['/a //evil.example', 'leaves the site without naming a scheme'],
  ['/a /\\evil.example', 'leaves the site without naming a scheme'],
  ['/a javascript:alert(1)', 'is no http or https URL'],
  ['/a data:text/html,x', 'is no http or https URL'],
  ['/a http://h$uri', "has a host that can't be redirected to"],
  ['/a https://:splat.example/', 'is no http or https URL'],
  ['/a https://user:secret@b.example/', "has a host that can't be redirected to"],
  ['/a http://', 'is no http or https URL'],
  ['/a /b\r\r/c', 'a control character'],
  ['/a /b/:splat', 'uses :splat, which its path does not have'],
  ['/a/:id /b/:name', 'uses :name, which its path does not have'],
  ['/a/*/b* /c', 'more than one "*"'],
  ['/a/:splat /c', 'a placeholder named :splat'],
  [`/a /${'b'.repeat(2000)}`, 'more than 2000 characters'],
  [`/${'a'.repeat(384)} /b`, 'has more than 384 bytes'],
  [`/a /${'%C3%BC'.repeat(192)}`, 'has more than 384 bytes'],
  ['/a%0ab /c', 'has a control character'],
  ['/a /b%0d%0ac 200', 'has a control character'],
  [
    `/:a/:b/:c/:d/:e/:f/:g/:h/:i/:j /${'abcdefghij'
      .split('')
      .map((name) => `:${name}`)
      .join('/')}`,
    'more than 9 placeholders',
  ],
]

describe('what a bundle can not ask for refuses it by file and line', () => {
  for (const [line, says] of HEADER_LINES)
    test(`N10: _headers ${JSON.stringify(line.slice(0, 60))}`, () => {
      const fault = refusal(() => parseHeaders(`/*\n  X-Good: yes\n${line}\n`))
      expect(fault.code).toBe('archive_refused')
      expect(fault.message).toStartWith('_headers line 3: ')
      expect(fault.message).toContain(says)
      expect(fault.hint).toBeString()
      expect(fault.errors).toEqual([{ field: '_headers', message: expect.stringContaining(says) }])
    })
  for (const [line, says] of REDIRECT_LINES)
    test(`N11: _redirects ${JSON.stringify(line.slice(0, 60))}`, () => {
      const fault = refusal(() => parseRedirects(`# first\n/good /fine\n${line}\n`))
      expect(fault.code).toBe('archive_refused')
      expect(fault.message).toStartWith('_redirects line 3: ')
      expect(fault.message).toContain(says)
      expect(fault.errors[0]?.field).toBe('_redirects')
    })

  test('a header before any path names its line', () => {
    expect(refusal(() => parseHeaders('X-A: b')).message).toStartWith(
      '_headers line 1: "X-A: b" comes before',
    )
  })

  test('the limits hold at their edge', () => {
    const headers = (count: number) =>
      Array.from({ length: count }, (_, index) => `/p${index}\n  X-A: b`).join('\n')
    expect(parseHeaders(headers(100)).rules).toHaveLength(100)
    expect(refusal(() => parseHeaders(headers(101))).message).toContain(
      'line 201: there are more than 100 rules',
    )
    const long = (chars: number) =>
      `/*\n${'X-A: '.padEnd(1000, 'a')}\n`.repeat(65) + `/*\nX-B: ${'b'.repeat(chars)}`
    expect(parseHeaders(long(531)).rules).toHaveLength(66)
    expect(refusal(() => parseHeaders(long(532))).message).toContain('more than 65536 characters in all')
    const uses = (count: number) =>
      `/:a/*\nX-A: ${':splat :a '.repeat(15)}\nX-B: ${':splat'.repeat(count - 30)}`
    expect(parseHeaders(uses(50)).rules).toHaveLength(1)
    expect(refusal(() => parseHeaders(uses(51))).message).toContain('placeholders more than 50 times in all')
    const redirects = (count: number, from: string) =>
      Array.from({ length: count }, (_, index) => `/p${index}${from} /b`).join('\n')
    expect(parseRedirects(redirects(2000, '')).rules).toHaveLength(2000)
    expect(refusal(() => parseRedirects(redirects(2001, ''))).message).toContain('2000 static rules')
    expect(parseRedirects(redirects(100, '/*')).rules).toHaveLength(100)
    expect(refusal(() => parseRedirects(redirects(101, '/*'))).message).toContain('100 dynamic rules')
    expect(parseHeaders(`/*\n  X-A: ${'a'.repeat(1995)}`).rules).toHaveLength(1)
  })
})

describe('what is read', () => {
  test('_headers: comments, empty lines, repeats, unsetting, Windows line ends and a byte order mark', () => {
    const text = '\uFEFF# note\r\n\r\n/a/:x/*\r\n\tX-One: a: b\r\n  x-one: c\r\n  ! X-Two\r\n/b\r\nX-Three: d'
    expect(parseHeaders(text).rules).toEqual([
      { pattern: '/a/:x/*', set: [['x-one', 'a: b, c']], unset: ['x-two'] },
      { pattern: '/b', set: [['x-three', 'd']], unset: [] },
    ])
    expect(parseHeaders('').rules).toEqual([])
  })

  test('_redirects: default status, force, comments, and targets made canonical', () => {
    const text = '/a /b\n/c  https://D.example/x#y 302! # why\n/e/* /f/:splat?q=:splat 200\n/g /ü$"'
    expect(parseRedirects(text)).toEqual({
      singlePage: false,
      rules: [
        { from: '/a', to: '/b', status: 301, force: false },
        { from: '/c', to: 'https://d.example/x#y', status: 302, force: true },
        { from: '/e/*', to: '/f/:splat?q=:splat', status: 200, force: false },
        { from: '/g', to: '/%C3%BC%24%22', status: 301, force: false },
      ],
    })
  })

  test('_redirects: only the unforced catch-all to /index.html is a setting', () => {
    expect(parseRedirects('/a /b\n/* /index.html 200\n/never /reached')).toEqual({
      singlePage: true,
      rules: [{ from: '/a', to: '/b', status: 301, force: false }],
    })
    expect(parseRedirects('/* /index.html 200!').singlePage).toBe(false)
    expect(parseRedirects('/* /index.html').singlePage).toBe(false)
    expect(parseRedirects('/app/* /index.html 200').singlePage).toBe(false)
  })
})
