/** When certificates are renewed, tried again and warned of. Times in ms since 1970. */
import { LIMITS } from '../../base/limits.ts'
import { sha256Hex } from '../../base/secrets.ts'

export interface Lifetime {
  notBefore: number
  notAfter: number
}

const DAY_MS = 24 * 3_600_000

/**
 * When to renew: at a moment within the window that the CA tells, as RFC 9773 §4.2 wants it, else after two thirds of its
 * life, or half of a short one. Always before its end. `seed`, the certificate's id say, decides the moment, so that
 * those that were made together are not renewed together, and a restart changes nothing.
 */
export function renewAt(
  { notBefore, notAfter }: Lifetime,
  window: { from: number; until: number } | null,
  seed: string,
): number {
  const { shortLivedMs, renewalSpread, renewalLatest } = LIMITS.certificate
  const lifeMs = notAfter - notBefore
  const share = shareOf(seed)
  const at =
    window && window.until > window.from
      ? window.from + share * (window.until - window.from)
      : notBefore + lifeMs * ((lifeMs <= shortLivedMs ? 1 / 2 : 2 / 3) + share * renewalSpread)
  return Math.floor(Math.min(at, notBefore + lifeMs * renewalLatest, notAfter - 1))
}

/** From 0 up to 1, the same for the same text. */
const shareOf = (text: string): number => Number.parseInt(sha256Hex(text).slice(0, 12), 16) / 2 ** 48

export interface FailedTries {
  /** How often it has failed in a row: 1 or more. */
  attempts: number
  now: number
  /** The end of the certificate that stands; null: there is none. */
  notAfter: number | null
  /** Until when the CA wants to be left alone. */
  blockedUntil: number | null
}

/** When to try again: later each time, sooner when the end is near, and never before the CA allows it. */
export function nextTry({ attempts, now, notAfter, blockedUntil }: FailedTries): number {
  const { retryMs, retryMsMost, retryMsMostWithout, retryMsLeast } = LIMITS.certificate
  const grown = retryMs * 2 ** Math.min(attempts - 1, 30)
  const leftMs = notAfter === null ? 0 : notAfter - now
  // Eight tries at least before the end, as far as a CA can be asked so often.
  const most = leftMs > 0 ? Math.max(retryMsLeast, Math.min(retryMsMost, leftMs / 8)) : retryMsMostWithout
  return Math.ceil(Math.max(now + Math.min(grown, most), blockedUntil ?? 0))
}

export interface ExpiryWarning {
  /** Days before the end that it is the warning for: 30, 14, 7, and 0 when it has ended. */
  level: number
  /** `ends in 13 days, on 2026-11-26`: what is said after the certificate's name. */
  message: string
}

/**
 * Whether to warn that a certificate ends: once for each level, the lowest that is reached. One that is renewed by itself is
 * warned of only when that is late, so that nothing is said of those for which all goes its way; in a short life the levels
 * come closer to its end. `lastWarned`: the level of the last warning, null when there was none.
 */
export function radar(
  certificate: Lifetime & {
    /** Null: nobody renews it but a person. */
    renewAt: number | null
  },
  now: number,
  lastWarned: number | null,
): ExpiryWarning | null {
  const level = warningLevel(certificate, now)
  if (level === null || (lastWarned !== null && lastWarned <= level)) return null
  return { level, message: warningText(certificate, now) }
}

/** The lowest level that is reached; null: none is. */
export function warningLevel(
  { notBefore, notAfter, renewAt }: Lifetime & { renewAt: number | null },
  now: number,
): number | null {
  if (now > notAfter) return 0
  const { warningDays, renewalLate } = LIMITS.certificate
  const lifeMs = notAfter - notBefore
  if (renewAt !== null && now < renewAt + lifeMs * renewalLate) return null
  const [first] = warningDays
  const reached = warningDays.filter(
    (days) => notAfter - now <= Math.min(days * DAY_MS, (lifeMs * days) / (2 * first)),
  )
  return reached.at(-1) ?? null
}

function warningText({ notAfter, renewAt }: Lifetime & { renewAt: number | null }, now: number): string {
  const day = new Date(notAfter).toISOString().slice(0, 10)
  if (now > notAfter) return `has ended on ${day}`
  const days = Math.floor((notAfter - now) / DAY_MS)
  const hours = Math.floor((notAfter - now) / 3_600_000)
  const left = days >= 2 ? `${days} days` : `${hours} ${hours === 1 ? 'hour' : 'hours'}`
  return `ends in ${left}, on ${day}${renewAt === null ? '' : ', and its renewal is late'}`
}
