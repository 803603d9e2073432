/** D14 D18, of CAs: those that refuse, wait, break and lie. */
import { describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { LIMITS } from '../../src/base/limits.ts'
import { parseChain } from '../../src/base/x509/chain.ts'
import { newKey } from '../../src/base/x509/key.ts'
import { pem } from '../../src/base/x509/pem.ts'
import { selfSigned } from '../../src/base/x509/signed.ts'
import { type Interference, problem } from './hostile-authority.ts'
import { eachStage, fault } from './hostile-stage.ts'
import { connect, refusal, signal } from './stage.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const stage = eachStage()

test('a CA that does all right is asked no more than it takes', async () => {
  const chain = await stage().issued(['*.a.example', 'a.example'])
  expect(parseChain(chain).leaf.names).toEqual(['*.a.example', 'a.example'])
  const kinds = Object.groupBy(stage().hostile.seen, ({ kind }) => kind)
  expect(Object.fromEntries(Object.entries(kinds).map(([kind, all]) => [kind, all.length]))).toEqual({
    newOrder: 1,
    nonce: 1, // there is one in each answer, and two are asked for at the same time
    authorization: 6, // each when it is ordered, before and after it is checked
    challenge: 2,
    order: 2,
    finalize: 1,
    certificate: 1,
  })
})

describe('an account', () => {
  const ANN = ['mailto:ann@site.example']
  const opened = (contact: string[], key = stage().account.key) =>
    stage().authority.openAccount({ key, contact, external: null }, signal)

  test('is opened once, and its contacts are told when they are others', async () => {
    const { url } = stage().account
    expect(await opened(ANN)).toBe(url ?? '')
    expect(stage().hostile.asked('account')).toEqual([])
    expect(await opened(['mailto:bob@site.example'])).toBe(url ?? '')
    expect(stage().hostile.asked('account')).toMatchObject([
      { payload: { contact: ['mailto:bob@site.example'] } },
    ])
    const [looked, opening] = stage().hostile.asked('newAccount')
    expect([looked?.payload, opening?.payload]).toEqual([
      { onlyReturnExisting: true },
      { onlyReturnExisting: true },
    ])
  })

  test('is agreed to the terms for when it is new', async () => {
    expect(await opened(ANN, newKey())).not.toBe(stage().account.url ?? '')
    const [, opening] = stage().hostile.asked('newAccount')
    expect(opening?.payload).toEqual({ termsOfServiceAgreed: true, contact: ANN })
    expect(stage().hostile.asked('account')).toEqual([])
  })

  for (const status of ['deactivated', 'revoked'])
    test(`that is ${status} is told`, async () => {
      const headers = { location: `${stage().hostile.base}/account/1` }
      stage().at('newAccount', { headers, body: { status } })
      expect(await refusal(opened(ANN))).toMatchObject(fault('conflict', new RegExp(`is ${status}`)))
    })

  test('without an address is none', async () => {
    stage().at('newAccount', { body: { status: 'valid' } })
    expect(await refusal(opened(ANN))).toMatchObject(fault('unavailable', /an address that is none/))
  })
})

describe('a CA that wants to be left alone', () => {
  const waits: [what: string, answer: Interference, ms: number][] = [
    [
      '429 for an hour',
      { ...problem('rateLimited', 'Too many certificates.', 429), headers: { 'retry-after': '3600' } },
      HOUR_MS,
    ],
    [
      '429 until a date',
      { status: 429, headers: { 'retry-after': new Date(Date.now() + 2 * HOUR_MS).toUTCString() } },
      2 * HOUR_MS,
    ],
    ['429 without a word', { status: 429 }, LIMITS.acme.blockedMs],
    ['rateLimited with another status', problem('rateLimited', 'Too many.', 403), LIMITS.acme.blockedMs],
    ['503 for an hour', { status: 503, headers: { 'retry-after': '3600' } }, HOUR_MS],
    [
      '429 for ten years',
      { status: 429, headers: { 'retry-after': '315360000' } },
      LIMITS.acme.blockedMsMost,
    ],
    [
      '429 for a number that is none',
      { status: 429, headers: { 'retry-after': '-5e9' } },
      LIMITS.acme.blockedMs,
    ],
  ]
  for (const [what, answer, ms] of waits)
    test(`${what}: it is, and it is said until when`, async () => {
      stage().at('newOrder', answer)
      const thrown = await refusal(stage().ordered())
      expect(thrown).toMatchObject(
        fault(
          'unavailable',
          /wants to be left alone until 20\d\d-.* UTC, asked to make an order for a\.example/,
        ),
      )
      const { retryAt } = Object(thrown).extra
      expect(Math.abs(retryAt - Date.now() - ms)).toBeLessThan(60_000)
      expect(stage().hostile.asked('newOrder').length).toBe(1)
    })

  test('for a second: that is waited for', async () => {
    stage().at('newOrder', { status: 429, headers: { 'retry-after': '1' } }, 1)
    expect(await stage().ordered()).toMatchObject({ status: 'pending' })
    expect(stage().hostile.asked('newOrder').length).toBe(2)
  })
})

describe('a CA that fails', () => {
  test('in passing is asked again', async () => {
    stage().at('newOrder', { status: 500, body: '<html>' }, 2)
    expect(await stage().ordered()).toMatchObject({ names: ['a.example'] })
    expect(stage().hostile.asked('newOrder').length).toBe(3)
  })

  for (const status of [500, 503, 599])
    test(`for ever with ${status} is unavailable, after some tries`, async () => {
      const patient = connect({ directoryUrl: stage().hostile.directoryUrl, root: null })
      stage().at('newOrder', problem('serverInternal', 'The database is down.', status))
      const given = { names: ['a.example'], profile: null, replaces: null }
      expect(await refusal(patient.order(stage().account, given, signal))).toMatchObject({
        ...fault('unavailable', /refuses to make an order for a\.example: The database is down\.$/),
        extra: { authorityProblem: { type: 'urn:ietf:params:acme:error:serverInternal' } },
      })
      expect(stage().hostile.asked('newOrder').length).toBe(LIMITS.acme.attempts)
    })

  test('with badNonce for ever is unavailable, after a bounded number of tries', async () => {
    stage().at('newOrder', problem('badNonce', 'No.'))
    expect(await refusal(stage().ordered())).toMatchObject(fault('unavailable', /refuses to make an order/))
    expect(stage().hostile.asked('newOrder').length).toBe(LIMITS.acme.nonceAttempts)
  })

  test('with badNonce is asked again with the nonce of its answer', async () => {
    stage().at('newOrder', problem('badNonce', 'No.'), 5)
    await stage().ordered()
    expect(stage().hostile.asked('newOrder').length).toBe(6)
    expect(stage().hostile.asked('nonce').length).toBe(0)
  })

  test('and hangs is given up after two deadlines', async () => {
    stage().at('newOrder', 'hang')
    expect(await refusal(stage().ordered())).toMatchObject(fault('unavailable', /does not answer/))
    expect(stage().hostile.asked('newOrder').length).toBe(2)
  })

  test('and hangs is left at once when it is called off', async () => {
    const stop = new AbortController()
    stage().hostile.interfere = ({ kind }) => {
      if (kind !== 'newOrder') return null
      stop.abort(new Error('called off'))
      return 'hang'
    }
    const given = { names: ['a.example'], profile: null, replaces: null }
    expect(await refusal(stage().authority.order(stage().account, given, stop.signal))).toMatchObject({
      message: 'called off',
    })
    expect(stage().hostile.asked('newOrder').length).toBe(1)
  })

  test('and is not there at all is unavailable', async () => {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = Object(server.address())
    await new Promise((closed) => server.close(closed))
    const nobody = connect({ directoryUrl: `http://127.0.0.1:${port}/`, root: null })
    expect(await refusal(nobody.directory(signal))).toMatchObject(fault('unavailable', /does not answer/))
  })
})

describe('an order that never ends', () => {
  test('is not ready, though it says that it is', async () => {
    stage().at('finalize', problem('orderNotReady', 'Not yet.', 403))
    const order = await stage().ordered()
    await stage().validated(order)
    expect(await refusal(stage().finalized(order))).toMatchObject(
      fault('unavailable', /make the certificate for a\.example, and it is ready still/),
    )
    expect(stage().hostile.asked('finalize').length).toBeGreaterThan(1)
  })

  for (const status of ['pending', 'processing', 'something else', 'a \u202e word'])
    test(`is ${status} for ever`, async () => {
      const order = await stage().ordered()
      const body = {
        status,
        identifiers: [{ type: 'dns', value: 'a.example' }],
        authorizations: [],
        finalize: `${stage().hostile.base}/finalize/1`,
      }
      stage().at('order', { body })
      expect(await refusal(stage().finalized(order))).toMatchObject(
        fault('unavailable', new RegExp(`it is ${status.replace('\u202e', String.raw`\\u202e`)} still`)),
      )
    })

  test('is one whose challenge nobody looks at', async () => {
    const order = await stage().ordered()
    stage().at('challenge', { body: { status: 'processing' } })
    expect(await refusal(stage().validated(order))).toMatchObject(
      fault('unavailable', /asked to check a\.example, and it is pending still/),
    )
    expect(stage().hostile.asked('challenge').length).toBe(1)
  })
})

describe('what a CA found is told', () => {
  test('in its words', async () => {
    stage().hostile.finds = () => false
    const order = await stage().ordered()
    expect(await refusal(stage().validated(order))).toMatchObject({
      ...fault(
        'conflict',
        /could not check a\.example by http-01, its authorization is invalid: Found nothing\.$/,
      ),
      extra: { authorityProblem: { type: 'urn:ietf:params:acme:error:dns', detail: 'Found nothing.' } },
    })
    expect(await refusal(stage().finalized(order))).toMatchObject(
      fault('conflict', /makes no certificate for a\.example/),
    )
  })

  test('name by name, made safe to show, and cut', async () => {
    const subproblems = [
      {
        type: 'urn:ietf:params:acme:error:caa',
        detail: 'CAA\u202e forbids\u0000',
        identifier: { type: 'dns', value: 'a.example' },
      },
      { type: 7 },
      { type: 'x', detail: 'y'.repeat(1_900), identifier: { type: 'dns', value: 'b.example' } },
    ]
    stage().at('newOrder', problem('compound', 'Several things.', 400, { subproblems }))
    const thrown = await refusal(stage().ordered())
    // Before it is matched: that writes its matchers into what it looks at.
    expect(String(thrown).length).toBeLessThan(1_300)
    expect(thrown).toMatchObject(
      fault('conflict', /Several things\. · a\.example: CAA\\u202e forbids\\u0000 · b\.example: yyy/),
    )
  })

  const kinds: [type: string, status: number, code: string, hint: RegExp][] = [
    ['accountDoesNotExist', 400, 'not_found', /opened anew/],
    ['caa', 403, 'conflict', /CAA record/],
    ['externalAccountRequired', 403, 'conflict', /HMAC key/],
    ['rejectedIdentifier', 400, 'conflict', /no certificates for this name/],
    ['userActionRequired', 403, 'conflict', /new terms/],
    ['somethingNew', 400, 'conflict', /what it says/],
  ]
  for (const [type, status, code, hint] of kinds)
    test(`${type} is ${code}, with what to do`, async () => {
      stage().at('newOrder', problem(type, 'So it is.', status))
      expect(await refusal(stage().ordered())).toMatchObject({
        ...fault(code, /So it is\.$/),
        hint: expect.stringMatching(hint),
        extra: { authorityProblem: { type: `urn:ietf:params:acme:error:${type}`, detail: 'So it is.' } },
      })
    })
})

describe('answers that are none', () => {
  const bodies: [what: string, answer: Interference, message: RegExp][] = [
    ['nothing', { body: '' }, /something that is no/],
    [
      'HTML',
      { body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } },
      /something that is no/,
    ],
    ['half of its JSON', { body: '{"status": "pending", "identifiers": [' }, /something that is no/],
    ['null', { body: null }, /something that is no/],
    ['a list', { body: [1, 2] }, /something that is no/],
    [
      'wrong types',
      { body: { status: 7, identifiers: {}, authorizations: 'all', finalize: null } },
      /something that is no/,
    ],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }, /a redirect \(302\)/],
    [
      'far too much',
      { body: ' '.repeat(LIMITS.acme.answerBytes + 1) },
      /answers with more than 262144 bytes/,
    ],
  ]
  for (const kind of ['newOrder', 'authorization', 'order'] as const)
    for (const [what, answer, message] of bodies)
      test(`${what}, in place of ${kind}`, async () => {
        const order = await stage().ordered()
        stage().at(kind, answer)
        const work =
          kind === 'order'
            ? stage().finalized(order)
            : kind === 'newOrder'
              ? stage().ordered()
              : stage().validated(order)
        expect(await refusal(work)).toMatchObject(fault('unavailable', message))
      })

  const directories: [what: string, answer: Interference][] = [
    ['nothing', { body: '' }],
    ['a page', { body: '<html></html>' }],
    ['another API', { body: { result: [], success: true } }],
    ['404', { status: 404, body: 'no' }],
    ['500', { status: 500, body: 'no' }],
    [
      'a directory without newOrder',
      { body: { newNonce: 'https://a.example/', newAccount: 'https://a.example/' } },
    ],
  ]
  for (const [what, answer] of directories)
    test(`${what}, in place of the directory`, async () => {
      const fresh = connect({ directoryUrl: stage().hostile.directoryUrl, root: null }, { answerMs: 300 })
      stage().at('directory', answer)
      expect(await refusal(fresh.directory(signal))).toMatchObject(fault('unavailable', /show its directory/))
    })

  test('a directory with more than anybody needs is read in part', async () => {
    stage().hostile.meta = {
      termsOfService: 'javascript:alert(1)',
      externalAccountRequired: 'yes',
      profiles: Object.fromEntries(
        Array.from({ length: 99 }, (_, index) => [`p${index}`, index === 0 ? 'Short\u0007' : 7]),
      ),
    }
    const seen = await connect({ directoryUrl: stage().hostile.directoryUrl, root: null }).directory(signal)
    expect(seen).toMatchObject({
      termsOfService: null,
      externalAccountRequired: false,
      profiles: { p0: 'Short\\u0007', p1: '' },
    })
    expect(Object.keys(seen.profiles).length).toBe(LIMITS.acme.profiles)
  })
})

