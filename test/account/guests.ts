/** People who sign in at a running app as people do: with a password, and what is asked for besides it. */
import { URI } from 'otpauth'
import type { Factors, User } from '../../src/contract/shapes/account.ts'
import type { Problem } from '../../src/contract/shapes.ts'
import { type Headers, People, type Person } from '../access/people.ts'
import type { TestApp } from '../api/app.ts'

export const PASSWORD = 'seven boats at anchor'

export interface Guest {
  user: User
  /** The session in which he works. */
  here: Headers
}

export class Guests {
  readonly people: People
  private readonly app: TestApp
  private readonly now: () => number
  private count = 0
  private owner: Person | null = null

  constructor(app: TestApp, now: () => number) {
    this.app = app
    this.now = now
    this.people = new People(app, now)
  }

  close(): void {
    this.people.close()
  }

  async ask<T>(headers: Headers, method: string, path: string, json?: unknown) {
    const answer = await this.app.ask(method, path, { headers, ...(json !== undefined && { json }) })
    return { ...answer, value: answer.body as T, problem: answer.body as Problem }
  }

  /** Who may do everything, with an API key. */
  async ownerKey(): Promise<Headers> {
    this.owner ??= await this.people.person('owner', { role: 'owner' })
    return this.owner.key
  }

  /** Somebody new with a password. */
  async guest(role = 'viewer'): Promise<Guest> {
    const json = { login: `guest${++this.count}@example.com`, password: PASSWORD, role }
    const { value: user } = await this.ask<User>(await this.ownerKey(), 'POST', '/users', json)
    return { user, here: await this.signIn(user) }
  }

  /** The answer to a password, with whatever else is sent. */
  async trySignIn({ login }: Pick<User, 'login'>, more: object = {}) {
    const answer = await this.ask<{ factors?: string[] }>({}, 'POST', '/session', {
      login,
      password: PASSWORD,
      ...more,
    })
    return { ...answer, cookies: cookiesOf(answer.headers) }
  }

  async signIn(user: Pick<User, 'login'>, more: object = {}): Promise<Headers> {
    const { status, text, cookies } = await this.trySignIn(user, more)
    if (status !== 201) throw new Error(`sign-in: ${status} ${text}`)
    return cookies
  }

  async works(headers: Headers): Promise<boolean> {
    return (await this.app.ask('GET', '/services', { headers })).status === 200
  }

  /** Sets up an authenticator app, as a person with a phone does. `code` is what it shows, now or some steps later. */
  async addTotp({ here }: Guest) {
    const proposal = await this.ask<{ uri: string }>(here, 'POST', '/profile/totp', { password: PASSWORD })
    const app = URI.parse(proposal.value.uri)
    const code = (steps = 0) => app.generate({ timestamp: this.now() + steps * 30_000 })
    const { status, value } = await this.ask<{ factors: Factors; recoveryCodes: string[] | null }>(
      here,
      'POST',
      '/profile/totp/confirm',
      { code: code() },
    )
    if (status !== 200) throw new Error(`confirm: ${status}`)
    return { code, ...value, recoveryCodes: value.recoveryCodes ?? [] }
  }

  events(kind: string) {
    return this.people.store.events.list({ limit: 1_000, after: null }).filter((row) => row.kind === kind)
  }
}

/** The cookies that an answer sets, as a browser would send them back, from the page. */
export function cookiesOf(headers: globalThis.Headers): Headers {
  const pairs = headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '')
  return { cookie: pairs.filter((pair) => !pair.endsWith('=')).join('; '), 'sec-fetch-site': 'same-origin' }
}
