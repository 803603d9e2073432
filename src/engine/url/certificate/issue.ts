/** The steps in which a CA gives a certificate: account, order, what it wants to see, and the certificate itself. */
import { Fault } from '../../../base/fault.ts'
import { parseChain } from '../../../base/x509/chain.ts'
import { keyFits, newKey } from '../../../base/x509/key.ts'
import { authorityLabel } from '../../../domain/authorities.ts'
import { judgeCertificate } from '../../../domain/certificate/judgement.ts'
import type { Order } from '../../../ports/certificate-authority.ts'
import type { Issued } from '../../../store/certificates.ts'
import { externalAccount } from '../../authority-setting.ts'
import type { Act, Look, Step, World } from '../../step.ts'
import {
  accountAt,
  accountKeyPlace,
  atAuthority,
  certificateKeyPlace,
  isAccountGone,
} from './at-authority.ts'
import { takeTurn } from './budget.ts'
import { askForChallenges, putUpChallenges, takeChallengesDown } from './challenges.ts'
import { type Asked, challengeName } from './choice.ts'
import { askedFor, type HttpsFacts, type PutChallenge } from './facts.ts'

type Certified = Asked & { certificateId: string }

/** Open the account · order · read the order · put up the challenges · ask for them · have the CA look · take them down · fetch. */
export const issueSteps = (): Step<HttpsFacts>[] => [
  openAccount,
  order,
  readOrder,
  putUpChallenges,
  askForChallenges,
  haveTheCaLook,
  takeChallengesDown,
  fetchCertificate,
]

const openAccount: Act<HttpsFacts> = {
  kind: 'act',
  name: 'open the account at the CA',
  begin({ world: { store, seal, clock } }, facts) {
    const asked = askedFor(facts)
    if (!asked) return
    const { directoryUrl } = asked
    const account = store.acmeAccounts.find(directoryUrl)
    if (account?.key && seal.canOpen(account.key)) return
    const key = seal.seal(newKey(), accountKeyPlace(directoryUrl))
    store.acmeAccounts.create({ directoryUrl, key, now: clock.now() })
  },
  async run({ world, signal, say }, facts) {
    const asked = askedFor(facts)
    if (!asked) return
    const { directoryUrl } = asked
    const { certificates } = world.store.settings.read()
    const isTold = world.store.acmeAccounts.find(directoryUrl)?.contact === certificates.contact
    if (accountAt(world, directoryUrl).url !== null && isTold) return
    say(`The account at ${authorityLabel(directoryUrl)} is ${await openedAt(world, directoryUrl, signal)}.`)
  },
  // It serves all names, and an empty one harms nobody.
  async undo() {},
}

async function openedAt(world: World, directoryUrl: string, signal: AbortSignal): Promise<string> {
  const { certificates } = world.store.settings.read()
  const given = {
    key: accountAt(world, directoryUrl).key,
    contact: certificates.contact === null ? [] : [`mailto:${certificates.contact}`],
    external: externalAccount(world.seal, certificates),
  }
  const url = await atAuthority(world, directoryUrl, (authority) => authority.openAccount(given, signal))
  world.store.acmeAccounts.setOpened(directoryUrl, { url, contact: certificates.contact })
  return url
}

const order: Act<HttpsFacts> = {
  kind: 'act',
  name: 'order the certificate',
  begin({ world: { store, seal, clock } }, facts) {
    const asked = askedFor(facts)
    if (!asked) return
    const { certificateId: id, names, directoryUrl } = asked
    const key = seal.seal(newKey(), certificateKeyPlace(id))
    store.certificates.create({ id, kind: 'acme', names, directoryUrl, key, now: clock.now() })
  },
  async run({ world, operation, signal, say }, facts) {
    const asked = askedFor(facts)
    if (!asked) return
    const { certificateId, names, directoryUrl } = asked
    await takeTurn(world, { certificateId, directoryUrl, operationId: operation.id }, signal)
    const known = world.store.acmeOrders.find(certificateId)?.url ?? null
    if (known !== null && (await isAlive(world, { asked, url: known, signal }))) return
    const { url } = await placeOrder(world, asked, signal)
    world.store.acmeOrders.setUrl(certificateId, url)
    say(`Ordered a certificate for ${names.join(', ')} at ${authorityLabel(directoryUrl)}.`)
  },
  async undo({ world: { store, clock }, operation }, facts) {
    const asked = askedFor(facts)
    if (!asked) return
    store.acmeOrders.end(operation.id, clock.now())
    store.certificates.remove(asked.certificateId)
  },
}

async function placeOrder(world: World, asked: Certified, signal: AbortSignal): Promise<Order> {
  const { directoryUrl, names, profile, replaces } = asked
  const before = replaces === null ? null : (world.store.certificates.find(replaces)?.issued?.chain ?? null)
  const place = () =>
    atAuthority(world, directoryUrl, (authority) =>
      authority.order(accountAt(world, directoryUrl), { names, profile, replaces: before }, signal),
    )
  try {
    return await place()
  } catch (error) {
    // A CA that was set up anew knows nobody.
    if (!isAccountGone(error)) throw error
    await openedAt(world, directoryUrl, signal)
    return await place()
  }
}

/** Whether an order that was placed before a crash can still come to something. */
async function isAlive(
  world: World,
  { asked, url, signal }: { asked: Certified; url: string; signal: AbortSignal },
): Promise<boolean> {
  try {
    return (await orderAt(world, asked, { url, signal })).status !== 'invalid'
  } catch (error) {
    if (error instanceof Fault && ['conflict', 'not_found'].includes(error.code)) return false
    throw error
  }
}