describe('addresses that a CA names', () => {
  const order = (finalize: string, authorizations: string[] = []) => ({
    status: 201,
    headers: { location: `${stage().hostile.base}/order/1` },
    body: { status: 'ready', identifiers: [{ type: 'dns', value: 'a.example' }], authorizations, finalize },
  })

  for (const url of [
    'http://evil.example/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//evil.example/',
    'ftp://127.0.0.1/',
  ])
    test(`${url} is not asked`, async () => {
      stage().at('newOrder', order('https://a.example/', [url]))
      expect(await refusal(stage().ordered())).toMatchObject(
        fault('unavailable', /an address that is none, or not of https:/),
      )
    })

  for (const url of [
    'https://10.0.0.1/latest',
    'https://169.254.169.254/',
    'https://[::1]/',
    'https://127.0.0.2:9/',
  ])
    test(`${url} is not dialled: the admin has set another host`, async () => {
      stage().at('newOrder', order('https://a.example/', [url]))
      expect(await refusal(stage().ordered())).toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('private network'),
      })
    })

  test('no order without one', async () => {
    stage().at('newOrder', { ...order('https://a.example/'), headers: {} })
    expect(await refusal(stage().ordered())).toMatchObject(fault('unavailable', /an address that is none/))
  })

  test('a challenge whose token is no token is none: it would name a file', async () => {
    const challenges = ['../../etc/passwd', '', 'a b', 'a/b', '.', 'x'.repeat(500), 7].map((token) => ({
      type: 'http-01',
      url: `${stage().hostile.base}/challenge/1`,
      token,
      status: 'pending',
    }))
    stage().at('authorization', {
      body: { identifier: { type: 'dns', value: 'a.example' }, status: 'pending', challenges },
    })
    expect(await stage().ordered()).toMatchObject({ authorizations: [{ name: 'a.example', challenges: [] }] })
  })

  test('an order for other names is none', async () => {
    stage().at('newOrder', order('https://a.example/'))
    expect(await refusal(stage().ordered(['b.example']))).toMatchObject(
      fault('unavailable', /an order for a\.example/),
    )
  })
})

