/** The program with an owner who has signed in, and the people that he makes. */
import { type Asked, ask } from '../api/app.ts'
import { type Running, type ServerOptions, startServer } from './server.ts'

/** What a browser keeps of somebody who has signed in. */
export interface Kept {
  cookies: {
    name: string
    value: string
    domain: string
    path: string
    expires: number
    httpOnly: boolean
    secure: boolean
    sameSite: 'Lax'
  }[]
  origins: []
}

export interface Claimed extends Running {
  owner: Kept
  /** As the owner; `path` below /api/v1. */
  asOwner<T>(method: string, path: string, given?: Asked): Promise<T>
  /** A person who has signed in. */
  person(login: string, grant?: { role: string; service?: string; environment?: string }): Promise<Kept>
}

export const PASSWORD = 'seven boats at anchor'

export async function startClaimed(options?: ServerOptions): Promise<Claimed> {
  const server = await startServer(options)
  const api = `${server.url}/api/v1`
  const send = async <T>(method: string, path: string, given: Asked): Promise<{ value: T; kept: Kept }> => {
    const { status, body, headers, text } = await ask(api + path, method, given)
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`)
    return { value: body, kept: keptOf(headers) }
  }
  const code = new URL(server.setUpUrl ?? '').hash.slice(1)
  const account = { login: 'ann@example.com', name: 'Ann Harbour', password: PASSWORD }
  const { kept: owner } = await send('POST', '/setup', { json: { code, ...account } })
  const cookie = owner.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  const asOwner = async <T>(method: string, path: string, given: Asked = {}) => {
    const headers = { cookie, 'sec-fetch-site': 'same-origin', ...given.headers }
    return (await send<T>(method, path, { ...given, headers })).value
  }
  return {
    ...server,
    owner,
    asOwner,
    async person(login, grant) {
      await asOwner('POST', '/users', { json: { login, password: PASSWORD, ...grant } })
      return (await send('POST', '/session', { json: { login, password: PASSWORD } })).kept
    },
  }
}

function keptOf(headers: Headers): Kept {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(headers.getSetCookie()[0] ?? '') ?? []
  const rest = { domain: '127.0.0.1', path: '/', expires: -1, httpOnly: true, secure: false } as const
  return { cookies: name === '' ? [] : [{ name, value, ...rest, sameSite: 'Lax' }], origins: [] }
}
