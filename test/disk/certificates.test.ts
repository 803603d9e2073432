import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MadeCertificate, makeCertificate } from '../certificates.ts'
import { type Bay, openBay } from './bay.ts'

let bay: Bay
const pemOf = ({ key, chain }: MadeCertificate) => ({ key, chain })
const one = pemOf(makeCertificate(['one.example.com']))
const two = pemOf(makeCertificate(['two.example.com']))
const path = (id: string) => join(bay.data, 'certificates', `${id}.pem`)
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)

beforeAll(async () => {
  bay = await openBay()
})
afterAll(() => bay.close())

describe('files of certificates', () => {
  test('read, put and drop: twice is once, absent is fine, and nobody else reads them', async () => {
    const { certificates } = bay.disk
    expect([await certificates.read('one'), await certificates.list()]).toEqual([null, []])
    for (const _ of [1, 2]) await certificates.put('one', one)
    expect(await certificates.read('one')).toEqual(one)
    expect(readFileSync(path('one'), 'utf8')).toBe(one.key + one.chain)
    expect([modeOf(path('one')), modeOf(join(bay.data, 'certificates'))]).toEqual(['600', '700'])
    await certificates.put('one', two)
    expect(await certificates.read('one')).toEqual(two)
    expect(await certificates.list()).toEqual(['one'])
    for (const _ of [1, 2]) await certificates.drop('one')
    expect([await certificates.read('one'), await certificates.list()]).toEqual([null, []])
    expect(readdirSync(join(bay.data, 'staging'))).toEqual([])
  })

  test('an open umask opens none of them', async () => {
    const before = process.umask(0)
    try {
      await bay.disk.certificates.put('open', one)
    } finally {
      process.umask(before)
    }
    expect(modeOf(path('open'))).toBe('600')
    await bay.disk.certificates.drop('open')
  })

  const BROKEN: [what: string, text: string][] = [
    ['nothing', ''],
    ['text', 'hello'],
    ['a key alone', one.key],
    ['a chain alone', one.chain],
    ['the key of another', two.key + one.chain],
    ['the leaf behind its issuer', one.key + two.chain + one.chain],
    ['two keys', one.key + two.key + one.chain],
    ['a key that is cut', one.key.slice(0, -60) + one.chain],
    ['a certificate that is cut', one.key + one.chain.slice(0, -60)],
    ['a certificate with a byte less', one.key + one.chain.replace(/^(-+BEGIN CERTIFICATE-+\n)..../m, '$1')],
    ['a key with holes', one.key.replace(/\n.{64}\n/, '\n') + one.chain],
    [
      'something else beside them',
      `${one.key + one.chain}-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n`,
    ],
  ]
  for (const [what, text] of BROKEN)
    test(`${what} is no certificate, and is replaced`, async () => {
      writeFileSync(path('broken'), text)
      expect(await bay.disk.certificates.read('broken')).toBeNull()
      await bay.disk.certificates.put('broken', one)
      expect(await bay.disk.certificates.read('broken')).toEqual(one)
    })

  test('a folder in its place is no certificate, and what is no id is not listed', async () => {
    mkdirSync(path('folder'))
    for (const name of ['UPPER.pem', 'x.txt', '.pem', '..pem'])
      writeFileSync(join(bay.data, 'certificates', name), '')
    expect(await bay.disk.certificates.read('folder')).toBeNull()
    expect(await bay.disk.certificates.list()).toEqual(expect.arrayContaining(['folder']))
    expect((await bay.disk.certificates.list()).filter((id) => !/^[a-z]+$/.test(id))).toEqual([])
    await bay.disk.certificates.drop('folder')
  })

  test('what is no id touches no file', async () => {
    const { certificates } = bay.disk
    const works: ((id: string) => Promise<unknown>)[] = [
      (id) => certificates.read(id),
      (id) => certificates.put(id, one),
      (id) => certificates.drop(id),
    ]
    for (const id of ['', '.', '..', '../key', 'a/b', 'A', 'a.pem', 'x'.repeat(65)])
      for (const work of works) expect(await work(id).catch(() => 'refused')).toBe('refused')
  })

  test('a chain is kept whole and in order', async () => {
    const chained = { key: one.key, chain: one.chain + two.chain }
    await bay.disk.certificates.put('chained', chained)
    expect(await bay.disk.certificates.read('chained')).toEqual(chained)
  })
})

