/** The way to one CA: where it may be asked, nonces, and tries that are made again. */
import { type Clock, pause, stopwatch } from '../../base/clock.ts'
import type { Egress } from '../../base/egress.ts'
import { Fault } from '../../base/fault.ts'
import type { HttpAnswer } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import type { AuthorityProblem } from '../../ports/certificate-authority.ts'
import { kindOf, refused, strange, toWait, untrusted } from './faults.ts'
import { type Signer, signedRequest } from './jws.ts'
import { retryAfterMs } from './retry-after.ts'
import { type DirectoryAnswer, directoryShape, problemOf } from './shapes.ts'

/** What CAs are asked with. */
export interface AcmeTools {
  egress: Egress
  clock: Clock
  /** How long one answer may take, and how long a CA may take to check and to sign; without them, what the limits say. */
  answerMs?: number
  patienceMs?: number
}

export interface Asked {
  url: string
  /** In messages: "make an order for a.example". */
  to: string
  signal: AbortSignal
}

export interface Answer {
  /** Of 2xx alone. */
  status: number
  headers: Record<string, string>
  text: string
  /** Undefined: no JSON. */
  json: unknown
}

/** Of those below 500, what passes as well. */
const PASSING = [408, 425]
const HEADERS = { 'user-agent': 'Fairlead', 'accept-language': 'en' }

export class Way {
  /** How the CA is called in messages. */
  readonly label: string
  /** Of its directory. */
  readonly url: string
  readonly tools: AcmeTools
  private readonly base: URL
  private readonly root: string | null
  private readonly nonces: string[] = []
  private known: { directory: DirectoryAnswer; until: number } | null = null

  /** Throws `invalid` for what is no address. */
  constructor({ directoryUrl, root }: { directoryUrl: string; root: string | null }, tools: AcmeTools) {
    if (!URL.canParse(directoryUrl))
      throw new Fault('invalid', 'The address of the CA is no URL.', {
        hint: 'Give the https: address of its directory.',
      })
    this.base = new URL(directoryUrl)
    this.label = this.base.host
    this.url = this.base.href
    this.root = root
    this.tools = tools
  }

  /** As it was read a moment ago; `fresh`: as it is now. */
  async directory(signal: AbortSignal, fresh = false): Promise<DirectoryAnswer> {
    const { clock } = this.tools
    if (!fresh && this.known && clock.now() < this.known.until) return this.known.directory
    const to = 'show its directory'
    const answer = await this.get({ url: this.url, to, signal }).catch((thrown: unknown) => {
      // An account or an order that is gone is something else.
      throw thrown instanceof Fault && thrown.code === 'not_found' ? unclear(thrown) : thrown
    })
    const parsed = directoryShape.safeParse(answer.json)
    if (!parsed.success) throw strange(this.label, 'with something else than an ACME directory', to)
    this.known = { directory: parsed.data, until: clock.now() + LIMITS.acme.directoryMs }
    return parsed.data
  }

  async get({ url, to, signal }: Asked): Promise<Answer> {
    const asked = { url, to, signal }
    return await this.persist(asked, () => this.send(asked, { method: 'GET' }))
  }

  /** `payload` null: a mere look. A nonce that is refused is replaced by the one that came with the refusal. */
  async post(signer: Signer, asked: Asked & { payload: object | null }): Promise<Answer> {
    return await this.persist(asked, async () => {
      const nonce = await this.nonce(asked)
      return await this.send(asked, {
        method: 'POST',
        headers: { 'content-type': 'application/jose+json' },
        body: signedRequest(signer, { url: asked.url, nonce, payload: asked.payload }),
      })
    })
  }

  /**
   * An address that an answer named. Other hosts than the directory's are fine (RFC 8555 §7.1), over TLS. Throws
   * `unavailable`.
   */
  urlFrom(text: string | undefined, asked: Asked): string {
    const url = text !== undefined && URL.canParse(text, asked.url) ? new URL(text, asked.url) : null
    const isSafe =
      url?.protocol === 'https:' ||
      (url?.protocol === this.base.protocol && url.hostname === this.base.hostname)
    if (url && isSafe && url.href.length <= LIMITS.acme.urlChars) return url.href
    throw strange(this.label, 'with an address that is none, or not of https:', asked.to)
  }

  private async nonce(asked: Asked): Promise<string> {
    const known = this.nonces.pop()
    if (known !== undefined) return known
    const { newNonce } = await this.directory(asked.signal)
    const got = await this.send({ ...asked, url: this.urlFrom(newNonce, asked) }, { method: 'HEAD' })
    this.judge(got, asked)
    const fresh = this.nonces.pop()
    if (fresh === undefined) throw strange(this.label, 'without a nonce', asked.to)
    return fresh
  }

