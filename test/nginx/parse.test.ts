/** The parser reads what NGINX reads, and the writer writes what the parser reads back. */
import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { DEFAULT_SETTINGS } from '../../src/domain/environment.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import { block, configText, directive, raw } from '../../src/domain/nginx/config.ts'
import { type Parsed, parseConfig, parseDump, type Statement } from '../../src/domain/nginx/parse.ts'
import type { NginxPlace } from '../../src/domain/nginx/place.ts'
import { differenceOf, provenText } from '../../src/domain/nginx/proof.ts'
import { siteConfig } from '../../src/domain/nginx/site.ts'
import { servingRules } from '../../src/domain/serving/rules.ts'

const words = (parsed: Parsed): unknown => ('problem' in parsed ? parsed : parsed.statements.map(shape))
const shape = ({ words, block: inside }: Statement): unknown =>
  inside === null ? words : [...words, inside.map(shape)]
const read = (text: string) => words(parseConfig(text, 'a.conf'))

describe('what NGINX reads', () => {
  const CASES: [text: string, statements: unknown][] = [
    ['', []],
    ['# a comment; { }\n', []],
    [
      'a b;c  d\te\n;',
      [
        ['a', 'b'],
        ['c', 'd', 'e'],
      ],
    ],
    ['a { b { c; } } d;', [['a', [['b', [['c']]]]], ['d']]],
    [`a "b c" 'd "e"' "f;{}#";`, [['a', 'b c', 'd "e"', 'f;{}#']]],
    [String.raw`a "\"\\\t\d" '\'' b\ c d\;e;`, [['a', '"\\\t\\d', "'", 'b\\ c', 'd\\;e']]],
    ['a b#c d"e f\'g;', [['a', 'b#c', 'd"e', "f'g"]]],
    ['a ${b}c "${d}" x${e};', [['a', '${b}c', '${d}', 'x${e}']]],
    ['if ($a ~ "b") { c; }', [['if', '($a', '~', 'b', ')', [['c']]]]],
    ['a "b\nc";', [['a', 'b\nc']]],
    ['a\r\n{\r\nb;\r\n}\r\n', [['a', [['b']]]]],
    ['content_by_lua_block { if a then { } end } b;', [['content_by_lua_block', []], ['b']]],
    ['a ü "日本";', [['a', 'ü', '日本']]],
  ]
  for (const [text, statements] of CASES)
    test(JSON.stringify(text), () => expect(read(text)).toEqual(statements))

  test('says where a file is broken', () => {
    const problem = (text: string) => {
      const parsed = parseConfig(text, 'a.conf')
      return 'problem' in parsed ? [parsed.line, parsed.problem] : null
    }
    expect(problem('a;\nb')).toEqual([2, 'the file ends inside of a directive'])
    expect(problem('a {\nb;\n')).toEqual([3, 'the file ends inside of a block'])
    expect(problem('a;\n}')).toEqual([2, 'a "}" closes nothing'])
    expect(problem('a "b\nc')).toEqual([2, 'a quote is not closed'])
    expect(problem('a "b"c;')).toEqual([1, '"c" stands right behind a quote'])
    expect(problem(';')).toEqual([1, 'a ";" stands alone'])
    expect(problem('a { b }')).toEqual([1, 'a directive ends without ";"'])
  })

  test('what nginx -T prints: each file by its name, each directive by its line', () => {
    const files = parseDump(
      'nginx: the configuration file is ok\n# configuration file /etc/nginx/nginx.conf:\nhttp {\n  include a;\n}\n\n# configuration file /etc/nginx/a:\n# x\ngzip on;\n',
    )
    expect(files.map(({ file }) => file)).toEqual(['/etc/nginx/nginx.conf', '/etc/nginx/a'])
    const [main, other] = files.map(({ parsed }) => ('statements' in parsed ? parsed.statements : []))
    expect(main?.[0]?.block?.[0]).toMatchObject({ words: ['include', 'a'], line: 2 })
    expect(other?.[0]).toMatchObject({ words: ['gzip', 'on'], file: '/etc/nginx/a', line: 2 })
  })
})

const PLACE: NginxPlace = {
  data: '/var/lib/fairlead',
  listen: [{ address: null, port: 80 }],
  tlsListen: [],
  tls: null,
  logFolder: null,
  version: [1, 22, 1],
  instance: 'i',
}

describe('N01: a text says what was meant', () => {
  test('a difference is told, by its line', () => {
    const items = [directive('add_header', 'X-A', 'b'), block('server', [], [directive('return', '404')])]
    const text = configText(items)
    expect(differenceOf(items, text, 'a')).toBeNull()
    const CHANGES: [from: string, to: string][] = [
      ['X-A b', 'X-A b c'],
      ['X-A b', 'X-A $b'],
      ['X-A b', 'X-A "b'],
      ['return 404;', 'return 404; return 200;'],
      ['return 404;', 'deny 404;'],
      ['server {', 'server x {'],
      ['}', '} server { }'],
    ]
    for (const [from, to] of CHANGES)
      expect([to, differenceOf(items, text.replace(from, to), 'a')]).not.toEqual([to, null])
    expect(() => provenText([directive('rewrite', raw('a\nb'), 'c')], 'a')).toThrow('NGINX would not read')
  })

  const any = fc.string({ unit: 'binary', maxLength: 40 })
  const nasty = fc
    .array(fc.constantFrom(...'$"\'\\{};# \t~^:*/a.'.split(''), '${x}', '$host', 'ü', '\n'), {
      maxLength: 20,
    })
    .map((pieces) => pieces.join(''))
  const text = fc.oneof(any, nasty)

  test('any literal, anywhere, 10,000 times: read back as it was, or refused', () => {
    fc.assert(
      fc.property(text, text, text, (one, two, three) => {
        const items = [
          directive('add_header', 'X', one),
          directive('return', '200', [one, { variable: '$args' }, two, { variable: '$1' }, three]),
          block('map', [raw('$uri'), raw(two)], [{ key: { raw: three }, args: [one] }]),
          block('if', [[{ variable: '$args' }], '~', raw(one)], [directive('break')]),
        ]
        let written: string
        try {
          written = configText(items)
        } catch {
          return
        }
        expect(differenceOf(items, written, 'a')).toBeNull()
      }),
      { numRuns: 10_000 },
    )
  })

  test('any rules that a bundle may bring, in any site', () => {
    const line = fc.oneof(
      nasty,
      fc.constantFrom('/a /b', '/* /x/:splat 302!', '/:a/b /c?d=:a#:a', '/old/ /new 200'),
    )
    fc.assert(
      fc.property(line, line, nasty, (one, two, value) => {
        let site: HostSite
        try {
          const facts = {
            headersText: `/${one}\n  X-A: ${value}`,
            redirectsText: `/${two} /${one}`,
            ownGzip: [],
          }
          const rules = servingRules(DEFAULT_SETTINGS, facts)
          site = { kind: 'site', environmentId: 'e', site: { link: 'e-0', rules, graceFolder: null } }
        } catch {
          return
        }
        provenText(siteConfig('www.example.com', site, PLACE), 'a')
      }),
      { numRuns: 3_000 },
    )
  })
})