describe('what a CA asks for', () => {
  const LONG = `${`${'a'.repeat(49)}.`.repeat(5)}abc`
  const file = (...names: string[]) => join(bay.data, 'challenges', ...names)

  test('stands where the workers of a gateway can read it, whatever the umask', async () => {
    const { challenges } = bay.disk
    const before = process.umask(0o077)
    try {
      await challenges.put({ hostname: 'docs.example.com', token: 'a_B-9' }, 'a_B-9.thumb')
    } finally {
      process.umask(before)
    }
    expect(readFileSync(file('docs.example.com', 'a_B-9'), 'utf8')).toBe('a_B-9.thumb')
    const modes = [file(), file('docs.example.com'), file('docs.example.com', 'a_B-9')].map(modeOf)
    expect(modes).toEqual(['755', '755', '644'])
    for (const _ of [1, 2]) await challenges.drop({ hostname: 'docs.example.com', token: 'a_B-9' })
    expect(readdirSync(file())).toEqual([])
  })

  test('is listed by host name, however long, and leaves nothing when it is dropped', async () => {
    const { challenges } = bay.disk
    const keys = ['a.test', '*.b.test', LONG, LONG.replace('abc', 'abd')].flatMap((hostname) =>
      ['t1', 't2'].map((token) => ({ hostname, token })),
    )
    await Promise.all(keys.map((key) => challenges.put(key, key.token)))
    const listed = await challenges.list()
    expect(listed).toHaveLength(keys.length)
    expect(listed).toEqual(expect.arrayContaining(keys))
    await Promise.all(keys.map((key) => challenges.drop(key)))
    expect([readdirSync(file()), await challenges.list()]).toEqual([[], []])
  })

  test('puts and drops at the same moment end in what was asked for last', async () => {
    const { challenges } = bay.disk
    const key = (token: string) => ({ hostname: 'busy.test', token })
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => [
        challenges.put(key('t'), `${n}`),
        challenges.drop(key('t')),
      ]).flat(),
    )
    expect(readdirSync(file())).toEqual([])
    await Promise.all([challenges.drop(key('t')), challenges.put(key('t'), 'last')])
    expect(readFileSync(file('busy.test', 't'), 'utf8')).toBe('last')
    await challenges.drop(key('t'))
  })

  test('what stands there besides is nobody’s', async () => {
    mkdirSync(file('Not A Host'))
    writeFileSync(file('stray'), '')
    mkdirSync(file('odd.test'))
    writeFileSync(file('odd.test', '.hidden'), '')
    expect(await bay.disk.challenges.list()).toEqual([])
  })

  test('what is no token is refused, and touches no file', async () => {
    const before = readdirSync(bay.data, { recursive: true })
    for (const token of [
      '',
      '.',
      '..',
      '../x',
      'a/b',
      'a b',
      'a.b',
      'a+b',
      'ä',
      'x'.repeat(129),
      'a\0',
      'a\n',
    ]) {
      const refused = await Promise.resolve()
        .then(() => bay.disk.challenges.put({ hostname: 'a.test', token }, 'x'))
        .catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'unavailable' })
    }
    expect(readdirSync(bay.data, { recursive: true })).toEqual(before)
  })
})

test('a file that this process may not read is none', async () => {
  await bay.disk.certificates.put('closed', one)
  chmodSync(path('closed'), 0o000)
  const read = await bay.disk.certificates.read('closed')
  // Root reads it all the same.
  expect(read === null ? process.getuid?.() !== 0 : process.getuid?.() === 0).toBe(true)
})
