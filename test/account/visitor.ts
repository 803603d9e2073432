/** A browser that signs in at an identity provider: it keeps the cookies of our app, and goes where it is led. */
import type { PendingSignIn } from '../../src/contract/shapes/sign-in.ts'
import type { Headers } from '../access/people.ts'
import type { TestApp } from '../api/app.ts'

export interface Landing {
  status: number
  /** Where the browser is led on to. */
  path: string | null
  /** Of the session that it has now; empty when there is none. */
  session: Headers
  pending: PendingSignIn
}

export class Visitor {
  private readonly app: TestApp
  private readonly cookies = new Map<string, string>()

  /** `session`: of somebody who is signed in already. */
  constructor(app: TestApp, session: Headers = {}) {
    this.app = app
    this.take((session['cookie'] ?? '').split('; ').filter((pair) => pair !== ''))
  }

  get headers(): Headers {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return { ...(cookie !== '' && { cookie }), 'sec-fetch-site': 'same-origin' }
  }

  async ask(method: string, path: string, json?: unknown) {
    const answer = await this.app.ask(method, path, {
      headers: this.headers,
      ...(json !== undefined && { json }),
    })
    this.take(answer.headers.getSetCookie())
    return answer
  }

  /** Where our app sends it. */
  async begin(provider: string, next?: string): Promise<string> {
    const { status, body, text } = await this.ask('POST', `/session/oidc/${provider}`, { next })
    if (status !== 201) throw new Error(`begin: ${status} ${text}`)
    return (body as { url: string }).url
  }

  async beginLink(provider: string, password: string, next?: string): Promise<string> {
    const { status, body, text } = await this.ask('POST', '/profile/identities', { provider, password, next })
    if (status !== 201) throw new Error(`link: ${status} ${text}`)
    return (body as { url: string }).url
  }

  /** Opens the address that the provider has sent it back to, as browsers open what another site links to. */
  async land(address: string): Promise<Landing> {
    const { 'sec-fetch-site': _, ...headers } = this.headers
    const response = await fetch(address, {
      redirect: 'manual',
      headers: { ...headers, 'sec-fetch-site': 'cross-site', accept: 'text/html,*/*;q=0.8' },
    })
    await response.bytes()
    this.take(response.headers.getSetCookie())
    const pending = (await this.ask('GET', '/session/pending')).body as PendingSignIn
    const token = this.cookies.get('fairlead')
    return {
      status: response.status,
      path: response.headers.get('location'),
      session: token === undefined ? {} : { cookie: `fairlead=${token}`, 'sec-fetch-site': 'same-origin' },
      pending,
    }
  }

  private take(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = ''] = line.split(';', 1)
      this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
  }
}
