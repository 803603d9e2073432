/** A real server on a free port around the plumbing, and raw sockets to speak to it in ways that no client would. */
import { connect, type Socket } from 'node:net'
import type { Dispatch } from '../../src/api/dispatch.ts'
import type { GuardOptions } from '../../src/api/guard.ts'
import { front, type Place } from '../../src/api/server.ts'
import type { Clock } from '../../src/base/clock.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { serve } from '../../src/base/platform.ts'

export interface Listening {
  port: number
  url: string
  stop(): Promise<void>
}

export interface ListeningOptions extends Partial<GuardOptions> {
  api?: Dispatch
  places?: Place[]
  log?: Log
}

export function listening(options: ListeningOptions = {}): Listening {
  const answer = front(
    {
      hosts: options.hosts ?? [],
      url: options.url ?? null,
      ...(options.isSelf && { isSelf: options.isSelf }),
      trustedProxies: [],
      log: options.log ?? silentLog,
    },
    { api: options.api ?? (async () => new Response('the api')), places: options.places ?? [] },
  )
  const server = serve({
    hostname: '127.0.0.1',
    port: 0,
    maxBodyBytes: LIMITS.http.uploadBytes + 1,
    idleSeconds: 30,
    fetch: answer,
    onError: (error) => new Response(error.message, { status: 500 }),
  })
  return { port: server.port, url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) }
}

/** Sends text over a new connection and answers everything that comes until the server is silent or hangs up. */
export function raw(port: number, text: string, until: (soFar: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
    let answer = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (until(answer)) socket.destroy()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

/** A whole answer with a Content-Length has come. */
export const isWhole = (answer: string): boolean => {
  const head = answer.indexOf('\r\n\r\n')
  const length = Number(/content-length: (\d+)/i.exec(answer.slice(0, head))?.[1] ?? 0)
  return head >= 0 && answer.length >= head + 4 + length
}

export const statusOf = (answer: string): number => Number(answer.split(' ', 2)[1])

export const request = (port: number, head: string, body = ''): Promise<string> =>
  raw(port, `${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}`, isWhole)

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}

/** Time that passes when the test says so. */
export class TestClock implements Clock {
  private time = 1_700_000_000_000
  private readonly timers = new Set<{ at: number; ring: () => void }>()
  private readonly watchers = new Set<() => void>()

  now(): number {
    return this.time
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.time + ms, ring: then }
    this.timers.add(timer)
    for (const watcher of this.watchers) watcher()
    return () => this.timers.delete(timer)
  }

  pass(ms: number): void {
    this.time += ms
    for (const timer of [...this.timers].filter((timer) => timer.at <= this.time)) {
      this.timers.delete(timer)
      timer.ring()
    }
  }

  /** Resolves when somebody waits for the clock. */
  waited(): Promise<void> {
    if (this.timers.size > 0) return Promise.resolve()
    return new Promise((resolve) => {
      const watcher = () => {
        this.watchers.delete(watcher)
        resolve()
      }
      this.watchers.add(watcher)
    })
  }
}
