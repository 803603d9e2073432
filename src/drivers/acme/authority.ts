/** A CA that speaks ACME (RFC 8555), with renewal information (RFC 9773). */
import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { parseChain } from '../../base/x509/chain.ts'
import { sameNames } from '../../domain/certificate/names.ts'
import type {
  AuthorityAccount,
  AuthorityDirectory,
  CertificateAuthority,
  ConnectAuthority,
  ExternalAccount,
  Order,
  RenewalWindow,
} from '../../ports/certificate-authority.ts'
import { strange } from './faults.ts'
import { externalBinding, keyAuthorization } from './jws.ts'
import { Orders } from './orders.ts'
import { retryAfterMs } from './retry-after.ts'
import { accountShape, renewalShape } from './shapes.ts'
import { type AcmeTools, type Asked, Way } from './way.ts'

/** The way to any CA. Reaches nobody yet. */
export const connectAuthority =
  (tools: AcmeTools): ConnectAuthority =>
  (given) =>
    new AcmeAuthority(new Way(given, tools))

class AcmeAuthority implements CertificateAuthority {
  private readonly way: Way
  private readonly orders: Orders

  constructor(way: Way) {
    this.way = way
    this.orders = new Orders(way)
  }

  async directory(signal: AbortSignal): Promise<AuthorityDirectory> {
    const { meta, renewalInfo } = await this.way.directory(signal, true)
    const profiles = Object.entries(meta?.profiles ?? {}).slice(0, LIMITS.acme.profiles)
    return {
      termsOfService: shownUrl(meta?.termsOfService),
      externalAccountRequired: meta?.externalAccountRequired === true,
      hasRenewalInfo: renewalInfo !== undefined,
      profiles: Object.fromEntries(
        profiles.map(([name, words]) => [name, typeof words === 'string' ? shown(words) : '']),
      ),
    }
  }

  /** Looked for first: what a CA gives out for external accounts may be good for one account only. */
  async openAccount(
    { key, contact, external }: { key: string; contact: readonly string[]; external: ExternalAccount | null },
    signal: AbortSignal,
  ): Promise<string> {
    const { newAccount } = await this.way.directory(signal)
    const asked = { url: this.way.url, to: 'open an account', signal }
    const url = this.way.urlFrom(newAccount, asked)
    const post = (payload: object) => this.way.post({ key, url: null }, { ...asked, url, payload })
    const found = await post({ onlyReturnExisting: true }).catch((thrown: unknown) => {
      if (thrown instanceof Fault && ['not_found', 'conflict'].includes(thrown.code)) return null
      throw thrown
    })
    const answer =
      found ??
      (await post({
        termsOfServiceAgreed: true,
        ...(contact.length > 0 && { contact }),
        ...(external && { externalAccountBinding: externalBinding(key, external, url) }),
      }))
    const accountUrl = this.way.urlFrom(answer.headers['location'], { ...asked, url })
    const account = accountShape.safeParse(answer.json)
    if (!account.success) throw strange(this.way.label, 'with something that is no account', asked.to)
    if (account.data.status !== 'valid') throw this.closed(account.data.status)
    const isTold = found === null || sameNames(account.data.contact ?? [], contact)
    if (!isTold)
      await this.way.post({ key, url: accountUrl }, { ...asked, url: accountUrl, payload: { contact } })
    return accountUrl
  }

  order(
    account: AuthorityAccount,
    given: { names: readonly string[]; profile: string | null; replaces: string | null },
    signal: AbortSignal,
  ): Promise<Order> {
    return this.orders.make(account, given, signal)
  }

  readOrder(account: AuthorityAccount, url: string, signal: AbortSignal): Promise<Order> {
    return this.orders.read(account, url, signal)
  }

  keyAuthorization({ key }: AuthorityAccount, token: string): { text: string; txt: string } {
    return keyAuthorization(key, token)
  }

  validate(
    account: AuthorityAccount,
    given: { order: Order; challengeUrls: readonly string[] },
    signal: AbortSignal,
  ): Promise<void> {
    return this.orders.validate(account, given, signal)
  }

  finalize(
    account: AuthorityAccount,
    given: { order: Pick<Order, 'url' | 'names'>; key: string },
    signal: AbortSignal,
  ): Promise<string> {
    return this.orders.finalize(account, given, signal)
  }

  async renewalWindow(chain: string, signal: AbortSignal): Promise<RenewalWindow | null> {
    const { renewalInfo } = await this.way.directory(signal)
    const { renewalId } = parseChain(chain).leaf
    if (renewalInfo === undefined || renewalId === null) return null
    const asked = { url: this.way.url, to: 'tell when to renew', signal }
    const base = this.way.urlFrom(renewalInfo, asked)
    const answer = await this.look({ ...asked, url: `${base.replace(/\/$/, '')}/${renewalId}` })
    const parsed = renewalShape.safeParse(answer?.json)
    if (answer === null || !parsed.success) return null
    const { start, end } = parsed.data.suggestedWindow
    // As if nothing had been said (RFC 9773 §4.2).
    if (end <= start) return null
    const { renewalLookMs, renewalLookMsLeast, renewalLookMsMost } = LIMITS.acme
    const now = this.way.tools.clock.now()
    const waitMs = retryAfterMs(answer, now) ?? renewalLookMs
    return {
      from: start,
      until: end,
      lookAgainAt: now + Math.min(renewalLookMsMost, Math.max(renewalLookMsLeast, waitMs)),
    }
  }

  /** Null: it knows nothing of it. */
  private async look(asked: Asked) {
    try {
      return await this.way.get(asked)
    } catch (thrown) {
      if (thrown instanceof Fault && ['not_found', 'conflict'].includes(thrown.code)) return null
      throw thrown
    }
  }

  private closed(status: string): Fault {
    return new Fault('conflict', `The account at the CA ${this.way.label} is ${shown(status, 50)}.`, {
      hint: 'Ask the CA why, or use another one.',
    })
  }
}

const shownUrl = (url: string | undefined): string | null =>
  url !== undefined && URL.canParse(url) && /^https?:/.test(url) ? shown(url, 500) : null
