/**
 * A CA in our control, over plain HTTP on loopback: it does all that the standard wants, checks every signature and nonce,
 * and on demand does worse (`interfere`).
 */
import { createPublicKey, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Issuer, namesOf } from './issuer.ts'

export const KINDS = [
  'directory',
  'nonce',
  'account',
  'newAccount',
  'newOrder',
  'order',
  'authorization',
  'challenge',
  'finalize',
  'certificate',
  'renewalInfo',
] as const
type Kind = (typeof KINDS)[number]

export interface Seen {
  kind: Kind
  /** The last part of its path. */
  id: string
  /** Null: a mere look. */
  payload: Record<string, unknown> | null
}

/** An answer in place of the right one; `hang`: none at all. */
export type Interference = { status?: number; headers?: Record<string, string>; body?: unknown } | 'hang'

interface Order {
  id: string
  account: string
  names: string[]
  status: string
  chain: string
}

interface Authorization {
  id: string
  name: string
  wildcard: boolean
  status: string
}

class Refusal extends Error {
  readonly answer: Exclude<Interference, 'hang'>

  constructor(type: string, detail: string, status = 400) {
    super(detail)
    this.answer = problem(type, detail, status)
  }
}

/** A problem document of one of the standard's kinds. */
export const problem = (type: string, detail: string, status = 400, more: object = {}) => ({
  status,
  headers: { 'content-type': 'application/problem+json' } as Record<string, string>, // others may be added
  body: { type: `urn:ietf:params:acme:error:${type}`, detail, status, ...more } as unknown, // or anything else
})

export class HostileAuthority {
  interfere: (seen: Seen) => Interference | null = () => null
  /** Whether it finds what a challenge wants. */
  finds: (given: {
    name: string
    type: string
    token: string
    account: string
  }) => boolean | Promise<boolean> = () => true
  now: () => number = Date.now
  lifeMs = 90 * 24 * 3_600_000
  /** What the directory has besides. */
  meta: Record<string, unknown> = {}
  /** When to renew a certificate, by its id; without it there is no renewal information. */
  renewal: ((id: string) => { start: string; end: string } | null) | null = null
  readonly seen: Seen[] = []
  readonly issued: { names: string[]; chain: string }[] = []
  readonly issuer = new Issuer('A hostile issuer')
  private readonly server: Server
  private readonly nonces = new Set<string>()
  private readonly accounts = new Map<string, { jwk: JsonWebKey; contact: unknown }>()
  private readonly orders = new Map<string, Order>()
  private readonly authorizations = new Map<string, Authorization>()
  private count = 0

  private constructor() {
    this.server = createServer((request, response) => {
      void this.serve(request, response)
    })
  }

  static async start(): Promise<HostileAuthority> {
    const authority = new HostileAuthority()
    await new Promise<void>((resolve) => authority.server.listen(0, '127.0.0.1', resolve))
    return authority
  }

  /** As the standard has it, again. */
  behave(): void {
    this.interfere = () => null
    this.finds = () => true
    this.renewal = null
    this.meta = {}
  }

  end(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  get base(): string {
    const address = this.server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  }

  get directoryUrl(): string {
    return `${this.base}/directory`
  }

  asked(kind: Kind): Seen[] {
    return this.seen.filter((one) => one.kind === kind)
  }

  private url(kind: Kind, id = ''): string {
    return `${this.base}/${kind}${id === '' ? '' : `/${id}`}`
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer) // no encoding is set
    const answer = await this.answerTo(request, Buffer.concat(chunks).toString()).catch((thrown: unknown) => {
      if (thrown instanceof Refusal) return thrown.answer
      throw thrown
    })
    if (answer === 'hang') return
    const { status = 200, headers = {}, body = '' } = answer
    const isText = typeof body === 'string'
    response.writeHead(status, {
      'replay-nonce': this.freshNonce(),
      ...(!isText && { 'content-type': 'application/json' }),
      ...headers,
    })
    response.end(request.method === 'HEAD' ? undefined : isText ? body : JSON.stringify(body))
  }

