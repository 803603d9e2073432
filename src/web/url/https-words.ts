/** HTTPS of a URL in words. */
import type { UrlHttps } from '../../contract/shapes/https.ts'
import type { UrlPlan } from '../../contract/shapes/urls.ts'
import type { State } from './url-words.ts'

const DAY_MS = 86_400_000
/** From here on it is told in the row, not only in the details. */
export const SOON_DAYS = 30

export const daysLeft = (notAfter: string, now: number): number =>
  Math.floor((Date.parse(notAfter) - now) / DAY_MS)

export const daysText = (days: number): string =>
  days < 0 ? 'expired' : days === 0 ? 'expires today' : days === 1 ? '1 day left' : `${days} days left`

/** Null: nothing is to be said, since nobody wants HTTPS under this name. */
export function httpsState({ state, mode, certificate, problem }: UrlHttps, now: number): State | null {
  switch (state) {
    case 'none':
    case 'pending':
      if (mode === 'none') return null
      return problem === null
        ? { tone: 'busy', text: 'HTTPS on its way', title: 'There is no certificate yet.' }
        : { tone: 'odd', text: 'no HTTPS yet', title: 'It answers over plain HTTP: there is no certificate.' }
    case 'placeholder':
      return {
        tone: 'bad',
        text: 'HTTPS not trusted',
        title: 'A certificate that nobody trusts stands in, since the real one is gone or can not be read.',
      }
    case 'expired':
      return { tone: 'bad', text: 'certificate expired', title: 'Browsers refuse it.' }
    case 'valid': {
      const days = certificate === null ? 0 : daysLeft(certificate.notAfter, now)
      const isLate = problem !== null || (mode === 'own' && days <= SOON_DAYS)
      return {
        tone: isLate ? 'odd' : 'good',
        text: isLate ? `HTTPS, ${daysText(days)}` : 'HTTPS',
        title: `Its certificate is valid: ${daysText(days)}.`,
      }
    }
  }
}

const CHALLENGES = { 'http-01': 'over plain HTTP', 'dns-01': 'by a DNS record' } as const

/** What is done for HTTPS, as a step of a plan; null: nothing. */
export function httpsStep({ mode, authority, challenge, certificate }: UrlPlan['https']): string | null {
  if (mode === 'none') return null
  if (mode === 'own')
    return certificate === null
      ? 'It answers over HTTPS with a certificate of your own, once there is one that covers the name.'
      : `It answers over HTTPS with your certificate for ${certificate.names.join(', ')}.`
  const how = challenge === null ? '' : `, shown ${CHALLENGES[challenge]} that the name is yours`
  return `${authority ?? 'The CA'} is asked for a certificate${how}; then it answers over HTTPS.`
}
