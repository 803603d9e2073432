/** J01 to J06, J09, J10, J18: what is not exactly a valid credential is nobody's. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { derivedKey, sha256Hex } from '../../src/base/secrets.ts'
import { readKey } from '../../src/store/key.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import { startTestApp, type TestApp } from '../api/app.ts'

const HOUR_MS = 3_600_000
let now = Math.floor(systemClock.now() / 1_000) * 1_000
const logged: string[] = []
let app: TestApp
let people: People
let ann: Person
let signingKey: Uint8Array

beforeAll(async () => {
  app = await startTestApp(new Map(), {
    clock: { ...systemClock, now: () => now },
    log: { write: (_, message) => void logged.push(message) },
  })
  await app.ask('POST', '/services', { json: { name: 'web' } })
  people = new People(app, () => now)
  ann = await people.person('ann', { role: 'owner' })
  signingKey = derivedKey(readKey(join(app.data, 'key')), 'access tokens')
})
afterAll(async () => {
  people.close()
  await app.stop()
})

const statusOf = async (headers: Headers, path = '/services'): Promise<number | string> =>
  await app.ask('GET', path, { headers }).then(
    ({ status }) => status,
    () => 'hung up',
  )
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })
const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

type Sign = (input: string) => string
const hmac =
  (hash = 'sha256', key: Uint8Array | string = signingKey): Sign =>
  (input) =>
    createHmac(hash, key).update(input).digest('base64url')

const seconds = () => now / 1_000
const claims = () => ({
  sid: people.store.sessions.of(ann.user.id)[0]?.id,
  sub: ann.user.id,
  iss: `fairlead:${people.store.instance.id()}`,
  aud: 'fairlead-api',
  iat: seconds(),
  exp: seconds() + LIMITS.account.accessTokenSeconds,
})
const HEADER = { alg: 'HS256', typ: 'at+jwt' }

/** A token with this instance's own key: what is wrong with it is what the test says, and nothing else. */
function token(given: { header?: unknown; claims?: unknown; sign?: Sign } = {}): string {
  const input = `${encoded(given.header ?? HEADER)}.${encoded(given.claims ?? claims())}`
  return `${input}.${(given.sign ?? hmac())(input)}`
}

describe('a use that can not be noted', () => {
  const statements = [
    "CREATE TRIGGER no_uses BEFORE UPDATE OF last_used_at ON api_keys BEGIN SELECT raise(FAIL, 'no'); END",
    "CREATE TRIGGER not_seen BEFORE UPDATE OF seen_at ON sessions BEGIN SELECT raise(FAIL, 'no'); END",
  ]
  const notes = () => logged.filter((line) => line.includes('use of a credential')).length

  test('is a use still, and is tried again after a while', async () => {
    for (const sql of statements) people.store.db.exec(sql)
    const before = notes()
    for (const tries of [1, 2]) {
      now += LIMITS.account.seenMs
      for (const headers of [ann.key, ann.cookie, ann.jwt, ann.key]) expect(await statusOf(headers)).toBe(200)
      expect(notes()).toBe(before + tries)
    }
    people.store.db.exec('DROP TRIGGER no_uses; DROP TRIGGER not_seen')
    now += LIMITS.account.seenMs
    expect(await statusOf(ann.key)).toBe(200)
    expect(people.store.apiKeys.byHash(sha256Hex(keyOf(ann)))?.lastUsedAt).toBe(now)
  })

  test('R03 since another program holds the database, is one too', async () => {
    now += LIMITS.account.seenMs
    const before = notes()
    people.store.db.exec('BEGIN IMMEDIATE')
    for (const headers of [ann.key, ann.cookie]) expect(await statusOf(headers)).toBe(200)
    people.store.db.exec('ROLLBACK')
    expect(notes()).toBe(before + 1)
  }, 30_000)
})

