/** A hostile CA and a client of it with little patience; anew before each test. */
import { afterAll, beforeAll, beforeEach, expect } from 'bun:test'
import { newKey } from '../../src/base/x509/key.ts'
import type { AuthorityAccount, CertificateAuthority, Order } from '../../src/ports/certificate-authority.ts'
import { HostileAuthority, type Interference, type Seen } from './hostile-authority.ts'
import { client, connect, open, signal } from './stage.ts'

interface Wanted {
  profile?: string
  replaces?: string
}

class HostileStage {
  readonly key = newKey()
  readonly hostile: HostileAuthority
  authority: CertificateAuthority
  readonly account: AuthorityAccount

  constructor(hostile: HostileAuthority, authority: CertificateAuthority, account: AuthorityAccount) {
    this.hostile = hostile
    this.authority = authority
    this.account = account
  }

  /** One that has not read the directory yet. */
  fresh(): CertificateAuthority {
    return impatient(this.hostile)
  }

  ordered(names = ['a.example'], { profile = '', replaces = '' }: Wanted = {}): Promise<Order> {
    const given = { names, profile: profile || null, replaces: replaces || null }
    return this.authority.order(this.account, given, signal)
  }

  async validated(order: Order): Promise<void> {
    const challengeUrls = order.authorizations.map(({ challenges }) => challenges[0]?.url ?? '')
    await this.authority.validate(this.account, { order, challengeUrls }, signal)
  }

  finalized(order: Order): Promise<string> {
    return this.authority.finalize(this.account, { order, key: this.key }, signal)
  }

  async issued(names?: string[]): Promise<string> {
    const order = await this.ordered(names)
    await this.validated(order)
    return await this.finalized(order)
  }

  /** This answer at one kind of request, `times` times. */
  at(kind: Seen['kind'], answer: Interference, times = Infinity): void {
    let count = 0
    this.hostile.interfere = (seen) => (seen.kind === kind && (count += 1) <= times ? answer : null)
  }
}

const impatient = ({ directoryUrl }: HostileAuthority): CertificateAuthority =>
  connect({ directoryUrl, root: null }, { answerMs: 1_000, patienceMs: 400 })

/** The stage of the test that is running. */
export function eachStage(): () => HostileStage {
  let hostile: HostileAuthority
  let stage: HostileStage
  beforeAll(async () => {
    hostile = await HostileAuthority.start()
  })
  beforeEach(async () => {
    hostile.behave()
    const authority = impatient(hostile)
    stage = new HostileStage(hostile, authority, await open(authority))
    hostile.seen.length = 0
  })
  afterAll(() => {
    hostile.end()
    client.close()
  })
  return () => stage
}

/** A Fault that says what to do. */
export const fault = (code: string, message: RegExp) => ({
  name: 'Fault',
  code,
  message: expect.stringMatching(message),
  hint: expect.stringMatching(/^[A-Z].*\.$/),
})
