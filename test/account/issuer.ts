/** An OpenID provider on loopback that says whatever the test wants it to say: of a real one no lie can be had. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

type Json = Record<string, unknown>

/** What a way to the provider has asked it. */
export interface Departure {
  state: string
  nonce: string
  challenge: string
  redirectUri: string
  url: URL
}

export class Issuer {
  /** Changes what it says of itself, and what it answers at a path. */
  metadata: Json = {}
  answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {}
  /** Who signs in, and what is otherwise in the token. */
  claims: JWTPayload = {}
  /** Makes the token out of the claims; by default signed with the published key. */
  token: (claims: JWTPayload) => Promise<string> | string = (claims) => this.signed(claims)
  /** The forms that came to the token endpoint. */
  readonly forms: URLSearchParams[] = []
  /** How often it was asked for anything. */
  requests = 0
  private port = 0
  private readonly server: Server
  private readonly keys = generateKeyPair('RS256')

  constructor() {
    this.server = createServer((request, response) => void this.answer(request, response))
  }

  async start(): Promise<this> {
    if (this.server.listening) return this
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening))
    this.port = (this.server.address() as AddressInfo).port // it listens on TCP
    return this
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** What the sign-in page of the provider would see. */
  departure(address: string): Departure {
    const url = new URL(address)
    const text = (name: string) => url.searchParams.get(name) ?? ''
    return {
      url,
      state: text('state'),
      nonce: text('nonce'),
      challenge: text('code_challenge'),
      redirectUri: text('redirect_uri'),
    }
  }

  async signed(claims: JWTPayload, header: { alg?: string; kid?: string } = {}): Promise<string> {
    const { privateKey } = await this.keys
    const { kid = '' } = await this.jwk()
    return await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(privateKey)
  }

  private async jwk(): Promise<JWK> {
    const jwk = await exportJWK((await this.keys).publicKey)
    return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1
    const path = (request.url ?? '').replace(/\?.*/, '')
    const special = this.answers[path]
    if (special) return special(request, response)
    const body = await this.bodyOf(path, request)
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? {}))
  }

  private async bodyOf(path: string, request: IncomingMessage): Promise<Json | null> {
    if (path === '/.well-known/openid-configuration') return { ...this.usual(), ...this.metadata }
    if (path === '/keys') return { keys: [await this.jwk()] }
    if (path !== '/token') return null
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer) // no encoding is set
    this.forms.push(new URLSearchParams(Buffer.concat(chunks).toString()))
    const now = Math.floor(Date.now() / 1_000)
    const claims = { iss: this.url, aud: 'fairlead', iat: now, exp: now + 300, ...this.claims }
    return { access_token: 'x', token_type: 'Bearer', id_token: await this.token(claims) }
  }

  private usual(): Json {
    const { url } = this
    return {
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }
  }
}
