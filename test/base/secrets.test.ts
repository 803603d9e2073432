/** S06: what looks like a credential is no part of a log, however it got there. */
import { describe, expect, test } from 'bun:test'
import { jsonLog } from '../../src/base/log.ts'
import { masked, sha256Hex, withoutTraces } from '../../src/base/secrets.ts'

const CANARY = 'c4n4ryC4N4RYc4n4ry'
const KEY = `fl_k3v9q0m2_${'Az09_-x'.repeat(6)}A`
const COOKIE = `fs_${'Az09_-x'.repeat(6)}A`
const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.${'Az09_-x'.repeat(6)}A`

describe('S06 masked', () => {
  const texts: string[] = [
    `Authorization: Bearer ${CANARY}`,
    `authorization: Basic ${CANARY}`,
    `{"authorization":"Token ${CANARY}","host":"x"}`,
    `Cookie: fairlead=${CANARY}; other=${CANARY}`,
    `set-cookie: __Host-fairlead=${CANARY}; Path=/`,
    `X-API-Key: ${CANARY}`,
    `headers: { 'x-api-key': '${CANARY}' }`,
    `https://ann:${CANARY}@registry.example.com/v2/`,
    `https://${CANARY}@git.example.com/site.git`,
    `postgres://user:${CANARY}@db/x failed`,
    `GET /hook?token=${CANARY}&x=1`,
    `?access_token=${CANARY}`,
    `client_secret=${CANARY}&grant_type=code`,
    `{"clientSecret":"${CANARY}"}`,
    `{"password":"${CANARY}"}`,
    JSON.stringify({ body: JSON.stringify({ password: CANARY }) }),
    JSON.stringify({ body: JSON.stringify({ body: JSON.stringify({ apiKey: CANARY }) }) }),
    `password = '${CANARY}'`,
    `passwd: ${CANARY}`,
    `recoveryCode: ${CANARY}`,
    `Bearer ${CANARY}`,
    `used ${KEY} twice`,
    `the cookie ${COOKIE}`,
    `got ${JWT}, expected none`,
    `http://127.0.0.1:4750/setup#${CANARY}`,
    `https://fairlead.example.com/invitation#${CANARY}`,
    `https://fairlead.example.com/password-reset#${CANARY}`,
    `otpauth://totp/Fairlead:ann%40example.com?issuer=Fairlead&secret=${CANARY}&period=30`,
  ]
  for (const text of texts)
    test(text, () => {
      for (const secret of [CANARY, KEY.slice(12), COOKIE, JWT.slice(0, 30)])
        expect(masked(text)).not.toContain(secret)
      expect(masked(text)).toContain('••••')
    })

  test('what is none is left as it is', () => {
    const plain = [
      'Deployed web to production in 1.2 s: https://production.web.localhost:4780/?a=b#top',
      `bundle ${sha256Hex('x')}`,
      'The password is too short.',
      'the key of the data folder',
      'mail ann@example.com about it',
      'The token has expired; sign in again.',
    ]
    for (const text of plain) expect(masked(text)).toBe(text)
  })

  test('a secret that is known is hidden whatever it looks like', () => {
    expect(masked('the value is hunter2hunter2!', ['hunter2hunter2'])).toBe('the value is ••••!')
  })

  test('an error that dumps a request is logged without its secrets, and is still JSON', () => {
    const lines: string[] = []
    const log = jsonLog(
      (line) => lines.push(line),
      () => 0,
    )
    const cause = new Error(`401 from https://ann:${CANARY}@api.example.com`)
    const request = {
      headers: { authorization: `Bearer ${CANARY}`, cookie: `a=${CANARY}` },
      password: CANARY,
    }
    log.write('error', `asking failed: ${JSON.stringify(request)}`, {
      cause: new Error(`request was ${JSON.stringify(request)}`, { cause }),
      request,
    })
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain(CANARY)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      message: expect.stringContaining('••••'),
    })
  })
})

describe('R16 masking takes time in proportion to the text', () => {
  // Each would take hours if it took the square of its length.
  for (const part of [
    'a.',
    'a-',
    'a://',
    'a://b:',
    '://b',
    'Bearer ',
    'password=',
    'password ',
    'authorization:',
    'token\\',
    'fl_',
    'fs_',
    'eyJ.',
    'eyJa',
    'eyJ-',
    'fl_abcdefgh_-',
    '/setup#',
    ' ',
    '"',
    'x',
  ])
    test(JSON.stringify(part), () => {
      const text = part.repeat(4_000_000 / part.length)
      expect(masked(text).length).toBeGreaterThan(0)
    })
})

describe('D16 withoutTraces', () => {
  const secret = 'Sn3lZJTBX6kkg7OdcBUAxOO963GEIyGQ'

  test('whole, cut at either end or in the middle of words', () => {
    for (const text of [
      `Invalid access token ${secret}`,
      `token "${secret.slice(0, 20)}…" is wrong`,
      `ends with ${secret.slice(-8)}`,
      `x${secret.slice(5, 15)}y ${secret.slice(10, 20)}`,
    ]) {
      const told = withoutTraces(text, secret)
      for (let start = 0; start + 6 <= secret.length; start++)
        expect(told).not.toContain(secret.slice(start, start + 6))
      expect(told).toContain('••••')
    }
  })

  test('everything else stays', () => {
    expect(withoutTraces('Invalid TTL. Must be 60 to 86400.', secret)).toBe(
      'Invalid TTL. Must be 60 to 86400.',
    )
    expect(withoutTraces('Grüße 🚢', secret)).toBe('Grüße 🚢')
  })
})
