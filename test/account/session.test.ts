/** The first account, signing in and out, against the real app. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Asked, startTestApp, type TestApp } from '../api/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const PASSWORD = 'seven boats at anchor'
const ann = { login: 'ann@example.com', password: PASSWORD }
const codeOf = (url: string | null): string => new URL(url ?? '').hash.slice(1)
const cookieOf = (headers: Headers): string => headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
const own = { 'sec-fetch-site': 'same-origin' }
const as = (cookie: string): Asked => ({ headers: { cookie, ...own } })

describe('the first account', () => {
  test('J15 nobody makes it without the code of the console', async () => {
    for (const code of ['', 'x', codeOf(app.setUpUrl).slice(1), `${codeOf(app.setUpUrl)}x`]) {
      const { status, body } = await app.ask('POST', '/setup', { json: { code, ...ann } })
      expect(status).toBe(403)
      expect(body).toMatchObject({ code: 'forbidden', hint: expect.stringContaining('printed last') })
    }
    expect((await app.ask('GET', '/setup')).body).toEqual({ open: true } as never) // the whole answer
  })

  test('a weak password and a login that is none are refused, and nothing is made', async () => {
    const code = codeOf(app.setUpUrl)
    for (const [field, wrong] of [
      ['password', { password: 'password1' }],
      ['password', { password: 'x'.repeat(73) }],
      ['login', { login: 'аnn@example.com' }],
    ] as const) {
      const { status, body } = await app.ask('POST', '/setup', { json: { code, ...ann, ...wrong } })
      expect(status).toBe(422)
      expect(body).toMatchObject({ errors: [{ field }] })
    }
    expect((await app.ask('GET', '/setup')).body).toEqual({ open: true } as never) // ditto
  })

  test('until then this machine is let in, but what a proxy passes on is not', async () => {
    expect((await app.ask('GET', '/session')).body).toMatchObject({ kind: 'local', setupOpen: true })
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'])
      expect((await app.ask('GET', '/services', { headers: { [name]: '192.0.2.1' } })).status).toBe(401)
  })

  test('and what takes an account says how to make the first one', async () => {
    const { status, body } = await app.ask('GET', '/settings')
    expect(status).toBe(403)
    expect(body).toMatchObject({ hint: expect.stringContaining('Make the first account') })
  })

  test('J15 of twenty at once one wins; then there is nothing to set up', async () => {
    const code = codeOf(app.setUpUrl)
    const tries = Array.from({ length: 20 }, (_, n) =>
      app.ask('POST', '/setup', { json: { code, ...ann, login: `ann${n}@example.com`, name: 'Ann' } }),
    )
    const answers = await Promise.all(tries)
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(19)
    const winner = answers.find(({ status }) => status === 201)
    expect(winner?.body).toMatchObject({ kind: 'user', setupOpen: false, user: { name: 'Ann' } })
    const made = winner?.body as { user: { login: string } } | undefined
    ann.login = made?.user.login ?? ''
    expect((await app.ask('GET', '/setup')).body).toEqual({ open: false } as never) // ditto
    expect((await app.ask('POST', '/setup', { json: { code, ...ann } })).status).toBe(404)
  })

  test('from then on nobody is let in without an account', async () => {
    const { status, headers, body } = await app.ask('GET', '/services')
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('Bearer')
    expect(body).toMatchObject({ code: 'unauthenticated' })
    expect((await app.ask('POST', '/services', { json: { name: 'web' } })).status).toBe(401)
    expect((await app.ask('GET', '/session')).body).toMatchObject({ kind: null, rights: [] })
  })
})

describe('signing in', () => {
  test('sets a cookie that scripts cannot read, and another one each time', async () => {
    const [one, two] = [
      await app.ask('POST', '/session', { json: ann }),
      await app.ask('POST', '/session', { json: { ...ann, login: ann.login.toUpperCase() } }),
    ]
    expect(one.status).toBe(201)
    expect(one.headers.getSetCookie()[0]).toMatch(
      /^fairlead=fs_[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    )
    expect(cookieOf(one.headers)).not.toBe(cookieOf(two.headers))
    expect((await app.ask('GET', '/services', as(cookieOf(one.headers)))).status).toBe(200)
  })

  test('J12 J13 a wrong password, an unknown account and the first 72 bytes get the same answer', async () => {
    const texts = new Set<string>()
    for (const wrong of [
      { ...ann, password: `${PASSWORD}x` },
      { ...ann, login: 'nobody@example.com' },
      { ...ann, login: 'no address' },
      { ...ann, password: '' },
      { ...ann, password: PASSWORD.padEnd(200, 'x') },
    ]) {
      const { status, text } = await app.ask('POST', '/session', { json: wrong })
      expect(status).toBe(401)
      texts.add(text)
    }
    expect(texts.size).toBe(1)
  })

  test('Z11 a change by the cookie has to come from the page', async () => {
    const cookie = cookieOf((await app.ask('POST', '/session', { json: ann })).headers)
    expect(
      (await app.ask('POST', '/services', { json: { name: 'planted' }, headers: { cookie } })).status,
    ).toBe(403)
    expect((await app.ask('POST', '/services', { json: { name: 'mine' }, ...as(cookie) })).status).toBe(201)
  })

  test('J10 a cookie that is there twice was planted, and counts as none', async () => {
    const cookie = cookieOf((await app.ask('POST', '/session', { json: ann })).headers)
    expect((await app.ask('GET', '/services', as(`${cookie}; ${cookie}x`))).status).toBe(401)
  })

  test('J07 signing out ends the session, and every token that speaks for it', async () => {
    const cookie = cookieOf((await app.ask('POST', '/session', { json: ann })).headers)
    const { body } = await app.ask('POST', '/session/token', as(cookie))
    const bearer = { authorization: `Bearer ${(body as { accessToken: string }).accessToken}` }
    expect((await app.ask('GET', '/services', { headers: bearer })).status).toBe(200)
    const out = await app.ask('DELETE', '/session', as(cookie))
    expect(out.status).toBe(200)
    expect(out.headers.getSetCookie()[0]).toContain('Max-Age=0')
    expect((await app.ask('GET', '/services', as(cookie))).status).toBe(401)
    expect((await app.ask('GET', '/services', { headers: bearer })).status).toBe(401)
  })

  test('programs get a token and no cookie', async () => {
    const { status, headers, body } = await app.ask('POST', '/session', { json: { ...ann, as: 'token' } })
    expect(status).toBe(201)
    expect(headers.getSetCookie()).toEqual([])
    const { accessToken, tokenType } = body as { accessToken: string; tokenType: string }
    expect(tokenType).toBe('Bearer')
    const authorization = `Bearer ${accessToken}`
    expect((await app.ask('GET', '/session', { headers: { authorization } })).body).toMatchObject({
      kind: 'user',
      user: { login: ann.login },
    })
  })
})
