/** A client of a CA in a test, and the way from an order to a chain. */
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { Egress } from '../../src/base/egress.ts'
import { HttpClient } from '../../src/base/http.ts'
import { newKey } from '../../src/base/x509/key.ts'
import { connectAuthority } from '../../src/drivers/acme/authority.ts'
import type {
  AuthorityAccount,
  CertificateAuthority,
  ChallengeType,
  Order,
} from '../../src/ports/certificate-authority.ts'
import type { ChallengeServer } from './pebble.ts'

export const client = new HttpClient()

/** What nobody stops. */
export const signal = new AbortController().signal

/** One for whom pauses pass ten times as fast. */
const quick: Clock = {
  now: () => systemClock.now(),
  after: (ms, then) => systemClock.after(ms / 10, then),
}

/** `lower`: less patience than the limits have. */
export const connect = (
  given: { directoryUrl: string; root: string | null },
  lower: { answerMs?: number; patienceMs?: number } = {},
): CertificateAuthority => connectAuthority({ egress: new Egress(client), clock: quick, ...lower })(given)

export async function open(
  authority: CertificateAuthority,
  contact = ['mailto:ann@site.example'],
): Promise<AuthorityAccount> {
  const key = newKey()
  return { key, url: await authority.openAccount({ key, contact, external: null }, signal) }
}

/** Answers every challenge of an order that waits for it, and tells which were chosen. */
export async function answerAll(
  {
    authority,
    account,
    challenges,
  }: { authority: CertificateAuthority; account: AuthorityAccount; challenges: ChallengeServer },
  order: Order,
  type: ChallengeType,
): Promise<string[]> {
  const chosen: string[] = []
  for (const { name, status, challenges: offered } of order.authorizations) {
    const challenge = offered.find((one) => one.type === type)
    if (status === 'valid' || !challenge) continue
    const { text, txt } = authority.keyAuthorization(account, challenge.token)
    if (type === 'http-01') await challenges.answerHttp(challenge.token, text)
    else await challenges.setText(name, txt)
    chosen.push(challenge.url)
  }
  return chosen
}

/** A chain (PEM) for these names, and its key. */
export async function issue(
  at: { authority: CertificateAuthority; account: AuthorityAccount; challenges: ChallengeServer },
  names: readonly string[],
  type: ChallengeType,
): Promise<{ chain: string; key: string; order: Order }> {
  const { authority, account } = at
  const order = await authority.order(account, { names, profile: null, replaces: null }, signal)
  await authority.validate(account, { order, challengeUrls: await answerAll(at, order, type) }, signal)
  const key = newKey()
  return { chain: await authority.finalize(account, { order, key }, signal), key, order }
}

/** What a promise is rejected with. */
export const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => {
      throw new Error(`It was done: ${JSON.stringify(value)}`)
    },
    (thrown: unknown) => thrown,
  )
