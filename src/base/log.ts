import { masked } from './secrets.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** The server's own log: one JSON object a line. Fields are data, never parts of the message. */
export interface Log {
  write(level: LogLevel, message: string, fields?: Record<string, unknown>): void
}

export function jsonLog(sink: (line: string) => void, now: () => number): Log {
  return {
    write(level, message, fields) {
      sink(masked(JSON.stringify({ time: new Date(now()).toISOString(), level, message, ...plain(fields) })))
    },
  }
}

export const silentLog: Log = { write() {} }

function plain(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? causes(value) : value]),
  )
}

function causes(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause instanceof Error ? `${own}\ncaused by ${causes(error.cause)}` : own
}
