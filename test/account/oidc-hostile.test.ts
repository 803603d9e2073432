/** Providers that lie, or do not work: nobody is signed in, and everybody is told why. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import type { IdentityProvider } from '../../src/contract/shapes/identities.ts'
import { startTestApp, type TestApp } from '../api/app.ts'
import { type Guest, Guests, PASSWORD } from './guests.ts'
import { Issuer } from './issuer.ts'
import { type Landing, Visitor } from './visitor.ts'

const SECRET = 'the secret of the client, 32 bytes'
let app: TestApp
let guests: Guests
let issuer: Issuer
let provider: IdentityProvider
let ann: Guest

beforeAll(async () => {
  app = await startTestApp()
  guests = new Guests(app, Date.now)
  ann = await guests.guest()
})
afterAll(async () => {
  guests.close()
  await app.stop()
})
beforeEach(async () => {
  issuer = await new Issuer().start()
  const { value } = await create({})
  provider = value
})
afterEach(async () => {
  issuer.stop()
  await guests.ask(await guests.ownerKey(), 'DELETE', `/identity-providers/${provider.id}`)
})

const create = async (given: object) =>
  await guests.ask<IdentityProvider>(await guests.ownerKey(), 'POST', '/identity-providers', {
    label: 'Harbour',
    issuer: issuer.url,
    clientId: 'fairlead',
    clientSecret: SECRET,
    allowPrivateNetwork: true,
    ...given,
  })

/** Links ann, who is `sub`, then lets the provider say something else at a sign-in. */
async function linkAnn(sub: string, query = ''): Promise<void> {
  const visitor = new Visitor(app, ann.here)
  const { nonce, state, redirectUri } = issuer.departure(await visitor.beginLink(provider.id, PASSWORD))
  issuer.claims = { sub, nonce }
  const { path } = await visitor.land(`${redirectUri}?code=x&state=${state}${query}`)
  expect(path).toBe('/profile')
}

async function signIn(lie: (nonce: string) => void = () => {}, query = ''): Promise<Landing> {
  const visitor = new Visitor(app)
  const { nonce, state, redirectUri } = issuer.departure(await visitor.begin(provider.id))
  issuer.claims = { sub: 'ann', nonce }
  lie(nonce)
  return await visitor.land(`${redirectUri}?code=x&state=${state}${query}`)
}

describe('a provider that tells the truth', () => {
  test('signs in whom it has named, and is shown the proof of PKCE and the secret', async () => {
    await linkAnn('truth')
    const visitor = new Visitor(app)
    const { nonce, state, redirectUri, challenge } = issuer.departure(
      await visitor.begin(provider.id, '/users'),
    )
    issuer.claims = { sub: 'truth', nonce }
    const landing = await visitor.land(`${redirectUri}?code=the-code&state=${state}`)
    expect(landing).toMatchObject({ status: 303, path: '/users', pending: { problem: null } })
    expect(await guests.works(landing.session)).toBe(true)
    const form = issuer.forms.at(-1)
    expect(form?.get('code')).toBe('the-code')
    expect(form?.get('redirect_uri')).toBe(redirectUri)
    const verifier = form?.get('code_verifier') ?? ''
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge)
  })
})

describe('nobody is signed in by a token', () => {
  const unsigned = (claims: JWTPayload): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    return `${part({ alg: 'none' })}.${part(claims)}.`
  }
  const bySecret = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET))
  const byAnotherKey = async (claims: JWTPayload, kid?: string) => {
    const { privateKey } = await generateKeyPair('RS256')
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', ...(kid !== undefined && { kid }) })
      .sign(privateKey)
  }
  const now = Math.floor(Date.now() / 1_000)

  const lies: [string, () => void, RegExp][] = [
    ['that is not signed (alg none)', () => (issuer.token = unsigned), /not accepted/],
    ['signed with the client secret (HS256)', () => (issuer.token = bySecret), /not accepted/],
    [
      'of an unknown key',
      () => (issuer.token = (claims) => byAnotherKey(claims, 'unknown')),
      /does not publish/,
    ],
    ['of another key', () => (issuer.token = (claims) => byAnotherKey(claims)), /does not hold/],
    ['of another issuer', () => (issuer.claims['iss'] = 'https://evil.test'), /not made for this/],
    ['for another client', () => (issuer.claims['aud'] = 'somebody-else'), /not made for this/],
    ['for another sign-in', () => (issuer.claims['nonce'] = 'n'.repeat(43)), /not made for this/],
    ['for no sign-in in particular', () => delete issuer.claims['nonce'], /does not hold|not made for this/],
    ['that has expired', () => (issuer.claims['exp'] = now - 600), /clocks is off/],
    ['that is not valid yet', () => (issuer.claims['nbf'] = now + 600), /clocks is off/],
    ['that names nobody', () => delete issuer.claims['sub'], /does not hold/],
    ['that is empty', () => (issuer.token = () => ''), /does not hold/],
  ]
  for (const [what, lie, told] of lies)
    test(what, async () => {
      const landing = await signIn(lie)
      expect(landing).toMatchObject({ status: 303, path: '/#problem', session: {} })
      expect(landing.pending).toMatchObject({
        login: null,
        problem: { status: 401, code: 'unauthenticated', detail: expect.stringMatching(told) },
      })
    })

  test('and the truth is taken after all of these', async () => {
    await linkAnn('after-lies')
    const landing = await signIn(() => (issuer.claims['sub'] = 'after-lies'))
    expect(await guests.works(landing.session)).toBe(true)
  })
})

