/** Orders of certificates at one CA, from the first word to the chain (RFC 8555 §7.4, §7.5). */

import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { inParallel } from '../../base/parallel.ts'
import { parseChain } from '../../base/x509/chain.ts'
import { certificateRequest } from '../../base/x509/signed.ts'
import { sameNames } from '../../domain/certificate/names.ts'
import type { AuthorityAccount, Authorization, Order } from '../../ports/certificate-authority.ts'
import { checkedChain } from './chain.ts'
import { hintFor, kindOf, strange, told } from './faults.ts'
import { Patience } from './patience.ts'
import { type AuthorizationAnswer, authorizationShape, type OrderAnswer, orderShape } from './shapes.ts'
import type { Answer, Asked, Way } from './way.ts'

interface Wanted {
  names: readonly string[]
  profile: string | null
  replaces: string | null
}

/** Whose order it is, and what to tell of it. */
interface About extends Asked {
  account: AuthorityAccount
}

export class Orders {
  private readonly way: Way

  constructor(way: Way) {
    this.way = way
  }

  async make(account: AuthorityAccount, wanted: Wanted, signal: AbortSignal): Promise<Order> {
    const { newOrder, renewalInfo, meta } = await this.way.directory(signal)
    const about = { account, url: this.way.url, to: `make an order for ${wanted.names.join(', ')}`, signal }
    requireProfile(this.way.label, wanted.profile, Object.keys(meta?.profiles ?? {}))
    const url = this.way.urlFrom(newOrder, about)
    const payload = {
      identifiers: wanted.names.map((value) => ({ type: 'dns', value })),
      ...(wanted.profile !== null && { profile: wanted.profile }),
    }
    const replaces =
      renewalInfo === undefined || wanted.replaces === null ? null : renewalIdOf(wanted.replaces)
    const post = (payload: object) => this.way.post(account, { ...about, url, payload })
    const answer = await (replaces === null
      ? post(payload)
      : post({ ...payload, replaces }).catch((thrown: unknown) => {
          // It may know nothing of that certificate, or of another one that came after it.
          if (thrown instanceof Fault && thrown.code !== 'unavailable') return post(payload)
          throw thrown
        }))
    const order = this.orderIn(answer, about)
    if (!sameNames(namesOf(order), wanted.names))
      throw strange(this.way.label, `with an order for ${namesOf(order).join(', ')}`, about.to)
    return await this.whole(order, {
      ...about,
      url: this.way.urlFrom(answer.headers['location'], { ...about, url }),
    })
  }

  async read(account: AuthorityAccount, url: string, signal: AbortSignal): Promise<Order> {
    const about = { account, url, to: 'show an order', signal }
    return await this.whole((await this.look(about)).order, about)
  }

  async validate(
    account: AuthorityAccount,
    given: { order: Order; challengeUrls: readonly string[] },
    signal: AbortSignal,
  ): Promise<void> {
    const chosen = given.challengeUrls.map((url) => {
      const authorization = given.order.authorizations.find(({ challenges }) =>
        challenges.some((challenge) => challenge.url === url),
      )
      if (authorization === undefined) throw new Error('A challenge is one of its order.')
      return { url, authorization }
    })
    await inParallel(chosen, LIMITS.acme.parallel, async ({ url, authorization }) => {
      const to = `check ${authorization.isWildcard ? '*.' : ''}${authorization.name}`
      await this.check({ account, url, to, signal }, authorization.url)
    })
  }

  /** The chain, as PEM. Wherever the order stands, it goes on from there. */
  async finalize(
    account: AuthorityAccount,
    given: { order: Pick<Order, 'url' | 'names'>; key: string },
    signal: AbortSignal,
  ): Promise<string> {
    const { names, url } = given.order
    const to = `make the certificate for ${names.join(', ')}`
    const about = { account, url, to, signal }
    const patience = new Patience(this.way.tools)
    for (;;) {
      const { order, answer } = await this.look(about)
      if (order.status === 'valid') return await this.download(order, given, about)
      if (order.status === 'invalid') throw this.failed(`makes no certificate for ${names.join(', ')}`, order)
      if (order.status === 'ready') await this.handIn(order, given, about)
      if (!(await patience.wait(answer, signal))) throw this.endless(order, about)
    }
  }

  /** One that is not ready after all, or was handed in meanwhile, is looked at again. */
  private async handIn(
    order: OrderAnswer,
    given: { order: Pick<Order, 'names'>; key: string },
    about: About,
  ) {
    const csr = Buffer.from(certificateRequest(given.order.names, given.key)).toString('base64url')
    const url = this.way.urlFrom(order.finalize, about)
    try {
      await this.way.post(about.account, { ...about, url, payload: { csr } })
    } catch (thrown) {
      if (!isOfKind(thrown, 'orderNotReady')) throw thrown
    }
  }

