/** Makes made-up calls at a real server, several at once, and judges each answer by the OpenAPI document. */
import type { Judge } from '../judge.ts'
import type { MadeUpBody, MadeUpCall } from './calls.ts'
import { Memory } from './memory.ts'

export interface Caller {
  name: string
  /** What tells the server who it is. */
  headers: Record<string, string>
  /** Somebody signed it out, or revoked its key: anew. */
  renew?(): Promise<Record<string, string>>
}

export interface CrowdOptions {
  url: string
  judge: Judge
  callers: readonly Caller[]
  archives: readonly Uint8Array[]
  /** Ids that callers need to stay who they are: nobody is told of them. */
  secret?: ReadonlySet<string>
}

export interface Complaint {
  call: string
  answer: string
  complaints: string[]
}

const AT_ONCE = 4
/** An answer that does not come by then never will. */
const ANSWER_MS = 60_000
/** Longer addresses are the runtime's matter: it answers them before we see them. */
const TEXT_IN_ADDRESS = 2_000

export class Crowd {
  /** How often each operation was answered with each status. */
  readonly counts = new Map<string, Map<number, number>>()
  readonly complaints: Complaint[] = []
  private readonly options: CrowdOptions
  private readonly memory: Memory

  constructor(options: CrowdOptions) {
    this.options = options
    this.memory = new Memory(options.secret ?? new Set())
  }

  async make(calls: Iterable<MadeUpCall>): Promise<void> {
    const waiting = calls[Symbol.iterator]()
    const worker = async () => {
      for (let next = waiting.next(); !next.done; next = waiting.next()) await this.one(next.value)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  /** How many of the answers were such, from 0 to 1. */
  share(isSuch: (status: number) => boolean): number {
    const all = [...this.counts.values()].flatMap((counts) => [...counts])
    const sum = (list: [number, number][]) => list.reduce((total, [, count]) => total + count, 0)
    return sum(all.filter(([status]) => isSuch(status))) / sum(all)
  }

  private async one(call: MadeUpCall): Promise<void> {
    const { callers, url, judge } = this.options
    const caller = callers[Math.floor(call.caller * callers.length)] ?? { name: 'nobody', headers: {} }
    const { address, init } = this.request(call, caller)
    const told = `${caller.name}: ${call.method} ${address} ${JSON.stringify(init.headers)} ${describe(init.body)}`
    let answer = 'none'
    let complaints: string[]
    try {
      const response = await fetch(`${url}${address}`, { ...init, signal: AbortSignal.timeout(ANSWER_MS) })
      const body = await bodyOf(response)
      const type = response.headers.get('content-type')
      answer = `${response.status} ${type} ${new TextDecoder().decode(body.subarray(0, 2000))}`
      complaints = judge.complaints(call.operation, { status: response.status, type, body })
      if (isBad(response.status, answer)) complaints.push(`answers ${response.status}`)
      this.note(call, response.status)
      this.remember(call, address, { response, body })
      if (response.status === 401 && caller.renew) caller.headers = await caller.renew()
    } catch (error) {
      complaints = [`no answer: ${String(error)}`]
    }
    if (complaints.length > 0) this.complaints.push({ call: told.slice(0, 3000), answer, complaints })
  }

  private remember(
    call: MadeUpCall,
    address: string,
    answer: { response: Response; body: Uint8Array },
  ): void {
    const { response, body } = answer
    const isChanged = response.ok && (call.method === 'delete' || call.method === 'patch')
    if (response.status === 404 || isChanged) this.memory.forget(lastOf(call, address))
    const isJson = response.headers.get('content-type') === 'application/json'
    if (response.ok && call.method !== 'delete' && isJson)
      this.memory.learn(call.operation.operationId, JSON.parse(new TextDecoder().decode(body)))
  }

  private note({ operation }: MadeUpCall, status: number): void {
    const counts = this.counts.get(operation.operationId) ?? new Map<number, number>()
    counts.set(status, (counts.get(status) ?? 0) + 1)
    this.counts.set(operation.operationId, counts)
  }

  private request(call: MadeUpCall, caller: Caller): { address: string; init: RequestInit } {
    const noun = call.operation.operationId.split('.', 1)[0] ?? ''
    const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      inAddress(this.memory.put(call.params[name], { noun, parameter: name })),
    )
    const query = new URLSearchParams()
    for (const [name, given] of call.query) {
      const value = this.memory.put(given, { noun, parameter: name })
      if (value !== undefined) query.append(name, textOf(value))
    }
    const { body, headers } = this.body(call.body, noun)
    return {
      address: `${path}${query.size > 0 ? `?${query}` : ''}`,
      init: {
        method: call.method.toUpperCase(),
        headers: { ...call.headers, ...headers, ...caller.headers },
        redirect: 'manual',
        ...(body !== null && call.method !== 'get' && { body }),
      },
    }
  }

  private body(body: MadeUpBody, noun: string): { body: BodyInit | null; headers: Record<string, string> } {
    switch (body.kind) {
      case 'none':
        return { body: null, headers: {} }
      case 'text':
        return { body: body.text, headers: { 'content-type': body.type } }
      case 'json': {
        const text = JSON.stringify(this.memory.put(body.value, { noun, parameter: '' })) ?? 'undefined'
        return { body: text, headers: { 'content-type': body.type } }
      }
      case 'archive': {
        const { archives } = this.options
        const blob = new Blob([new Uint8Array(archives[Math.floor(body.at * archives.length)] ?? [])])
        if (!body.isForm) return { body: blob, headers: {} }
        const form = new FormData()
        form.set('archive', blob, 'site.tar')
        return { body: form, headers: {} }
      }
    }
  }
}

/** What the last parameter of the path was: that is what is gone, or what was gone already. */
function lastOf({ path }: MadeUpCall, address: string): string {
  const at = path.split('/').findLastIndex((part) => part.startsWith('{'))
  return decodeURIComponent(new URL(address, 'http://localhost').pathname.split('/')[at] ?? '')
}

/** 5xx but for a full disk and a server that is standing by. */
const isBad = (status: number, answer: string): boolean =>
  status >= 500 && status !== 507 && !(status === 503 && answer.includes('"standing_by"'))

/** Of a stream of events the beginning will do. */
async function bodyOf(response: Response): Promise<Uint8Array> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return await response.bytes()
  const reader = response.body?.getReader()
  const first = await reader?.read()
  await reader?.cancel()
  return first?.value ?? new Uint8Array()
}

const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, TEXT_IN_ADDRESS).toWellFormed()

/** A segment of dots alone would be another address. */
const inAddress = (value: unknown): string =>
  encodeURIComponent(textOf(value)).replace(/^(\.|%2e)+$/i, 'dots')

const describe = (body: BodyInit | null | undefined): string =>
  body === undefined || body === null ? '' : typeof body === 'string' ? body : `(${body.constructor.name})`
