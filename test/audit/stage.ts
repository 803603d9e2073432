/** A running app in which every changing row can be asked for, and what is told of each. */
import { Passwords } from '../../src/base/passwords.ts'
import type { ROUTES, RouteName } from '../../src/contract/routes.ts'
import type { Headers, People } from '../access/people.ts'
import { Issuer } from '../account/issuer.ts'
import type { Asked, TestApp } from '../api/app.ts'

export type Changing = {
  [N in RouteName]: (typeof ROUTES)[N]['method'] extends 'get' ? never : N
}[RouteName]

/** A call that succeeds. `by`: the login of whom it makes known, on rows that nobody has to sign in for. */
export interface Change {
  path: string
  given?: Asked
  by?: string
}

export interface Case {
  /** The kinds of the events of the call, without the progress of operations. */
  tells: readonly string[]
  /** What the first of them says. */
  data?: object
  /** Makes what is needed, and says what is to be asked then. */
  call: (at: Stage) => Promise<Change> | Change
}

export const PASSWORD = 'seven boats at anchor'

/** A running app with a service, and somebody in it who may do everything. */
export class Stage {
  readonly app: TestApp
  readonly people: People
  /** Starts when it is asked for. */
  readonly issuer = new Issuer()
  /** The headers of the owner, who has signed in. */
  owner: Headers = {}
  private count = 0

  constructor(app: TestApp, people: People) {
    this.app = app
    this.people = people
  }

  name(noun: string): string {
    return `${noun}-${++this.count}`
  }

  /** Asks as the owner; answers one value of the answer. */
  async made(field: string, path: string, given: Asked = {}, method = 'POST'): Promise<string> {
    const { ok, text } = await this.asked(method, path, given)
    const value: unknown = ok ? Reflect.get(JSON.parse(text) as object, field) : null // an object, says the contract
    if (typeof value !== 'string') throw new Error(`${method} ${path}: ${text}`)
    return value
  }

  async user(given: object = {}): Promise<string> {
    return await this.made('id', '/users', { json: { login: `${this.name('user')}@example.com`, ...given } })
  }

  /** A session of the owner besides the one that asks. */
  async signedIn(): Promise<Headers> {
    const { headers } = await this.app.ask('POST', '/session', { json: OWNER })
    return { cookie: headers.getSetCookie()[0]?.split(';', 1)[0] ?? '', 'sec-fetch-site': 'same-origin' }
  }

  service(): Promise<string> {
    return this.made('name', '/services', { json: { name: this.name('service') } })
  }

  async asked(method: string, path: string, given: Asked): Promise<{ ok: boolean; text: string }> {
    const headers = { ...this.owner, ...given.headers }
    const { status, text } = await this.app.ask(method, path, { ...given, headers })
    return { ok: status < 300, text }
  }
}

export const OWNER = { login: 'ann@example.com', password: PASSWORD }

/** Somebody who has signed in and knows the own password. */
export async function withPassword(at: Stage): Promise<{ id: string; login: string; headers: Headers }> {
  const { user, cookie } = await at.people.person(at.name('somebody'))
  const hash = await new Passwords({ cost: 4 }).hash(PASSWORD)
  at.people.store.users.setPassword(user.id, hash, 0)
  return { id: user.id, login: user.login, headers: cookie }
}