describe('a certificate that is not the one', () => {
  const own = (names: [string, ...string[]], key = stage().key) =>
    selfSigned({
      names,
      organization: 'X',
      notBefore: Date.now(),
      notAfter: Date.now() + DAY_MS,
      key,
    })
  const chains: [what: string, text: () => string, message: RegExp][] = [
    ['for another key', () => own(['a.example'], newKey()), /for another key/],
    ['for another name', () => own(['b.example']), /a certificate for b\.example/],
    ['for one name more', () => own(['a.example', 'b.example']), /a certificate for a\.example, b\.example/],
    [
      'behind that of a CA',
      () => stage().hostile.issuer.certificate + own(['a.example']),
      /that of the host first/,
    ],
    [
      'above a stranger',
      () => own(['a.example']) + own(['c.example'], newKey()),
      /has not signed the one before/,
    ],
    ['nothing', () => '', /no certificate in it/],
    ['a page', () => '<html></html>', /no certificate in it/],
    ['cut off', () => own(['a.example']).slice(0, 300), /cut off/],
    ['rubbish', () => pem('CERTIFICATE', Buffer.from('rubbish')), /can't be read/],
  ]
  for (const [what, text, message] of chains)
    test(`${what}: it is refused`, async () => {
      const order = await stage().ordered()
      await stage().validated(order)
      stage().at('certificate', { body: text(), headers: { 'content-type': 'text/html' } })
      const thrown = await refusal(stage().finalized(order))
      expect(JSON.stringify([String(thrown), thrown])).not.toContain(stage().key.split('\n')[1] ?? '-')
      expect(thrown).toMatchObject(fault('unavailable', message))
    })
})