  /** Sends until there is an answer that is one: what passes is tried again, and each try is counted. */
  private async persist(asked: Asked, send: () => Promise<HttpAnswer>): Promise<Answer> {
    const elapsedMs = stopwatch()
    const counts = { nonce: 0, passing: 0 }
    const most = { nonce: LIMITS.acme.nonceAttempts, passing: LIMITS.acme.attempts }
    for (;;) {
      try {
        return this.judge(await send(), asked)
      } catch (thrown) {
        asked.signal.throwIfAborted()
        if (!(thrown instanceof Passing)) throw thrown
        const count = (counts[thrown.kind] += 1)
        // What hung once is given one more chance, not all of them.
        if (count >= most[thrown.kind] || elapsedMs() > 1.5 * this.answerMs) throw thrown.fault
        await pause(this.tools.clock, thrown.waitMs ?? LIMITS.acme.pauseMs * count, asked.signal)
      }
    }
  }

  private get answerMs(): number {
    return this.tools.answerMs ?? LIMITS.acme.answerMs
  }

  private async send(
    { url, signal }: Asked,
    request: { method: string; headers?: Record<string, string>; body?: string },
  ): Promise<HttpAnswer> {
    try {
      const answer = await this.tools.egress.request({
        ...request,
        url,
        headers: { ...HEADERS, ...request.headers },
        // What the admin has set may be within; whatever a CA names besides may not.
        allowPrivateNetwork: new URL(url).hostname === this.base.hostname,
        ...(this.root !== null && { root: this.root }),
        deadlineMs: this.answerMs,
        maxBodyBytes: LIMITS.acme.answerBytes,
        signal,
      })
      this.keepNonce(answer)
      return answer
    } catch (thrown) {
      signal.throwIfAborted()
      if (!(thrown instanceof Fault)) throw thrown
      if (thrown.code === 'too_large')
        throw new Fault(
          'unavailable',
          `The CA ${this.label} answers with more than ${LIMITS.acme.answerBytes} bytes.`,
          {
            hint: 'Check the address of its directory.',
          },
        )
      throw untrusted(this.label, thrown) ?? (thrown.code === 'unavailable' ? new Passing(thrown) : thrown)
    }
  }

  private keepNonce({ headers }: HttpAnswer): void {
    const nonce = headers['replay-nonce'] ?? ''
    if (!/^[\w-]{1,500}$/.test(nonce)) return
    this.nonces.push(nonce)
    if (this.nonces.length > LIMITS.acme.nonces) this.nonces.shift()
  }

  /** Throws Passing for what may be asked again, and Faults for what may not. */
  private judge(answer: HttpAnswer, { to }: Asked): Answer {
    const { status, headers } = answer
    const text = Buffer.from(answer.body).toString('utf8')
    const json = parsedJson(text)
    if (status >= 200 && status < 300) return { status, headers, text, json }
    if (status < 400) throw strange(this.label, `with a redirect (${status}), which is not followed,`, to)
    const problem = problemOf(json)
    this.requirePatience(answer, problem, to)
    const fault = refused(this.label, to, { status, problem })
    if (problem && kindOf(problem) === 'badNonce')
      throw new Passing(unclear(fault), { kind: 'nonce', waitMs: 0 })
    throw status >= 500 || PASSING.includes(status) ? new Passing(unclear(fault)) : fault
  }

  /** Throws when the CA wants to be left alone; for a moment only, that is waited for. */
  private requirePatience(answer: HttpAnswer, problem: AuthorityProblem | null, to: string): void {
    const { status } = answer
    const isLimited = status === 429 || (problem !== null && kindOf(problem) === 'rateLimited')
    const now = this.tools.clock.now()
    const waitMs = retryAfterMs(answer, now)
    if (!isLimited && (status !== 503 || waitMs === null)) return
    const { blockedMs, blockedMsMost, pollMsMost } = LIMITS.acme
    const retryAt = now + Math.min(waitMs ?? blockedMs, blockedMsMost)
    const fault = toWait(this.label, to, { retryAt, problem })
    throw waitMs !== null && waitMs <= pollMsMost ? new Passing(fault, { kind: 'passing', waitMs }) : fault
  }
}

/** It failed in a way that passes. */
class Passing extends Error {
  override readonly name = 'Passing'
  /** What is wrong if it stays so. */
  readonly fault: Fault
  readonly kind: 'nonce' | 'passing'
  /** Null: longer each time. */
  readonly waitMs: number | null

  constructor(
    fault: Fault,
    how: { kind: 'nonce' | 'passing'; waitMs: number | null } = { kind: 'passing', waitMs: null },
  ) {
    super(fault.message)
    this.fault = fault
    this.kind = how.kind
    this.waitMs = how.waitMs
  }
}

/** What a server says no with though it is not the caller's fault. */
const unclear = ({ message, hint, extra }: Fault): Fault =>
  new Fault('unavailable', message, { hint: hint ?? 'Try again later.', extra })

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // told apart by the caller: the parser's own message quotes what came
  }
}
