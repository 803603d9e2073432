/** How a name is to answer over HTTPS, as it is filled in. */
import type { UrlHttps } from '../../contract/shapes/https.ts'
import type { UrlPatch } from '../../contract/shapes/urls.ts'
import { type Hsts, TLS_VERSIONS, type TlsVersion } from '../../domain/host-site.ts'
import { HTTPS_MODES, type HttpsMode } from '../../domain/https.ts'

/** `usual`: nothing is said of it, so it is as the settings have it. */
export interface HttpsForm {
  mode: 'usual' | HttpsMode
  redirect: 'usual' | 'yes' | 'no'
  hsts: 'usual' | HstsChoice
  minimumTls: 'usual' | TlsVersion
}

/** `kept`: what was set elsewhere and is none of the others. */
export type HstsChoice = 'off' | 'month' | 'year' | 'subdomains' | 'preload' | 'kept'

export const USUAL: HttpsForm = { mode: 'usual', redirect: 'usual', hsts: 'usual', minimumTls: 'usual' }

const DAY_SECONDS = 86_400
const HSTS: Record<Exclude<HstsChoice, 'kept'>, Hsts | null> = {
  off: null,
  month: { maxAgeSeconds: 30 * DAY_SECONDS, includeSubDomains: false, preload: false },
  year: { maxAgeSeconds: 365 * DAY_SECONDS, includeSubDomains: false, preload: false },
  subdomains: { maxAgeSeconds: 365 * DAY_SECONDS, includeSubDomains: true, preload: false },
  preload: { maxAgeSeconds: 365 * DAY_SECONDS, includeSubDomains: true, preload: true },
}

export const HSTS_WORDS: Record<HstsChoice, string> = {
  off: 'nothing',
  month: 'use HTTPS alone, for 30 days',
  year: 'use HTTPS alone, for a year',
  subdomains: 'HTTPS alone, names below too',
  preload: 'HTTPS alone, by their own list',
  kept: 'what is set now',
}

export const MODE_WORDS: Record<HttpsForm['mode'], string> = {
  usual: 'as the settings say',
  auto: 'with a certificate of the CA',
  own: 'with a certificate of your own',
  none: 'none: plain HTTP alone',
}

export const TLS_WORDS: Record<TlsVersion, string> = {
  'TLSv1.2': '1.2, for all browsers',
  'TLSv1.3': '1.3, for newer ones only',
}

export const MODES: readonly HttpsForm['mode'][] = ['usual', ...HTTPS_MODES]
export const VERSIONS = TLS_VERSIONS

/** What browsers are told of a name. */
export const hstsText = (hsts: Hsts | null): string => HSTS_WORDS[choiceOf(hsts)]

const choiceOf = (hsts: Hsts | null): HstsChoice => {
  const found = Object.entries(HSTS).find(([, one]) => JSON.stringify(one) === JSON.stringify(hsts))
  return (found?.[0] ?? 'kept') as HstsChoice // a key of HSTS
}

/** As a URL has it. */
export const formOfHttps = ({
  mode,
  redirect,
  hsts,
  minimumTls,
}: Pick<UrlHttps, 'mode' | 'redirect' | 'hsts' | 'minimumTls'>): HttpsForm => ({
  mode,
  redirect: redirect ? 'yes' : 'no',
  hsts: choiceOf(hsts),
  minimumTls,
})

/** What is said, and nothing else; `before`: without what is as it was. */
export function httpsWishOf(form: HttpsForm, before: HttpsForm = USUAL): UrlPatch {
  const { mode, redirect, hsts, minimumTls } = form
  return {
    ...(mode !== 'usual' && mode !== before.mode && { https: mode }),
    ...(redirect !== 'usual' && redirect !== before.redirect && { redirectToHttps: redirect === 'yes' }),
    ...(hsts !== 'usual' && hsts !== 'kept' && hsts !== before.hsts && { hsts: HSTS[hsts] }),
    ...(minimumTls !== 'usual' && minimumTls !== before.minimumTls && { minimumTls }),
  }
}
