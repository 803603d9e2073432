import type { HttpAnswer } from '../../base/http.ts'

/** How long an answer wants one to wait, in ms (RFC 9110 §10.2.3: seconds, or a date); null: it does not say. */
export function retryAfterMs({ headers }: Pick<HttpAnswer, 'headers'>, now: number): number | null {
  const text = headers['retry-after'] ?? ''
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : null
}