describe('nobody is signed in by an answer', () => {
  const json = (status: number, body: object) => () => {
    issuer.answers['/token'] = (_, response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const cases: [string, () => void, number, RegExp][] = [
    ['without a token', json(200, { access_token: 'x', token_type: 'Bearer' }), 401, /does not hold/],
    ['that the code is unknown or was used', json(400, { error: 'invalid_grant' }), 401, /not know the code/],
    ['that the secret is wrong', json(401, { error: 'invalid_client' }), 503, /client secret/],
    ['with a token that is none', () => (issuer.token = () => 'x.y.z'), 503, /no OpenID provider/],
    ['of something else', json(500, {}), 503, /answers with an error/],
    [
      'that is no JSON',
      () => (issuer.answers['/token'] = (_, response) => response.end('<h1>Hello</h1>')),
      503,
      /no OpenID provider|not understood/,
    ],
    [
      'without an end',
      () =>
        (issuer.answers['/token'] = (_, response) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(300_000)}"`)),
      503,
      /can not be reached/,
    ],
    [
      'that leads elsewhere',
      () =>
        (issuer.answers['/token'] = (_, response) =>
          response.writeHead(307, { location: `${issuer.url}/elsewhere` }).end()),
      503,
      /answers with an error/,
    ],
  ]
  for (const [what, lie, status, told] of cases)
    test(what, async () => {
      const landing = await signIn(lie)
      expect(landing).toMatchObject({ path: '/#problem', session: {} })
      expect(landing.pending.problem).toMatchObject({ status, detail: expect.stringMatching(told) })
    })

  test('in the name of another issuer (RFC 9207)', async () => {
    issuer.metadata = { authorization_response_iss_parameter_supported: true }
    for (const query of ['', `&iss=${encodeURIComponent('https://evil.test')}`])
      expect((await signIn(() => {}, query)).pending.problem).toMatchObject({ status: 401 })
    const own = `&iss=${encodeURIComponent(issuer.url)}`
    await linkAnn('rfc9207', own)
    const truth = await signIn(() => (issuer.claims['sub'] = 'rfc9207'), own)
    expect(await guests.works(truth.session)).toBe(true)
  })

  test('that the person has said no', async () => {
    const visitor = new Visitor(app)
    const { state, redirectUri } = issuer.departure(await visitor.begin(provider.id, '/users'))
    const landing = await visitor.land(`${redirectUri}?error=access_denied&state=${state}`)
    expect(landing.path).toBe('/users#problem')
    expect(landing.pending.problem).toMatchObject({
      status: 403,
      detail: expect.stringContaining('cancelled'),
    })
  })
})

describe('a provider is not set up', () => {
  const refused = async (given: object) => (await create(given)).problem

  const metadata: [string, object][] = [
    ['that says it is another one', { issuer: 'https://login.example.com' }],
    ['whose sign-in page is a script', { authorization_endpoint: 'javascript:alert(1)' }],
    ['that tells no address for tokens', { token_endpoint: undefined }],
    ['that publishes no keys', { jwks_uri: undefined }],
  ]
  for (const [what, lie] of metadata)
    test(what, async () => {
      issuer.metadata = { ...lie }
      expect(await refused({})).toMatchObject({ status: 422, errors: [{ field: 'issuer' }] })
    })

  test('W16 at an address of a private network, of this machine or of plain HTTP, unless that is allowed', async () => {
    const before = issuer.requests
    for (const [address, allowPrivateNetwork] of [
      [issuer.url, false],
      ['https://127.0.0.1', false],
      ['https://[::1]', false],
      ['https://10.0.0.1', false],
      ['https://169.254.169.254', false],
      ['https://2130706433', false],
      ['http://192.0.2.1', true],
    ] as const)
      expect(await refused({ issuer: address, allowPrivateNetwork })).toMatchObject({
        status: 422,
        errors: [{ field: 'issuer' }],
      })
    expect(issuer.requests).toBe(before)
  })

  test('at what is no address', async () => {
    for (const address of ['', 'login', 'ftp://login.example.com', 'https://a@b.test', `${issuer.url}?x=1`])
      expect(await refused({ issuer: address })).toMatchObject({ status: 422, errors: [{ field: 'issuer' }] })
  })

  test('where nothing answers, and then nobody can begin', async () => {
    issuer.stop()
    expect(await refused({})).toMatchObject({ status: 422, errors: [{ field: 'issuer' }] })
    const { status, body } = await new Visitor(app).ask('POST', `/session/oidc/${provider.id}`, {})
    expect([status, body]).toMatchObject([503, { code: 'unavailable' }])
    expect(JSON.stringify(body)).not.toContain('127.0.0.1')
  })

  test('that other addresses of it lead into a private network later', async () => {
    // It was set up when that was allowed; from now on it is not.
    const key = await guests.ownerKey()
    guests.people.store.db.run(
      `UPDATE identity_providers SET settings = json_set(settings, '$.allowPrivateNetwork', json('false')),
       revision = revision + 1 WHERE id = ?`,
      provider.id,
    )
    expect(
      (await guests.ask<IdentityProvider>(key, 'GET', `/identity-providers/${provider.id}`)).value,
    ).toMatchObject({
      allowPrivateNetwork: false,
    })
    expect((await new Visitor(app).ask('POST', `/session/oidc/${provider.id}`, {})).status).toBe(503)
  })
})