const orderAt = (
  world: World,
  { directoryUrl }: Certified,
  { url, signal }: { url: string; signal: AbortSignal },
): Promise<Order> =>
  atAuthority(world, directoryUrl, (authority) =>
    authority.readOrder(accountAt(world, directoryUrl), url, signal),
  )

/** The order as the CA has it now. Throws `conflict` when nothing can come of it any more. */
async function presentOrder(world: World, asked: Certified, signal: AbortSignal): Promise<Order> {
  const url = world.store.acmeOrders.find(asked.certificateId)?.url
  if (!url) throw new Error('the order was not placed')
  const present = await orderAt(world, asked, { url, signal })
  if (present.status !== 'invalid') return present
  const refused = present.authorizations
    .flatMap(({ challenges }) => challenges)
    .find(({ problem }) => problem)
  const why = present.problem?.detail ?? refused?.problem?.detail ?? 'it has forgotten it.'
  throw new Fault('conflict', `${authorityLabel(asked.directoryUrl)} does not go on with the order: ${why}`, {
    hint: 'Try again: a new order is placed.',
  })
}

const readOrder: Look<HttpsFacts> = {
  kind: 'look',
  name: 'read the order',
  async run({ world, signal, say }, facts) {
    const asked = askedFor(facts)
    if (!asked) return {}
    const { authorizations } = await presentOrder(world, asked, signal)
    const open = authorizations.filter(({ status }) => status !== 'valid')
    if (open.length === 0) say('The CA remembers that the name is ours.')
    return { challenges: open.map((authorization) => challengeOf(world, asked, authorization)) }
  },
}

function challengeOf(
  world: World,
  { challenge: type, directoryUrl }: Certified,
  { name, challenges }: Order['authorizations'][number],
): PutChallenge {
  const offered = challenges.find((one) => one.type === type)
  if (!offered)
    throw new Fault(
      'conflict',
      `${authorityLabel(directoryUrl)} offers no ${type} for ${name}, but ${challenges.map((one) => one.type).join(', ')}.`,
      { hint: 'Let the setting certificates.challenge be another.' },
    )
  const account = accountAt(world, directoryUrl)
  const { certificates } = world.store.settings.read()
  const { text, txt } = world
    .authority({ directoryUrl, root: certificates.root })
    .keyAuthorization(account, offered.token)
  return type === 'http-01'
    ? { url: offered.url, type, token: offered.token, text }
    : { url: offered.url, type, name: challengeName(name), value: txt }
}

const haveTheCaLook: Act<HttpsFacts> = {
  kind: 'act',
  name: 'have the CA look',
  async run({ world, signal, say }, facts) {
    const asked = askedFor(facts)
    const { challenges = [] } = facts
    if (!asked || challenges.length === 0) return
    const placed = await presentOrder(world, asked, signal)
    const account = accountAt(world, asked.directoryUrl)
    const challengeUrls = challenges.map(({ url }) => url)
    await atAuthority(world, asked.directoryUrl, (authority) =>
      authority.validate(account, { order: placed, challengeUrls }, signal),
    )
    say(`${authorityLabel(asked.directoryUrl)} has seen that ${asked.names.join(', ')} is ours.`)
  },
  async undo() {},
}

const fetchCertificate: Act<HttpsFacts> = {
  kind: 'act',
  name: 'fetch the certificate',
  async run({ world, operation, signal, say }, facts) {
    const asked = askedFor(facts)
    if (!asked) return
    const { store, seal, clock } = world
    const { certificateId: id, directoryUrl, names } = asked
    const row = store.certificates.find(id)
    const url = store.acmeOrders.find(id)?.url
    if (!row?.key || !url) throw new Error('the certificate was not ordered')
    const key = seal.open(row.key, certificateKeyPlace(id))
    const account = accountAt(world, directoryUrl)
    const chain = await atAuthority(world, directoryUrl, (authority) =>
      authority.finalize(account, { order: { url, names }, key }, signal),
    )
    const issued = issuedOf(chain)
    requireUsable(issued, { key, hostname: names[0] ?? '', now: clock.now() })
    store.tx(() => {
      store.certificates.setIssued(id, issued)
      store.acmeOrders.end(operation.id, clock.now())
    })
    say(`Got the certificate ${issued.serial} by ${issued.issuer}, good until ${dayOf(issued.notAfter)}.`)
  },
  async undo() {},
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** What a chain says of its first certificate. Throws `invalid`. */
export function issuedOf(text: string): Issued {
  const { leaf, pem } = parseChain(text)
  const { names, fingerprint, issuer, serial, notBefore, notAfter } = leaf
  return { names, chain: pem, fingerprint, issuer, serial, notBefore, notAfter }
}

/** With these a certificate of a CA does not get in place of one that works. What else is odd is the CA's own business. */
const UNUSABLE = ['expired', 'not-yet-valid', 'other-key', 'other-names']

function requireUsable(
  { chain }: Issued,
  { key, hostname, now }: { key: string; hostname: string; now: number },
): void {
  const parsed = parseChain(chain)
  const { problems } = judgeCertificate(parsed, { now, keyFits: keyFits(key, parsed.leaf), hostname })
  const [worst] = problems.filter(({ code }) => UNUSABLE.includes(code))
  if (worst)
    throw new Fault('conflict', `The CA gave no certificate to use. ${worst.message}`, { hint: worst.hint })
}
