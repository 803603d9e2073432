/** Who sends a request: by the session's cookie, an access token, or an API key. */
import { isLoopback, isWithin, parseBlock } from '../base/addresses.ts'
import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { sha256Hex } from '../base/secrets.ts'
import type { Rights } from '../domain/access.ts'
import { type Actor, LOCAL_ACTOR } from '../domain/operation.ts'
import { isOpen, rightsOf } from '../engine/access.ts'
import type { AccessTokens } from '../engine/account/access-token.ts'
import { endOf, isLive } from '../engine/account/session.ts'
import type { Engine } from '../engine/engine.ts'
import type { SessionRow } from '../store/account/sessions.ts'
import { cookieOf } from './cookie.ts'
import { isSafe } from './guard.ts'
import { concerning } from './refused.ts'

export interface Caller {
  actor: Actor
  /** The session behind a cookie or an access token. */
  session: SessionRow | null
  /** What the caller may do now; asked again, since it may be withdrawn meanwhile. None when it no longer is who it was. */
  rights(): Rights
  /** Whether the credentials still hold. */
  isStill(): boolean
  /** When they end by themselves, as it stands now; null: never. */
  endsAt(): number | null
}

export interface CallerOptions {
  engine: Engine
  tokens: AccessTokens
  cookieName: string
  /** Where people reach this server, as `--url` tells it. */
  url: URL | null
}

const NAMES_A_PROXY = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/** Finds out who sends a request. Everything that is not exactly a valid credential is refused. */
export class Callers {
  private readonly options: CallerOptions
  /** After a note that failed: waiting for a locked database holds up everybody. */
  private noNotesUntil = 0

  constructor(options: CallerOptions) {
    this.options = options
  }

  /** Null: nobody has said who asks. Throws `unauthenticated` for credentials that do not hold. `address`: where from. */
  async of(request: Request, address: string): Promise<Caller | null> {
    const header = request.headers.get('authorization')
    if (header !== null) return await this.byHeader(header, address)
    const token = cookieOf(request, this.options.cookieName)
    if (token !== null) return this.byCookie(request, token, address)
    return this.isLocal(request) ? this.local(address) : null
  }

  private async byHeader(header: string, address: string): Promise<Caller> {
    const token = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(header)?.[1]
    if (token === undefined) throw unknownCredentials()
    if (token.startsWith('fl_')) return this.byKey(token, address)
    const named = await this.options.tokens.sessionOf(token)
    const session = named && this.store.sessions.find(named.sessionId)
    if (!session || session.userId !== named.userId) throw unknownCredentials()
    return this.bySession(session, address)
  }

  private byCookie(request: Request, token: string, address: string): Caller {
    const session = this.store.sessions.byToken(sha256Hex(token))
    if (!session) throw unknownCredentials()
    const caller = this.bySession(session, address)
    // The browser adds the cookie by itself, so a change has to show that our own page has asked for it.
    const shows = request.headers.has('origin') || request.headers.has('sec-fetch-site')
    if (!isSafe(request.method) && !shows) throw concerning(notFromThePage(), caller.actor)
    return caller
  }

  private bySession(session: SessionRow, address: string): Caller {
    const { store, now } = this
    const user = store.users.find(session.userId)
    if (!user) throw unknownCredentials()
    const actor: Actor = { kind: 'user', name: user.login, userId: user.id, address }
    if (user.disabled === 1 || !isLive(session, now())) throw concerning(unknownCredentials(), actor)
    this.note(session.seenAt, () => store.sessions.seen(session.id, { now: now(), address }))
    const current = () => store.sessions.find(session.id)
    return this.caller(actor, session, {
      isStill() {
        const row = current()
        return row !== null && isLive(row, now()) && store.users.find(user.id)?.disabled === 0
      },
      endsAt() {
        const row = current()
        return row && endOf(row)
      },
    })
  }

