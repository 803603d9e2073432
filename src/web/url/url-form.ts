import type { UrlCreate } from '../../contract/shapes/urls.ts'
import type { RedirectStatus } from '../../domain/host-site.ts'
import type { DnsMode } from '../../domain/url.ts'
import { type HttpsForm, httpsWishOf, USUAL } from './https-form.ts'

/** As it was filled in. */
export interface UrlForm {
  hostname: string
  kind: 'site' | 'redirect'
  redirectTo: string
  redirectStatus: RedirectStatus
  dns: DnsMode
  https: HttpsForm
}

export const BLANK: UrlForm = {
  hostname: '',
  kind: 'site',
  redirectTo: '',
  redirectStatus: 308,
  dns: 'auto',
  https: USUAL,
}

/** What is asked for; null while something is missing. */
export function wishOf({
  hostname,
  kind,
  redirectTo,
  redirectStatus,
  dns,
  https,
}: UrlForm): UrlCreate | null {
  const name = hostname.trim()
  const target = redirectTo.trim()
  if (name === '' || (kind === 'redirect' && target === '')) return null
  const redirect = kind === 'redirect' && { redirectTo: target, redirectStatus }
  return { hostname: name, kind, dns, ...redirect, ...httpsWishOf(https) }
}

/** Of one label nothing is asked while it is being typed: it would be refused at every letter. */
export const hasTwoLabels = (hostname: string): boolean => /[^.。．｡][.。．｡][^.。．｡]/.test(hostname)
