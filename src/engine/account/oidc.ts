/** Signing in at an OpenID provider: authorization code, PKCE, state and nonce, bound to the browser that began. */
import type * as client from 'openid-client'
import type { Egress } from '../../base/egress.ts'
import { Fault } from '../../base/fault.ts'
import type { HttpRequest } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import type { ProviderRow } from '../../store/account/identity-providers.ts'
import { answered, ask } from './challenge.ts'
import type { FactorWorld } from './factors.ts'
import { faultBelow, notWhatItClaims, providerFault } from './oidc-faults.ts'

/** What the way to the provider and back is for. `next`: the path that is opened afterwards. */
export type Purpose =
  | { kind: 'sign-in'; next: string }
  | { kind: 'link'; next: string; userId: string; sessionId: string }

/** Who somebody is, as the provider has signed it. */
export interface Claims {
  issuer: string
  subject: string
  email: string | null
  emailVerified: boolean
  name: string | null
}

export interface Journey {
  /** The secret of the browser that is sent there: only this one can come back. */
  holder: string
  /** Our own address that the provider sends it back to, as it is registered there. */
  redirectUri: string
}

interface Pending {
  providerId: string
  /** Of the provider, as it was set up then. */
  revision: number
  verifier: string
  nonce: string
  purpose: Purpose
}

interface Known {
  revision: number
  until: number
  configuration: Promise<client.Configuration>
}

/** Read when somebody signs in so for the first time. */
const openId = () => import('openid-client')

export class Oidc {
  private readonly world: FactorWorld
  private readonly egress: Egress
  private readonly known = new Map<string, Known>()

  constructor(world: FactorWorld, egress: Egress) {
    this.world = world
    this.egress = egress
  }

  /** Where the browser is to go. Throws `unavailable`. */
  async begin(provider: ProviderRow, journey: Journey, purpose: Purpose): Promise<string> {
    const configuration = await this.configurationOf(provider)
    const { randomPKCECodeVerifier, randomState, randomNonce, ...library } = await openId()
    const [verifier, state, nonce] = [randomPKCECodeVerifier(), randomState(), randomNonce()]
    const { id: providerId, revision } = provider
    const pending: Pending = { providerId, revision, verifier, nonce, purpose }
    ask(this.world, { kind: 'oidc', text: state, holder: journey.holder }, pending)
    return library.buildAuthorizationUrl(configuration, {
      redirect_uri: journey.redirectUri,
      scope: 'openid email profile',
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    }).href
  }

  /**
   * What a browser was sent to the provider for, once; and who has come back with this query. Throws `unauthenticated`
   * when this browser was not sent there.
   */
  comeBack(
    provider: ProviderRow,
    journey: Journey,
    query: URLSearchParams,
  ): { purpose: Purpose; claims: () => Promise<Claims> } {
    const state = query.get('state') ?? ''
    const pending = answered<Pending>(this.world, { kind: 'oidc', text: state, holder: journey.holder })
    if (pending?.providerId === provider.id && pending.revision === provider.revision)
      return {
        purpose: pending.purpose,
        claims: () => this.redeem(provider, { redirectUri: journey.redirectUri, query, state, pending }),
      }
    throw new Fault(
      'unauthenticated',
      `This way back from "${provider.label}" was not begun in this browser.`,
      { hint: 'It works once and for five minutes. Begin anew on the sign-in page.' },
    )
  }

