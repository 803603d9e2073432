import { pause } from '../base/clock.ts'
import { Fault, shown } from '../base/fault.ts'
import { ApiProblem, apiClient, type Client } from '../contract/client.ts'
import type { CliContext } from './context.ts'

const DEFAULT_SERVER = 'http://127.0.0.1:4750'
/** Pauses before the tries after a lost connection; then it is given up. */
const RETRY_PAUSES_MS = [300, 1_000, 3_000]

/** The server that client commands talk to: what is given, or `FAIRLEAD_SERVER` and `FAIRLEAD_KEY`, or the last login. */
export class Server {
  readonly client: Client
  /** Its address, without a slash at the end. */
  readonly base: string
  private readonly context: CliContext
  private readonly key: string | null

  /** `key` null: none is sent. Throws `usage` for an address that can't be one, `broken_data`. */
  constructor(context: CliContext, given: { address?: string | undefined; key?: string | null } = {}) {
    const { env, logins } = context
    this.context = context
    this.base = baseOf(given.address || env.FAIRLEAD_SERVER || logins.all()[0]?.server || DEFAULT_SERVER)
    this.key = given.key === undefined ? env.FAIRLEAD_KEY || keptKey(context, this.base) : given.key
    this.client = apiClient((path, init) => this.fetch(path, init))
  }

  /** One request, by a path that begins with `/api/v1`. Throws `unavailable` when no answer came. */
  async fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.key !== null) headers.set('authorization', `Bearer ${this.key}`)
    try {
      return await this.context.fetch(`${this.base}${path}`, { redirect: 'error', ...init, headers })
    } catch (cause) {
      throw new Fault('unavailable', `The server at ${this.base} did not answer.`, {
        hint: 'Is it running (fairlead serve)? FAIRLEAD_SERVER holds the address of another one.',
        cause,
      })
    }
  }

  /**
   * Does something again after a lost connection or a server that was busy, a few times. Only for work that is once
   * however often it is asked for: reading, or sending with an Idempotency-Key.
   */
  async patiently<T>(work: () => Promise<T>, onRetry?: (reason: string) => void): Promise<T> {
    for (const ms of RETRY_PAUSES_MS) {
      try {
        return await work()
      } catch (error) {
        const reason = passing(error)
        if (reason === null) throw error
        onRetry?.(reason)
        await pause(this.context.clock, ms)
      }
    }
    return await work()
  }
}

const keptKey = ({ logins }: CliContext, base: string): string | null =>
  logins.all().find((login) => login.server === base)?.key ?? null

/** Why an error may pass by itself; null when it won't. */
function passing(error: unknown): string | null {
  if (error instanceof Fault) return error.code === 'unavailable' ? error.message : null
  if (!(error instanceof ApiProblem)) return null
  const { code, detail } = error.problem
  return code === 'busy' || code === 'unavailable' ? detail : null
}

function baseOf(address: string): string {
  const url = URL.parse(address)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.search || url.hash)
    throw new Fault('usage', `FAIRLEAD_SERVER can't be "${shown(address, 100)}".`, {
      hint: 'It is an address such as http://127.0.0.1:4750 or https://deploy.example.com.',
    })
  if (url.username || url.password)
    throw new Fault('usage', 'FAIRLEAD_SERVER holds a name and password.', {
      hint: 'Put the key into FAIRLEAD_KEY; an address is shown in messages and logs.',
    })
  return url.href.replace(/\/+$/, '')
}