  private freshNonce(): string {
    const nonce = `nonce-${(this.count += 1)}`
    this.nonces.add(nonce)
    return nonce
  }

  private async answerTo(request: IncomingMessage, text: string): Promise<Interference> {
    const [, kind = '', id = ''] = (request.url ?? '').split('/')
    const known = KINDS.find((one) => one === kind)
    if (known === undefined) throw new Refusal('malformed', 'There is nothing here.', 404)
    const isPost = request.method === 'POST'
    const { payload, account } = isPost
      ? this.opened(text, `${this.base}${request.url}`)
      : { payload: null, account: '' }
    const seen = { kind: known, id, payload }
    this.seen.push(seen)
    return this.interfere(seen) ?? (await this.right(seen, account))
  }

  /** What a request says, once its signature, its address and its nonce are right. */
  private opened(text: string, url: string): { payload: Record<string, unknown> | null; account: string } {
    const { protected: head, payload, signature } = JSON.parse(text)
    const said = JSON.parse(Buffer.from(head, 'base64url').toString())
    if (said.alg !== 'ES256') throw new Refusal('badSignatureAlgorithm', 'Only ES256.')
    if (said.url !== url) throw new Refusal('unauthorized', `That was for ${said.url}.`, 403)
    if (!this.nonces.delete(said.nonce)) throw new Refusal('badNonce', 'That nonce is none.')
    const jwk: JsonWebKey | undefined = said.jwk ?? this.accounts.get(said.kid)?.jwk
    if (jwk === undefined) throw new Refusal('accountDoesNotExist', `There is no account ${said.kid}.`)
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
    const isRight = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      key,
      Buffer.from(signature, 'base64url'),
    )
    if (!isRight) throw new Refusal('unauthorized', 'That signature is wrong.', 403)
    const account = [...this.accounts].find(([, one]) => JSON.stringify(one.jwk) === JSON.stringify(jwk))?.[0]
    return {
      payload: payload === '' ? null : JSON.parse(Buffer.from(payload, 'base64url').toString()),
      account: account ?? JSON.stringify(jwk),
    }
  }

  private async right({ kind, id, payload }: Seen, account: string): Promise<Interference> {
    if (kind === 'directory') return { body: this.directory() }
    if (kind === 'nonce') return {}
    if (kind === 'newAccount') return this.openAccount(payload ?? {}, account)
    if (kind === 'account') return { body: { status: 'valid' } }
    if (kind === 'newOrder') return this.makeOrder(payload ?? {}, account)
    if (kind === 'order') return { body: this.orderBody(this.orderOf(id)) }
    if (kind === 'authorization') return { body: this.authorizationBody(this.authorizationOf(id)) }
    if (kind === 'challenge') return await this.check(id, account)
    if (kind === 'finalize') return this.finalize(id, payload ?? {})
    if (kind === 'certificate') return { headers: PEM, body: this.orderOf(id).chain }
    const window = this.renewal?.(id)
    if (!window) throw new Refusal('malformed', 'There is nothing here.', 404)
    return { headers: { 'retry-after': '21600' }, body: { suggestedWindow: window } }
  }

  private directory(): object {
    return {
      newNonce: this.url('nonce'),
      newAccount: this.url('newAccount'),
      newOrder: this.url('newOrder'),
      ...(this.renewal && { renewalInfo: this.url('renewalInfo') }),
      meta: this.meta,
    }
  }

  private openAccount(payload: Record<string, unknown>, account: string): Interference {
    const isNew = !this.accounts.has(account)
    if (isNew && payload['onlyReturnExisting'] === true)
      throw new Refusal('accountDoesNotExist', 'There is none.')
    const url = isNew ? this.url('account', `${(this.count += 1)}`) : account
    if (isNew) this.accounts.set(url, { jwk: JSON.parse(account), contact: payload['contact'] })
    const body = { status: 'valid', contact: this.accounts.get(url)?.contact ?? [] }
    return { status: isNew ? 201 : 200, headers: { location: url }, body }
  }

  private makeOrder(payload: Record<string, unknown>, account: string): Interference {
    const identifiers = payload['identifiers'] as { value: string }[] // as the client sends them
    const id = `${(this.count += 1)}`
    const order = { id, account, names: identifiers.map(({ value }) => value), status: 'pending', chain: '' }
    this.orders.set(id, order)
    for (const [index, name] of order.names.entries())
      this.authorizations.set(`${id}-${index}`, {
        id: `${id}-${index}`,
        name: name.replace(/^\*\./, ''),
        wildcard: name.startsWith('*.'),
        status: 'pending',
      })
    return { status: 201, headers: { location: this.url('order', id) }, body: this.orderBody(order) }
  }

  private orderOf(id: string): Order {
    const order = this.orders.get(id)
    if (!order) throw new Refusal('malformed', 'There is no such order.', 404)
    const all = order.names.map((_, index) => this.authorizationOf(`${id}-${index}`).status)
    if (order.status === 'pending' && all.every((status) => status === 'valid')) order.status = 'ready'
    if (all.includes('invalid')) order.status = 'invalid'
    return order
  }

  private orderBody({ id, names, status }: Order): object {
    return {
      status,
      identifiers: names.map((value) => ({ type: 'dns', value })),
      authorizations: names.map((_, index) => this.url('authorization', `${id}-${index}`)),
      finalize: this.url('finalize', id),
      ...(status === 'valid' && { certificate: this.url('certificate', id) }),
    }
  }

  private authorizationOf(id: string): Authorization {
    const authorization = this.authorizations.get(id)
    if (!authorization) throw new Refusal('malformed', 'There is no such authorization.', 404)
    return authorization
  }

  private authorizationBody({ id, name, wildcard, status }: Authorization): object {
    const error = status === 'invalid' && {
      error: { type: 'urn:ietf:params:acme:error:dns', detail: 'Found nothing.' },
    }
    return {
      identifier: { type: 'dns', value: name },
      status,
      ...(wildcard && { wildcard }),
      challenges: (wildcard ? ['dns-01'] : ['http-01', 'dns-01']).map((type) => ({
        type,
        url: this.url('challenge', `${id}:${type}`),
        token: `token-${id}`,
        status,
        ...error,
      })),
    }
  }

  private async check(id: string, account: string): Promise<Interference> {
    const [authorizationId = '', type = ''] = id.split(':')
    const authorization = this.authorizationOf(authorizationId)
    if (authorization.status !== 'pending') throw new Refusal('malformed', 'It is not pending any more.')
    const isFound = await this.finds({
      name: authorization.name,
      type,
      token: `token-${authorizationId}`,
      account,
    })
    authorization.status = isFound ? 'valid' : 'invalid'
    return {
      body: {
        type,
        url: this.url('challenge', id),
        token: `token-${authorizationId}`,
        status: authorization.status,
      },
    }
  }

  private finalize(id: string, payload: Record<string, unknown>): Interference {
    const order = this.orderOf(id)
    if (order.status !== 'ready') throw new Refusal('orderNotReady', `It is ${order.status}.`, 403)
    const request = Buffer.from(String(payload['csr']), 'base64url')
    if (namesOf(request).sort().join() !== [...order.names].sort().join())
      throw new Refusal('badCSR', 'Other names.')
    const notBefore = Math.floor(this.now() / 1000) * 1000
    order.chain = this.issuer.chain(request, {
      names: order.names,
      notBefore,
      notAfter: notBefore + this.lifeMs - 1000,
    })
    order.status = 'valid'
    this.issued.push({ names: order.names, chain: order.chain })
    return { body: this.orderBody(order) }
  }
}

const PEM = { 'content-type': 'application/pem-certificate-chain' }
