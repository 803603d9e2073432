import type { UrlCreate } from '../../contract/shapes/urls.ts'
import type { RedirectStatus } from '../../domain/host-site.ts'
import type { DnsMode } from '../../domain/url.ts'

/** As it was filled in. */
export interface UrlForm {
  hostname: string
  kind: 'site' | 'redirect'
  redirectTo: string
  redirectStatus: RedirectStatus
  dns: DnsMode
}

export const BLANK: UrlForm = { hostname: '', kind: 'site', redirectTo: '', redirectStatus: 308, dns: 'auto' }

/** What is asked for; null while something is missing. */
export function wishOf({ hostname, kind, redirectTo, redirectStatus, dns }: UrlForm): UrlCreate | null {
  const name = hostname.trim()
  const target = redirectTo.trim()
  if (name === '' || (kind === 'redirect' && target === '')) return null
  return { hostname: name, kind, dns, ...(kind === 'redirect' && { redirectTo: target, redirectStatus }) }
}

/** Of one label nothing is asked while it is being typed: it would be refused at every letter. */
export const hasTwoLabels = (hostname: string): boolean => /[^.。．｡][.。．｡][^.。．｡]/.test(hostname)