  /** Throws `unauthenticated` when the answer doesn't hold; `forbidden` when the person has said no; `unavailable`. */
  private async redeem(
    provider: ProviderRow,
    back: { redirectUri: string; query: URLSearchParams; state: string; pending: Pending },
  ): Promise<Claims> {
    const configuration = await this.configurationOf(provider)
    const url = new URL(back.redirectUri)
    url.search = back.query.toString()
    try {
      const { authorizationCodeGrant, fetchUserInfo } = await openId()
      const tokens = await authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: back.pending.verifier,
        expectedState: back.state,
        expectedNonce: back.pending.nonce,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims) throw notWhatItClaims(provider, 'it names nobody')
      // Many tell the subject alone in the token, and the rest to who asks with it.
      const isAll = claims['email'] !== undefined || !configuration.serverMetadata().userinfo_endpoint
      const more = isAll ? {} : await fetchUserInfo(configuration, tokens.access_token, claims.sub)
      return claimsOf({ ...more, ...claims })
    } catch (thrown) {
      throw providerFault(provider, thrown)
    }
  }

  /** Asks a provider for its metadata, as a sign-in would. Throws the Fault of what is wrong, for who sets it up. */
  async probe({
    label,
    issuer,
    settings,
  }: Pick<ProviderRow, 'label' | 'issuer' | 'settings'>): Promise<void> {
    try {
      const library = await openId()
      const found = await this.metadataOf({ issuer, settings }, library)
      requireEndpoints({ label, issuer }, found)
    } catch (thrown) {
      throw faultBelow(thrown) ?? providerFault({ label }, thrown)
    }
  }

  /** Asked for at the same time it is fetched once; what has failed is asked for anew. */
  private async configurationOf(provider: ProviderRow): Promise<client.Configuration> {
    const now = this.world.clock.now()
    const known = this.known.get(provider.id)
    if (known && known.revision === provider.revision && now < known.until) return await known.configuration
    const configuration = this.discover(provider).catch((thrown: unknown) => {
      this.known.delete(provider.id)
      throw providerFault(provider, thrown)
    })
    const until = now + LIMITS.identityProvider.metadataMs
    this.known.set(provider.id, { revision: provider.revision, until, configuration })
    return await configuration
  }

  private async discover(provider: ProviderRow): Promise<client.Configuration> {
    const secret = this.secretOf(provider)
    const library = await openId()
    const server = await this.metadataOf(provider, library)
    requireEndpoints(provider, server)
    const authentication = authenticatesByBasic(server)
      ? library.ClientSecretBasic(secret)
      : library.ClientSecretPost(secret)
    const configuration = new library.Configuration(server, provider.clientId, secret, authentication)
    configuration[library.customFetch] = this.fetchFor(provider)
    if (provider.settings.allowPrivateNetwork) library.allowInsecureRequests(configuration)
    // The token came over TLS, but only a signature that is checked says who has made it.
    library.enableNonRepudiationChecks(configuration)
    return configuration
  }

  private async metadataOf(provider: Source, library: typeof client): Promise<client.ServerMetadata> {
    const found = await library.discovery(new URL(provider.issuer), 'fairlead', undefined, library.None(), {
      [library.customFetch]: this.fetchFor(provider),
      // Plain HTTP gets no further than to loopback: the egress sees to that.
      execute: provider.settings.allowPrivateNetwork ? [library.allowInsecureRequests] : [],
    })
    return found.serverMetadata()
  }

  private secretOf({ id, label, clientSecret }: ProviderRow): string {
    const { seal } = this.world
    if (clientSecret !== null && seal.canOpen(clientSecret)) return seal.open(clientSecret, secretPlace(id))
    throw new Fault('unavailable', `The client secret of "${label}" has to be entered again.`, {
      hint: 'It does not survive a restore without the key. Whoever looks after this Fairlead enters it in the settings.',
    })
  }

  private fetchFor({ settings: { allowPrivateNetwork } }: Source): client.CustomFetch {
    return async (url, { method, headers, body, signal }) => {
      const answer = await this.egress.request({
        url,
        method,
        headers,
        ...bodyOf(body),
        allowPrivateNetwork,
        deadlineMs: LIMITS.identityProvider.answerMs,
        maxBodyBytes: LIMITS.identityProvider.answerBytes,
        ...(signal && { signal }),
      })
      return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers })
    }
  }
}

type Source = Pick<ProviderRow, 'issuer' | 'settings'>

/** Where the client secret of a provider is sealed. */
export const secretPlace = (id: string) => ({ table: 'identity_providers', row: id, column: 'client_secret' })

function bodyOf(body: client.FetchBody): Pick<HttpRequest, 'body'> {
  if (body === undefined || body === null) return {}
  if (typeof body === 'string' || body instanceof Uint8Array) return { body }
  if (body instanceof URLSearchParams) return { body: body.toString() }
  throw new Error('the OpenID client sends forms only')
}

/** As the provider says that it wants to be told the secret; HTTP Basic when it says nothing (OpenID Discovery §3). */
const authenticatesByBasic = ({
  token_endpoint_auth_methods_supported: methods,
}: client.ServerMetadata): boolean => methods === undefined || methods.includes('client_secret_basic')

/** Throws `unavailable` when the metadata leads to something else than this issuer and its web pages. */
function requireEndpoints(
  provider: Pick<ProviderRow, 'label' | 'issuer'>,
  server: client.ServerMetadata,
): void {
  const {
    issuer,
    authorization_endpoint: page = '',
    token_endpoint: tokens = '',
    jwks_uri: keys = '',
  } = server
  if (new URL(issuer).href !== new URL(provider.issuer).href)
    throw notWhatItClaims(provider, 'its metadata names another issuer')
  for (const address of [page, tokens, keys])
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
      throw notWhatItClaims(provider, 'its metadata lacks an address for signing in, for tokens or for keys')
}

const claimsOf = (claims: client.IDToken): Claims => ({
  issuer: claims.iss,
  subject: claims.sub,
  email: typeof claims['email'] === 'string' ? claims['email'] : null,
  emailVerified: claims['email_verified'] === true,
  name: typeof claims['name'] === 'string' ? claims['name'] : null,
})