  private byKey(token: string, address: string): Caller {
    const { store, now } = this
    const key = store.apiKeys.byHash(sha256Hex(token))
    const user = key && store.users.find(key.userId)
    if (!key || !user) throw unknownCredentials()
    const actor: Actor = { kind: 'key', name: user.login, userId: user.id, keyId: key.id, address }
    if (user.disabled === 1 || !isOpen(key, now())) throw concerning(unknownCredentials(), actor)
    if (!isFrom(key.addresses, address)) throw concerning(fromElsewhere(address), actor)
    this.note(key.lastUsedAt ?? 0, () => store.apiKeys.used(key.id, { now: now(), from: address }))
    const current = () => store.apiKeys.find(key.id)
    return this.caller(actor, null, {
      isStill() {
        const row = current()
        const isUsable = row !== null && isOpen(row, now()) && isFrom(row.addresses, address)
        return isUsable && store.users.find(user.id)?.disabled === 0
      },
      endsAt: () => current()?.expiresAt ?? null,
    })
  }

  /** Notes a use, now and then. A full disk or a locked database is no reason to turn anybody away. */
  private note(lastAt: number, write: () => void): void {
    const now = this.now()
    if (now - lastAt < LIMITS.account.seenMs || now < this.noNotesUntil) return
    try {
      write()
    } catch (cause) {
      this.noNotesUntil = now + LIMITS.account.seenMs
      this.options.engine.world.log.write('error', 'the use of a credential could not be written down', {
        cause,
      })
    }
  }

  private local(address: string): Caller {
    return this.caller({ ...LOCAL_ACTOR, address }, null, {
      isStill: () => !this.store.grants.isClaimed(),
      endsAt: () => null,
    })
  }

  private caller(
    actor: Actor,
    session: SessionRow | null,
    holds: Pick<Caller, 'isStill' | 'endsAt'>,
  ): Caller {
    return { actor, session, ...holds, rights: () => rightsOf(this.store, actor, this.now()) }
  }

  /**
   * Until there is an owner, whoever uses this machine is let in; what a proxy passes on comes from elsewhere. Many
   * proxies pass it on without a word, but whoever puts one in front tells with `--url` where it stands.
   */
  private isLocal(request: Request): boolean {
    if (this.store.grants.isClaimed() || !this.isForThisMachine) return false
    const host = (request.headers.get('host') ?? '').toLowerCase()
    return (
      /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host) &&
      !NAMES_A_PROXY.some((name) => request.headers.has(name))
    )
  }

  private get isForThisMachine(): boolean {
    const { url } = this.options
    return (
      url === null ||
      isLoopback(url.hostname.replace(/^\[(.*)\]$/, '$1')) ||
      url.hostname.endsWith('.localhost')
    )
  }

  private get store() {
    return this.options.engine.world.store
  }

  private readonly now = (): number => this.options.engine.world.clock.now()
}

/** Whether an address lies in one of these CIDR blocks; null: anywhere. */
const isFrom = (blocks: readonly string[] | null, address: string): boolean =>
  blocks === null ||
  isWithin(
    address,
    blocks.flatMap((block) => parseBlock(block) ?? []),
  )

const notFromThePage = (): Fault =>
  new Fault('forbidden', 'A change with the cookie of the page has to come from the page.', {
    hint: 'Scripts send an API key: Authorization: Bearer fl_…',
  })

const fromElsewhere = (address: string): Fault =>
  new Fault('unauthenticated', `This API key may not be used from ${address}.`, {
    hint: 'Use it from one of its addresses, or give it more of them.',
  })

export const unknownCredentials = (): Fault =>
  new Fault('unauthenticated', 'The credentials are unknown, expired or revoked.', {
    hint: 'Sign in again, or make a new API key.',
  })

export const notSignedIn = (): Fault =>
  new Fault('unauthenticated', 'Nobody is signed in.', {
    hint: 'Sign in on the page, or send an API key: Authorization: Bearer fl_…',
  })
