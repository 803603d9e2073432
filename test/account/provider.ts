/** A real OpenID provider, `oidc-provider` by the author of the certified client, on loopback; and a person at its forms. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Configuration, Provider } from 'oidc-provider'

export const CLIENT = { id: 'fairlead', secret: 'the secret that the provider has given' }

interface Account {
  email?: string
  email_verified?: boolean
  name?: string
}

export class RealProvider {
  /** What it knows of its people, by their subjects. */
  readonly accounts = new Map<string, Account>()
  private readonly host: string
  private handle: (...asked: Parameters<RequestListener>) => Promise<void> = () => Promise.resolve()
  private readonly server = createServer((request, response) => void this.handle(request, response))

  /** `host`: a name of this machine; `localhost` is another site than 127.0.0.1. */
  constructor(host = '127.0.0.1') {
    this.host = host
  }

  async start(): Promise<this> {
    await new Promise<void>((listening) => this.server.listen(0, this.host, listening))
    this.register('http://127.0.0.1/not-yet')
    return this
  }

  stop(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  get url(): string {
    return `http://${this.host}:${(this.server.address() as AddressInfo).port}` // it listens on TCP
  }

  /** Tells it where it may send people back to, as its own administrator would. */
  register(redirectUri: string): void {
    this.handle = new Provider(this.url, {
      ...this.configuration(),
      clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    }).callback()
  }

  /** Signs in at the provider and agrees; answers the address to which it then sends the browser. */
  async visit(departure: string, subject: string): Promise<string> {
    const cookies = new Map<string, string>()
    let [address, form]: [string, URLSearchParams | null] = [departure, null]
    for (let step = 0; step < 12; step++) {
      const response: Response = await fetch(address, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
        ...(form && { method: 'POST', body: form }),
      })
      for (const line of response.headers.getSetCookie()) {
        const pair = line.split(';', 1)[0] ?? ''
        cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
      }
      const [location, page] = [response.headers.get('location'), await response.text()]
      if (location !== null) {
        ;[address, form] = [new URL(location, address).href, null]
        if (!address.startsWith(this.url)) return address
        continue
      }
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
      const action = /action="([^"]+)"/.exec(page)?.[1]
      if (prompt === undefined || action === undefined) throw new Error(`${response.status} ${page}`)
      form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: subject, password: 'any' }) })
      address = new URL(action, address).href
    }
    throw new Error('the provider leads in a circle')
  }

  private configuration(): Configuration {
    return {
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      cookies: { keys: ['signs the cookies of the provider'] },
      ttl: {
        Interaction: 600,
        Session: 600,
        Grant: 600,
        AccessToken: 600,
        IdToken: 600,
        AuthorizationCode: 60,
      },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...this.accounts.get(sub) }) }),
    }
  }
}