  private async download(
    order: OrderAnswer,
    given: { order: Pick<Order, 'names'>; key: string },
    about: About,
  ): Promise<string> {
    const url = this.way.urlFrom(order.certificate, about)
    const { text } = await this.way.post(about.account, { ...about, url, payload: null })
    return checkedChain(text, { label: this.way.label, names: given.order.names, key: given.key })
  }

  private async look(about: About): Promise<{ order: OrderAnswer; answer: Answer }> {
    const answer = await this.way.post(about.account, { ...about, payload: null })
    return { order: this.orderIn(answer, about), answer }
  }

  private orderIn({ json }: Answer, { to }: About): OrderAnswer {
    const parsed = orderShape.safeParse(json)
    if (parsed.success) return parsed.data
    throw strange(this.way.label, 'with something that is no order', to)
  }

  /** With its authorizations. */
  private async whole(order: OrderAnswer, about: About): Promise<Order> {
    const authorizations = await inParallel(order.authorizations, LIMITS.acme.parallel, async (text) => {
      const url = this.way.urlFrom(text, about)
      return this.authorizationOf((await this.authorization({ ...about, url })).authorization, {
        ...about,
        url,
      })
    })
    return {
      url: about.url,
      status: order.status,
      names: namesOf(order),
      authorizations,
      problem: order.error,
    }
  }

  private authorizationOf(answer: AuthorizationAnswer, about: About): Authorization {
    return {
      url: about.url,
      name: answer.identifier.value,
      isWildcard: answer.wildcard === true,
      status: answer.status,
      challenges: answer.challenges.map(({ error, ...challenge }) => ({
        ...challenge,
        url: this.way.urlFrom(challenge.url, about),
        problem: error,
      })),
    }
  }

  private async authorization(about: About): Promise<{ authorization: AuthorizationAnswer; answer: Answer }> {
    const answer = await this.way.post(about.account, { ...about, payload: null })
    const parsed = authorizationShape.safeParse(answer.json)
    if (parsed.success) return { authorization: parsed.data, answer }
    throw strange(this.way.label, 'with something that is no authorization', about.to)
  }

  /** `about.url`: the challenge's. It is begun once, and its authorization looked at until that is decided. */
  private async check(about: About, authorizationUrl: string): Promise<void> {
    const patience = new Patience(this.way.tools)
    let isBegun = false
    for (;;) {
      const { authorization, answer } = await this.authorization({ ...about, url: authorizationUrl })
      if (authorization.status === 'valid') return
      const challenge = authorization.challenges.find(({ url }) => this.way.urlFrom(url, about) === about.url)
      if (authorization.status !== 'pending' || challenge === undefined || challenge.status === 'invalid')
        throw this.failed(
          `could not ${about.to} by ${challenge?.type ?? 'that challenge'}, its authorization is ${authorization.status}`,
          { error: challenge?.error ?? null },
        )
      if (!isBegun && challenge.status === 'pending') await this.begin(about)
      isBegun = true
      if (!(await patience.wait(answer, about.signal))) throw this.endless(authorization, about)
    }
  }

  /** A CA that has begun already takes it amiss; what has become of it is seen at the next look. */
  private async begin(about: About): Promise<void> {
    try {
      await this.way.post(about.account, { ...about, payload: {} })
    } catch (thrown) {
      if (!isOfKind(thrown, 'malformed')) throw thrown
    }
  }

  private failed(what: string, { error }: Pick<OrderAnswer, 'error'>): Fault {
    return new Fault('conflict', told(`The CA ${this.way.label} ${what}`, error), {
      hint: error ? hintFor(error) : 'Try again; a new order is made.',
      extra: error ? { authorityProblem: error } : {},
    })
  }

  private endless({ status }: { status: string }, { to }: About): Fault {
    return new Fault(
      'unavailable',
      `The CA ${this.way.label} was asked to ${to}, and it is ${status} still.`,
      {
        hint: 'Try again later; the page or the log of the CA may tell what it waits for.',
      },
    )
  }
}

const namesOf = ({ identifiers }: OrderAnswer): string[] => identifiers.map(({ value }) => value)

const renewalIdOf = (chain: string): string | null => parseChain(chain).leaf.renewalId

function isOfKind(thrown: unknown, kind: string): boolean {
  const problem = thrown instanceof Fault ? thrown.extra['authorityProblem'] : null
  return kindOf({ type: String(Object(problem).type), detail: '' }) === kind
}

function requireProfile(label: string, profile: string | null, known: string[]): void {
  if (profile === null || known.includes(profile)) return
  const all = known.length > 0 ? `It has ${known.join(', ')}.` : 'It has none: leave the profile empty.'
  throw new Fault('conflict', `The CA ${label} has no profile ${profile}.`, { hint: all })
}