describe('an access token', () => {
  test('as this instance issues it is taken', async () => {
    expect(await statusOf(bearer(token()))).toBe(200)
    expect(await statusOf({ authorization: `bearer ${token()}` })).toBe(200)
  })

  const unsigned: Sign = () => ''
  describe('J01 with no algorithm is refused', () => {
    for (const alg of [
      'none',
      'None',
      'nOnE',
      'NONE',
      '',
      undefined,
      null,
      256,
      ['HS256'],
      'hs256',
      'HS256 ',
    ])
      test(JSON.stringify(alg) ?? 'missing', async () => {
        const header = { typ: 'at+jwt', ...(alg !== undefined && { alg }) }
        for (const sign of [unsigned, hmac()])
          expect(await statusOf(bearer(token({ header, sign })))).toBe(401)
      })
  })

  describe('J02 by another algorithm is refused', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const ed = generateKeyPairSync('ed25519')
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' })
    const cases: [alg: string, sign: Sign][] = [
      ['HS384', (input) => hmac('sha384')(input)],
      ['HS512', (input) => hmac('sha512')(input)],
      ['HS256', hmac('sha256', pem)],
      ['HS256', hmac('sha256', '')],
      ['HS256', hmac('sha256', 'secret')],
      ['HS256', hmac('sha256', new Uint8Array(32))],
      ['RS256', (input) => sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url')],
      [
        'ES256',
        (input) =>
          sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString(
            'base64url',
          ),
      ],
      ['EdDSA', (input) => sign(null, Buffer.from(input), ed.privateKey).toString('base64url')],
    ]
    for (const [index, [alg, sign]] of cases.entries())
      test(`${alg} (${index})`, async () =>
        expect(await statusOf(bearer(token({ header: { ...HEADER, alg }, sign })))).toBe(401))

    for (const more of [
      { crit: ['exp'] },
      { b64: false },
      { crit: ['b64'], b64: false },
      { zip: 'DEF' },
      { cty: 'JWT' },
    ])
      test(JSON.stringify(more), async () =>
        expect(await statusOf(bearer(token({ header: { ...HEADER, ...more } })))).toBe(401),
      )

    test('encrypted', async () => {
      const header = encoded({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt' })
      expect(await statusOf(bearer(`${header}..${encoded('iv')}.${encoded('text')}.${encoded('tag')}`))).toBe(
        401,
      )
    })
  })

  test('J03 that names a key of its own is refused, and nobody is asked for it', async () => {
    let asked = 0
    const listener = createServer((_, answer) => {
      asked++
      answer.end('{"keys":[]}')
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as AddressInfo // of a TCP server
    const url = `http://127.0.0.1:${port}/keys`
    const jwk = { kty: 'oct', k: Buffer.from(signingKey).toString('base64url') }
    const names = [
      { kid: '../../dev/null' },
      { kid: "' OR 1=1 --" },
      { jku: url },
      { x5u: url },
      { jwk },
      { x5c: [url] },
    ]
    for (const more of names)
      for (const sign of [hmac(), hmac('sha256', '')])
        expect(await statusOf(bearer(token({ header: { ...HEADER, ...more }, sign })))).toBe(401)
    expect(asked).toBe(0)
    listener.close()
  })

  describe('J04 of another time is refused', () => {
    const wrong: [what: string, claims: () => object][] = [
      ['exp in the past', () => ({ exp: seconds() - 1, iat: seconds() - 601 })],
      ['exp now', () => ({ exp: seconds(), iat: seconds() - 600 })],
      ['exp missing', () => ({ exp: undefined })],
      ['exp a text', () => ({ exp: String(seconds() + 600) })],
      ['exp without an end', () => ({ exp: 1e20 })],
      ['exp an hour from now', () => ({ exp: seconds() + 3_600 })],
      ['exp negative', () => ({ exp: -1 })],
      ['exp null', () => ({ exp: null })],
      ['iat missing', () => ({ iat: undefined })],
      ['iat in the future', () => ({ iat: seconds() + 60, exp: seconds() + 660 })],
      ['iat long ago', () => ({ iat: seconds() - 601 })],
      ['iat a text', () => ({ iat: String(seconds()) })],
      ['nbf in the future', () => ({ nbf: seconds() + 60 })],
      ['nbf at all: none is issued', () => ({ nbf: seconds() - 60 })],
    ]
    for (const [what, more] of wrong)
      test(what, async () =>
        expect(await statusOf(bearer(token({ claims: { ...claims(), ...more() } })))).toBe(401),
      )

    for (const [what, ms] of [
      ['an hour later', HOUR_MS],
      ['an hour earlier', -HOUR_MS],
    ] as const)
      test(`by a clock ${what}`, async () => {
        const issued = token()
        now += ms
        expect(await statusOf(bearer(issued))).toBe(401)
        now -= ms
        expect(await statusOf(bearer(issued))).toBe(200)
      })
  })

  describe('J05 that is spelled otherwise is refused', () => {
    const changed: [what: string, change: (token: string) => string][] = [
      ['without its signature', (whole) => whole.slice(0, whole.lastIndexOf('.') + 1)],
      ['without its last part', (whole) => whole.slice(0, whole.lastIndexOf('.'))],
      ['with a dot more', (whole) => `${whole}.`],
      ['with a part more', (whole) => `${whole}.e30`],
      ['with a dot before', (whole) => `.${whole}`],
      ['with padding', (whole) => `${whole}=`],
      ['with a blank', (whole) => whole.replace('.', '. ')],
      ['with a line end encoded', (whole) => `${whole}%0A`],
      ['with a signature cut short', (whole) => whole.slice(0, -1)],
      ['in capitals', (whole) => whole.toUpperCase()],
      [
        'with the claims of somebody else',
        (whole) => whole.replace(/\.[^.]+\./, `.${encoded({ ...claims(), sub: 'x' })}.`),
      ],
      [
        'with two algorithms',
        (whole) => whole.replace(/^[^.]+/, encoded('{"alg":"none","alg":"HS256","typ":"at+jwt"}')),
      ],
      ['with an empty header', (whole) => whole.replace(/^[^.]+/, encoded({}))],
      ['with a header that is no object', (whole) => whole.replace(/^[^.]+/, encoded('[]'))],
    ]
    for (const [what, change] of changed)
      test(what, async () => expect(await statusOf(bearer(change(token())))).toBe(401))

    test('in each bit of its signature', async () => {
      const whole = token()
      const start = whole.lastIndexOf('.') + 1
      for (let at = start; at < whole.length; at++)
        for (const other of [1, 2, 4, 8, 16, 32]) {
          const char = BASE64URL[BASE64URL.indexOf(whole[at] ?? '') ^ other]
          const forged = `${whole.slice(0, at)}${char}${whole.slice(at + 1)}`
          expect([forged.slice(start), await statusOf(bearer(forged))]).toEqual([forged.slice(start), 401])
        }
    })

    test('with + and / for - and _', async () => {
      let whole = token()
      // The signature of one of the next seconds has one of them.
      for (let life = 0; !/[-_][^.]*$/.test(whole); life++)
        whole = token({ claims: { ...claims(), iat: seconds() - life, exp: seconds() - life + 600 } })
      expect(await statusOf(bearer(whole))).toBe(200)
      const [head, body, signature = ''] = whole.split('.')
      const plain = signature.replaceAll('-', '+').replaceAll('_', '/')
      expect(await statusOf(bearer(`${head}.${body}.${plain}`))).toBe(401)
    })

    for (const chars of [LIMITS.account.accessTokenChars + 1, 1_048_576])
      test(`of ${chars} characters`, async () => {
        const padded = token({ claims: { ...claims(), pad: 'x'.repeat(chars) } })
        expect([401, 431, 'hung up']).toContain(await statusOf(bearer(padded)))
      })
  })

  describe('J06 for another purpose is refused', () => {
    const wrong: [what: string, given: () => Parameters<typeof token>[0]][] = [
      ['another audience', () => ({ claims: { ...claims(), aud: 'fairlead-sites' } })],
      ['one of two audiences', () => ({ claims: { ...claims(), aud: ['fairlead-api', 'x'] } })],
      ['another instance', () => ({ claims: { ...claims(), iss: `fairlead:${'x'.repeat(20)}` } })],
      ['no issuer', () => ({ claims: { ...claims(), iss: undefined } })],
      ['an invitation', () => ({ header: { ...HEADER, typ: 'invitation+jwt' } })],
      ['an ID token', () => ({ header: { ...HEADER, typ: 'JWT' } })],
      ['no type', () => ({ header: { alg: 'HS256' } })],
      ['no session', () => ({ claims: { ...claims(), sid: undefined } })],
      ['an unknown session', () => ({ claims: { ...claims(), sid: 'x'.repeat(20) } })],
      ['the session of somebody else', () => ({ claims: { ...claims(), sub: 'x'.repeat(20) } })],
      [
        'another purpose of the same key',
        () => ({ sign: hmac('sha256', derivedKey(readKey(join(app.data, 'key')), 'seal')) }),
      ],
      ['the key of the data folder itself', () => ({ sign: hmac('sha256', readKey(join(app.data, 'key'))) })],
    ]
    for (const [what, given] of wrong)
      test(what, async () => expect(await statusOf(bearer(token(given())))).toBe(401))
  })
})

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const keyOf = ({ key }: Person): string => key['authorization']?.slice('Bearer '.length) ?? ''
const tokenOf = ({ cookie }: Person): string => cookie['cookie']?.slice('fairlead='.length) ?? ''

describe('a credential in another place is none', () => {
  const places: [what: string, headers: () => Headers, path?: () => string][] = [
    ['J09 a key in the query', () => ({}), () => `/services?token=${keyOf(ann)}`],
    ['J09 a token in the query', () => ({}), () => `/services?access_token=${token()}`],
    ['J09 an Authorization in the query', () => ({}), () => `/events?authorization=Bearer%20${keyOf(ann)}`],
    [
      'J09 a key in the query of a stream',
      () => ({ accept: 'text/event-stream' }),
      () => `/events?key=${keyOf(ann)}`,
    ],
    [
      'a key as Basic',
      () => ({ authorization: `Basic ${Buffer.from(`${keyOf(ann)}:`).toString('base64')}` }),
    ],
    ['a key without a scheme', () => ({ authorization: keyOf(ann) })],
    ['a key as Token', () => ({ authorization: `Token ${keyOf(ann)}` })],
    ['a key in a header of its own', () => ({ 'x-api-key': keyOf(ann) })],
    ['a key as a cookie', () => ({ cookie: `fairlead=${keyOf(ann)}` })],
    ['a token as a cookie', () => ({ cookie: `fairlead=${token()}` })],
    ['the secret of the cookie as a token', () => bearer(tokenOf(ann))],
    ['two keys', () => ({ authorization: `Bearer ${keyOf(ann)}, Bearer ${keyOf(ann)}` })],
    ['a key and more', () => ({ authorization: `Bearer ${keyOf(ann)} x` })],
    ['nothing', () => ({ authorization: 'Bearer' })],
    ['an empty header', () => ({ authorization: '' })],
  ]
  for (const [what, headers, path] of places)
    test(what, async () => expect(await statusOf(headers(), path?.())).toBe(401))

  test('a wrong one is refused beside a right one', async () => {
    expect(await statusOf({ ...ann.cookie, ...bearer('fl_x') })).toBe(401)
    expect(await statusOf({ ...ann.cookie, authorization: 'Basic eDp5' })).toBe(401)
  })

  test('not even where nobody has to sign in', async () => {
    for (const headers of [bearer('fl_x'), { cookie: 'fairlead=fs_x' }]) {
      const { status, body } = await app.ask('GET', '/session', { headers })
      expect(status).toBe(200)
      expect(body).toMatchObject({ kind: null, user: null, rights: [] })
    }
  })
})

describe('J18 a key that is not exactly one', () => {
  const changes: [what: string, change: (key: string) => string][] = [
    ['cut short', (key) => key.slice(0, -1)],
    ['made longer', (key) => `${key}x`],
    ['its prefix alone', (key) => key.slice(0, 11)],
    ['another secret', (key) => `${key.slice(0, 12)}${'A'.repeat(43)}`],
    ['another prefix', (key) => `fl_00000000${key.slice(11)}`],
    ['in capitals', (key) => key.toUpperCase()],
    ['its hash', (key) => sha256Hex(key)],
    ['its hash as a key', (key) => `fl_${sha256Hex(key)}`],
    ['a pattern', () => 'fl_%'],
    ['SQL', () => "fl_'OR'1'='1"],
    ['a NUL, encoded', (key) => `${key}%00`],
  ]
  for (const [what, change] of changes)
    test(what, async () => expect(await statusOf(bearer(change(keyOf(ann))))).toBe(401))
})

describe('J10 a cookie', () => {
  const cookies: [what: string, cookie: () => string][] = [
    ['of another name', () => `Fairlead=${tokenOf(ann)}`],
    ['of the secure name', () => `__Host-fairlead=${tokenOf(ann)}`],
    ['in quotes', () => `fairlead="${tokenOf(ann)}"`],
    ['that is the hash', () => `fairlead=${sha256Hex(tokenOf(ann))}`],
    ['that is the id of the session', () => `fairlead=${claims().sid}`],
    ['that is empty', () => 'fairlead='],
    ['that is there twice', () => `fairlead=${tokenOf(ann)}; fairlead=${tokenOf(ann)}`],
    ['with a value more', () => `fairlead=${tokenOf(ann)}x`],
  ]
  for (const [what, cookie] of cookies)
    test(`${what} is nobody’s`, async () => expect(await statusOf({ cookie: cookie() })).toBe(401))
})
