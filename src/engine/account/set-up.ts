/** The first account: made with a link that only the console has shown. No default password, no first come first served. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { Fault } from '../../base/fault.ts'
import { sha256Hex } from '../../base/secrets.ts'
import { EVERYWHERE } from '../../domain/access.ts'
import { requireDisplayName, requireEmail } from '../../domain/account/login.ts'
import { requireNewPassword } from '../../domain/account/password.ts'
import type { UserRow } from '../../store/account/users.ts'
import type { Origin } from './session.ts'
import { openSession } from './session.ts'
import type { AccountWorld, SignedIn } from './sign-in.ts'

export interface FirstAccount {
  code: string
  login: string
  name?: string | undefined
  password: string
}

export class SetUp {
  private readonly world: AccountWorld
  /** Another one at each start. */
  private readonly code = randomBytes(32).toString('base64url')

  constructor(world: AccountWorld) {
    this.world = world
  }

  /** To be printed on the console and nowhere else. */
  url(): string {
    return `${this.world.baseUrl()}/setup#${this.code}`
  }

  isOpen(): boolean {
    return !this.world.store.grants.isClaimed()
  }

  /** Throws `not_found` once there is an owner, `forbidden` for another code, `invalid`. */
  async complete(given: FirstAccount, origin: Origin): Promise<SignedIn> {
    const { store, passwords, clock, throttle } = this.world
    if (!this.isOpen()) throw alreadySetUp()
    await throttle.attempt({ address: origin.address, login: null }, () => this.requireCode(given.code))
    const account = requireAccount(this.world, given)
    const passwordHash = await passwords.hash(given.password)
    return store.tx(() => {
      if (!this.isOpen()) throw alreadySetUp()
      const now = clock.now()
      const user = store.users.create({ kind: 'person', ...account, passwordHash, now })
      store.grants.add(user.id, { role: 'owner', scope: EVERYWHERE, now })
      const actor = { kind: 'user', name: user.login, userId: user.id, address: origin.address } as const
      store.events.append({
        at: now,
        kind: 'user.created',
        actor,
        data: {
          user: user.id,
          after: { login: user.login, name: user.name, role: 'owner' },
          by: 'set-up link',
        },
      })
      return { user, ...openSession(this.world, user, { methods: ['set-up'], origin }) }
    })
  }

  private requireCode(code: string): void {
    if (timingSafeEqual(Buffer.from(sha256Hex(code)), Buffer.from(sha256Hex(this.code)))) return
    throw new Fault('forbidden', 'This is not the set-up link of this start of Fairlead.', {
      hint: 'Use the link that `fairlead serve` has printed last; each start makes a new one.',
    })
  }
}

/** Login, name and password of a new person in their canonical forms. Throws `invalid`. */
export function requireAccount(
  world: Pick<AccountWorld, 'isCommonPassword'>,
  given: { login: string; name?: string | undefined; password: string },
): Pick<UserRow, 'login' | 'name'> {
  const login = requireEmail(given.login)
  const name = requireDisplayName(given.name ?? login.slice(0, login.indexOf('@')))
  requireNewPassword(given.password, { login, name, isCommon: world.isCommonPassword })
  return { login, name }
}

const alreadySetUp = (): Fault =>
  new Fault('not_found', 'The first account has been made; there is nothing to set up.', {
    hint: 'Sign in, or ask an owner for an invitation.',
  })
