/** A provider's HTTP API with JSON: asked over the judged way out, bounded, and never quoted with the secret in it. */
import type { z } from 'zod'
import { type Clock, pause, stopwatch } from '../../base/clock.ts'
import { Fault, shown } from '../../base/fault.ts'
import type { HttpAnswer } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import { withoutTraces } from '../../base/secrets.ts'
import { Unclear } from './converge.ts'
import { answerMsOf, type DnsTools } from './tools.ts'

export interface ApiOptions {
  /** How it is called in messages. */
  label: string
  /** Without a slash at its end. */
  url: string
  headers: Record<string, string>
  secret: string
  allowPrivateNetwork: boolean
  allowPlainHttp: boolean
  tools: DnsTools
  /** What it says is wrong in the body of an error; null: nothing that can be read. */
  told: (body: unknown) => string | null
}

export interface ApiCall {
  method?: 'GET' | 'POST' | 'PATCH'
  path: string
  body?: unknown
  /** What it is about, in messages: `the zone example.com`. */
  about: string
  signal: AbortSignal
}

export interface ApiAnswer {
  status: number
  /** Null when there is none. */
  body: unknown
}

/** Failures of gateways and servers that pass, those of Cloudflare's own among them. */
const PASSING = [408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526]
const TOO_MANY = 429

export class Api {
  private readonly options: ApiOptions

  constructor(options: ApiOptions) {
    this.options = options
  }

  /** What an answer of 2xx says, asked for again while it fails in passing. Throws `unavailable` for everything else. */
  async read<Schema extends z.ZodType>(call: ApiCall, schema: Schema): Promise<z.infer<Schema>> {
    const { tools } = this.options
    const elapsedMs = stopwatch()
    for (let attempt = 1; ; attempt++)
      try {
        const answer = await this.send(call)
        if (answer.status >= 300) throw this.refusal(answer, call)
        const parsed = schema.safeParse(answer.body)
        if (parsed.success) return parsed.data
        throw this.strange(call, 'something else than its API describes')
      } catch (thrown) {
        call.signal.throwIfAborted()
        if (!(thrown instanceof Unclear)) throw thrown
        // What hung once is given one more chance, not all of them.
        if (attempt >= LIMITS.dnsExchange.attempts || elapsedMs() > 1.5 * answerMsOf(tools))
          throw thrown.fault
        await pause(tools.clock, LIMITS.dnsExchange.pauseMs * attempt, call.signal)
      }
  }

  /**
   * Sends it once, and again only when it was turned away for being one too many. Answers 2xx, and 4xx for the caller to
   * read; throws Unclear when it is not known what has become of it.
   */
  async send(call: ApiCall): Promise<ApiAnswer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.sendOnce(call)
      if (answer.status !== TOO_MANY) return this.judged(answer, call)
      const waitMs = retryAfterMs(answer, this.options.tools.clock)
      if (attempt >= LIMITS.dnsExchange.attempts || waitMs > LIMITS.dnsExchange.retryAfterMs)
        throw new Fault(
          'unavailable',
          `${this.options.label} has had too many requests to answer about ${call.about}.`,
          {
            hint: `It wants to be left alone for ${Math.ceil(waitMs / 1000)} s. Try again then.`,
          },
        )
      await pause(this.options.tools.clock, waitMs, call.signal)
    }
  }

  /** What is wrong when it says no, in its own words where it has any; never with the secret in it. */
  refusal({ status, body }: ApiAnswer, { about }: ApiCall): Fault {
    const { label, secret, told } = this.options
    const text = told(body)
    const words = text === null ? '' : `: ${shown(withoutTraces(text, secret))}`
    const [what, hint] = STATUSES[status] ?? [
      `answers ${status} to what was asked about`,
      'Its log may tell why.',
    ]
    return new Fault('unavailable', `${label} ${what} ${about}${words}`.replace(/\.?$/, '.'), { hint })
  }

  private async sendOnce({ method = 'GET', path, body, about, signal }: ApiCall): Promise<HttpAnswer> {
    const { url, headers, allowPrivateNetwork, allowPlainHttp, tools, label } = this.options
    try {
      return await tools.egress.request({
        url: `${url}${path}`,
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        allowPrivateNetwork,
        allowPlainHttp,
        deadlineMs: answerMsOf(tools),
        maxBodyBytes: LIMITS.dnsExchange.answerBytes,
        signal,
      })
    } catch (thrown) {
      signal.throwIfAborted()
      if (!(thrown instanceof Fault)) throw thrown
      if (thrown.code === 'too_large')
        throw new Fault(
          'unavailable',
          `${label} answers with more than ${LIMITS.dnsExchange.answerBytes} bytes about ${about}.`,
          {
            hint: 'Check that its address leads to its API.',
          },
        )
      throw thrown.code === 'unavailable' ? new Unclear(thrown) : thrown
    }
  }

  private judged(answer: HttpAnswer, call: ApiCall): ApiAnswer {
    const { status } = answer
    if (status >= 300 && status < 400)
      throw this.strange(call, `a redirect (${status}), which is not followed with a key`)
    const text = Buffer.from(answer.body).toString('utf8')
    const body = text.trim() === '' ? null : parsedJson(text)
    if (PASSING.includes(status)) throw new Unclear(this.refusal({ status, body: body ?? null }, call))
    if (body !== undefined) return { status, body }
    if (status >= 400) return { status, body: null }
    // Whether it has done anything, nobody knows.
    throw new Unclear(this.strange(call, 'something that is no JSON'))
  }

  private strange({ about }: ApiCall, what: string): Fault {
    return new Fault('unavailable', `${this.options.label} answers ${what} when asked about ${about}.`, {
      hint: 'Check that its address leads to its API, and to no sign-in page or proxy in between.',
    })
  }
}

const STATUSES: Record<number, [what: string, hint: string]> = {
  400: ['finds something wrong with what was asked about', 'Correct what it names.'],
  401: ['does not take the key when asked about', 'Enter the key again.'],
  403: [
    'refuses what was asked about',
    'Give the key the right to it, and this machine if addresses are limited.',
  ],
  404: ['does not know', 'Check that it is still there, and that the key may see it.'],
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // told apart by the caller: the parser's own message quotes what came
  }
}

/** In seconds, or as a date (RFC 9110 §10.2.3). */
function retryAfterMs({ headers }: HttpAnswer, clock: Clock): number {
  const text = headers['retry-after'] ?? ''
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : LIMITS.dnsExchange.pauseMs
}
