/** People with all kinds of rights, straight into the database of a running app, each with all of their credentials. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { sha256Hex } from '../../src/base/secrets.ts'
import { EVERYWHERE, type Permission, type Scope } from '../../src/domain/access.ts'
import { openSession } from '../../src/engine/account/session.ts'
import type { UserRow } from '../../src/store/account/users.ts'
import { Store } from '../../src/store/store.ts'
import type { TestApp } from '../api/app.ts'

export type Headers = Record<string, string>

export interface Person {
  user: UserRow
  cookie: Headers
  jwt: Headers
  key: Headers
}

export interface KeyBounds {
  permissions?: readonly Permission[]
  scopes?: readonly Scope[]
  addresses?: readonly string[]
  expiresAt?: number
}

const FROM_THE_PAGE = { 'sec-fetch-site': 'same-origin' }
const DAY_MS = 86_400_000

export class People {
  readonly store: Store
  private readonly app: Pick<TestApp, 'data' | 'ask'>

  private readonly now: () => number

  constructor(app: Pick<TestApp, 'data' | 'ask'>, now = () => systemClock.now()) {
    this.app = app
    this.now = now
    this.store = new Store(join(app.data, 'fairlead.db'), { now: now(), asIs: true })
  }

  close(): void {
    this.store.close()
  }

  async person(name: string, ...grants: { role: string; scope?: Scope }[]): Promise<Person> {
    const { store } = this
    const now = this.now()
    const login = `${name}@example.com`
    const user = store.users.create({ kind: 'person', login, name, passwordHash: null, now })
    for (const { role, scope = EVERYWHERE } of grants) store.grants.add(user.id, { role, scope, now })
    const cookie = this.session(user)
    return { user, cookie, jwt: await this.token(cookie), key: this.key(user) }
  }

  session(user: UserRow): Headers {
    const origin = { address: '127.0.0.1', userAgent: 'test' }
    const { token } = this.store.tx(() =>
      openSession({ store: this.store, clock: { ...systemClock, now: this.now } }, user, {
        methods: ['password'],
        origin,
      }),
    )
    return { cookie: `fairlead=${token}`, ...FROM_THE_PAGE }
  }

  key(user: UserRow, bounds: KeyBounds = {}): Headers {
    const prefix = `fl_${randomBytes(4).toString('hex')}`
    const key = `${prefix}_${randomBytes(32).toString('base64url')}`
    const now = this.now()
    this.store.apiKeys.create({
      userId: user.id,
      name: 'test',
      prefix,
      keyHash: sha256Hex(key),
      permissions: bounds.permissions ?? null,
      scopes: bounds.scopes ?? null,
      addresses: bounds.addresses ?? null,
      expiresAt: bounds.expiresAt ?? now + DAY_MS,
      now,
    })
    return { authorization: `Bearer ${key}` }
  }

  service(name: string): Scope {
    return { serviceId: this.store.services.named(name).id, environmentId: null }
  }

  environment(service: string, name: string): Scope {
    const row = this.store.environments.named(this.store.services.named(service), name)
    return { serviceId: row.serviceId, environmentId: row.id }
  }

  async token(cookie: Headers): Promise<Headers> {
    const { status, body } = await this.app.ask('POST', '/session/token', { headers: cookie })
    if (status !== 201) throw new Error(`no token: ${status}`)
    return { authorization: `Bearer ${(body as { accessToken: string }).accessToken}` }
  }
}
