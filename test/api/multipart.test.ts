import { describe, expect, test } from 'bun:test'
import { array, assert, asyncProperty, constantFrom, integer, pre } from 'fast-check'
import { archivePart, boundaryOf, parametersOf } from '../../src/api/multipart.ts'
import { Fault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/base/limits.ts'

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(body: string | Uint8Array, size = 7, boundary = 'BOUND'): Promise<Buffer> {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body
  return Buffer.concat(await Array.fromAsync(archivePart(pieces(bytes, size), boundary)))
}

const DISPOSITION = 'Content-Disposition: form-data; name="archive"; filename="site.zip"'
const form = (content: string, headers = DISPOSITION): string =>
  `--BOUND\r\n${headers}\r\n\r\n${content}\r\n--BOUND--\r\n`

async function messageOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(thrown instanceof Fault)) throw new Error('nothing was refused')
  expect(thrown.code).toBe('malformed')
  return thrown.message
}

describe('the one form that is taken', () => {
  const taken: [string, string][] = [
    ['as curl sends it', form('PK content', `${DISPOSITION}\r\nContent-Type: application/octet-stream`)],
    ['with a preamble and an epilogue', `hello\r\n${form('PK content')}bye`],
    ['without the last line end', form('PK content').slice(0, -2)],
    ['with spaces behind the boundary', form('PK content').replace('BOUND\r\n', 'BOUND \t\r\n')],
    [
      'with a hostile file name',
      form('PK content', 'content-disposition: form-data; name=archive; filename="../../x\\"y"'),
    ],
    [
      'with an encoded file name',
      form('PK content', "Content-Disposition: form-data; name=archive; filename*=utf-8''%2e%2e%2fx"),
    ],
  ]
  for (const [what, body] of taken)
    test(what, async () => expect((await read(body)).toString()).toBe('PK content'))

  test('bytes come out as they went in, whatever they are and however they are cut', async () => {
    await assert(
      asyncProperty(
        array(constantFrom('\r', '\n', '-', '\r\n--BOUN', '\r\n--', 'BOUND', 'a', '\0', '\r\n\r\n--BOUNX')),
        integer({ min: 1, max: 40 }),
        async (parts, size) => {
          const content = parts.join('')
          pre(!content.includes('\r\n--BOUND'))
          expect((await read(form(content), size)).toString('latin1')).toBe(content)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a large file passes in pieces', async () => {
    const content = Buffer.alloc(5_000_000, '\r\n--BOUN')
    const body = Buffer.concat([
      Buffer.from(`--BOUND\r\n${DISPOSITION}\r\n\r\n`),
      content,
      Buffer.from('\r\n--BOUND--'),
    ])
    expect((await read(body, 65_536)).equals(content)).toBe(true)
  })
})

describe('A39 every other form', () => {
  const refused: [string, string, RegExp][] = [
    [
      'two files',
      form('one').replace('--BOUND--', `--BOUND\r\n${DISPOSITION}\r\n\r\ntwo\r\n--BOUND--`),
      /more than the one/,
    ],
    [
      'a field after the file',
      form('one').replace(
        '--BOUND--',
        '--BOUND\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--BOUND--',
      ),
      /more than/,
    ],
    [
      'another field',
      form('one', 'Content-Disposition: form-data; name="file"; filename="x"'),
      /field "file"/,
    ],
    [
      'a text in the field',
      form('one', 'Content-Disposition: form-data; name="archive"'),
      /text instead of a file/,
    ],
    ['no disposition', form('one', 'Content-Type: application/zip'), /instead of "archive"/],
    [
      'an attachment',
      form('one', 'Content-Disposition: attachment; name="archive"; filename="x"'),
      /instead of "archive"/,
    ],
    ['two dispositions', form('one', `${DISPOSITION}\r\n${DISPOSITION}`), /broken part headers/],
    [
      'a name twice',
      form('one', 'Content-Disposition: form-data; name="x"; name="archive"; filename="x"'),
      /twice/,
    ],
    ['base64', form('b25l', `${DISPOSITION}\r\nContent-Transfer-Encoding: base64`), /encoded part/],
    ['no part', '--BOUND--\r\n', /no file/],
    ['no boundary in it', 'PK'.repeat(50), /ends too early/],
    [
      'a preamble without an end',
      'x'.repeat(LIMITS.http.multipartHeaderBytes * 3),
      /begin with its boundary/,
    ],
    ['headers without an end', `--BOUND\r\n${'X: y\r\n'.repeat(10_000)}`, /overlong part headers|broken/],
    ['one header without an end', `--BOUND\r\nX: ${'y'.repeat(100_000)}`, /overlong part headers/],
    ['a broken header', form('one', `${DISPOSITION}\r\nnonsense`), /broken part headers/],
    ['no end', form('one').slice(0, -10), /ends too early/],
    ['something behind the boundary', form('one').replace('BOUND\r\n', 'BOUNDED\r\n'), /behind it/],
    [
      'an endless epilogue',
      form('one') + 'x'.repeat(LIMITS.http.multipartHeaderBytes * 3),
      /goes on after its end/,
    ],
    ['nothing', '', /ends too early/],
  ]
  for (const [what, body, message] of refused)
    for (const size of [1, 64])
      test(`${what} is refused, in pieces of ${size}`, async () =>
        expect(await messageOf(read(body, size === 1 && body.length > 20_000 ? 3 : size))).toMatch(message))
})

describe('the boundary', () => {
  for (const type of [
    'multipart/form-data; boundary=BOUND',
    'Multipart/Form-Data; charset=utf-8; BOUNDARY="BOUND"',
  ])
    test(type, () => expect(boundaryOf(type)).toBe('BOUND'))
  for (const type of [null, 'application/zip', 'application/octet-stream; boundary=x'])
    test(`${type} has none`, () => expect(boundaryOf(type)).toBeNull())
  for (const type of [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    'multipart/form-data; boundary="a\r\nb"',
    'multipart/form-data; boundary=x; boundary=y',
    'multipart/mixed; boundary=x',
  ])
    test(`${type.slice(0, 60)} is refused`, () => expect(() => boundaryOf(type)).toThrow(Fault))

  test('R16 parameters of 100 kB are read in one pass', () => {
    expect(parametersOf(`form-data; name="${'\\"'.repeat(50_000)}`).size).toBe(0)
    expect(parametersOf(`form-data${'; '.repeat(50_000)}`).size).toBe(0)
    expect(parametersOf(`form-data;${' '.repeat(100_000)}x`).size).toBe(0)
  })
})
