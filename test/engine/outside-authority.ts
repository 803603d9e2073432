/** A CA in memory: it looks at the gateway and the zone of the same world before it gives a certificate. */
import { systemClock } from '../../src/base/clock.ts'
import { Fault } from '../../src/base/fault.ts'
import { sha256Hex } from '../../src/base/secrets.ts'
import { selfSigned } from '../../src/base/x509/signed.ts'
import type {
  Authorization,
  CertificateAuthority,
  ConnectAuthority,
  Order,
  RenewalWindow,
} from '../../src/ports/certificate-authority.ts'
import type { Outside, Power } from './outside.ts'

export const DIRECTORY = 'https://ca.test/directory'
const DAY_MS = 24 * 3_600_000

interface StoredOrder {
  account: string
  names: string[]
  status: string
  token: string
  chain: string | null
  valid: boolean
}

type Call = keyof CertificateAuthority

export class OutsideAuthority {
  /** Account URLs by key. */
  readonly accounts = new Map<string, string>()
  readonly orders = new Map<string, StoredOrder>()
  /** How often what was asked. */
  readonly calls: Call[] = []
  /** What it says instead of an answer; null: it answers. */
  refuses: ((call: Call) => Fault | null) | null = null
  lifeMs = 90 * DAY_MS
  now: () => number = () => systemClock.now()
  window: ((chain: string) => RenewalWindow | null) | null = null

  copy(): OutsideAuthority {
    return Object.assign(new OutsideAuthority(), {
      accounts: new Map(this.accounts),
      orders: structuredClone(this.orders),
      refuses: this.refuses,
      lifeMs: this.lifeMs,
      now: this.now,
    })
  }

  connect(outside: Outside, power: Power): ConnectAuthority {
    return () => this.authority(outside, power)
  }

  private authority(outside: Outside, power: Power): CertificateAuthority {
    const asked = async <T>(call: Call, work: () => T): Promise<T> => {
      this.calls.push(call)
      return await power.deed(() => {
        const refusal = this.refuses?.(call)
        if (refusal) throw refusal
        return work()
      })
    }
    const keyAuthorization: CertificateAuthority['keyAuthorization'] = ({ key }, token) => {
      const text = `${token}.${sha256Hex(key).slice(0, 43)}`
      return { text, txt: Buffer.from(sha256Hex(text), 'hex').toString('base64url') }
    }
    return {
      keyAuthorization,
      directory: () =>
        asked('directory', () => ({
          termsOfService: null,
          externalAccountRequired: false,
          hasRenewalInfo: this.window !== null,
          profiles: {},
        })),
      openAccount: ({ key }) =>
        asked('openAccount', () => {
          const url = this.accounts.get(key) ?? `https://ca.test/account/${this.accounts.size + 1}`
          this.accounts.set(key, url)
          return url
        }),
      order: ({ key }, { names }) =>
        asked('order', () => {
          if (!this.accounts.has(key)) throw noAccount()
          const url = `https://ca.test/order/${this.orders.size + 1}`
          const token = `token-${sha256Hex(url).slice(0, 12)}`
          const order = {
            account: key,
            names: [...names],
            status: 'pending',
            token,
            chain: null,
            valid: false,
          }
          this.orders.set(url, order)
          return orderOf(url, order)
        }),
      readOrder: (_account, url) => asked('readOrder', () => orderOf(url, this.found(url))),
      validate: (account, { order }) =>
        asked('validate', () => {
          const placed = this.found(order.url)
          if (placed.valid) return
          const { text, txt } = keyAuthorization(account, placed.token)
          const [name = ''] = placed.names
          if (!isShown(outside, name, { token: placed.token, text, txt })) {
            placed.status = 'invalid'
            throw new Fault('conflict', `The CA did not see what it asked ${name} for.`)
          }
          placed.valid = true
          placed.status = 'ready'
        }),
      finalize: (_account, { order, key }) =>
        asked('finalize', () => {
          const placed = this.found(order.url)
          if (!placed.valid) throw new Fault('conflict', 'orderNotReady')
          placed.chain ??= this.issue(placed.names, key)
          placed.status = 'valid'
          return placed.chain
        }),
      renewalWindow: (chain) => asked('renewalWindow', () => this.window?.(chain) ?? null),
    }
  }

  private issue(names: string[], key: string): string {
    const [first = '', ...others] = names
    const now = this.now()
    return selfSigned({
      names: [first, ...others],
      organization: 'Memory CA',
      notBefore: now - 3_600_000,
      notAfter: now - 3_600_000 + this.lifeMs,
      key,
    })
  }

  private found(url: string): StoredOrder {
    const order = this.orders.get(url)
    if (!order) throw new Fault('not_found', 'The CA knows no such order.')
    return order
  }
}

const noAccount = (): Fault =>
  new Fault('not_found', 'There is no such account.', {
    extra: { authorityProblem: { type: 'urn:ietf:params:acme:error:accountDoesNotExist', detail: '' } },
  })

function orderOf(url: string, { names, status, token, valid }: StoredOrder): Order {
  const authorizations = names.map(
    (name): Authorization => ({
      url: `${url}/authorization`,
      name: name.replace(/^\*\./, ''),
      isWildcard: name.startsWith('*.'),
      status: valid ? 'valid' : 'pending',
      challenges: (name.startsWith('*.') ? ['dns-01'] : ['http-01', 'dns-01']).map((type) => ({
        type,
        url: `${url}/${type}`,
        token,
        status: valid ? 'valid' : 'pending',
        problem: null,
      })),
    }),
  )
  return { url, status, names, authorizations, problem: null }
}

function isShown(
  { names, certificates }: Outside,
  name: string,
  { token, text, txt }: { token: string; text: string; txt: string },
): boolean {
  const bare = name.replace(/^\*\./, '')
  const records = names.records.get(`_acme-challenge.${bare} TXT`)?.values ?? []
  return (
    records.includes(txt) || (names.hosts.has(name) && certificates.answers.get(`${name}/${token}`) === text)
  )
}
