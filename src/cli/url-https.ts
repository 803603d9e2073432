/** How URLs answer over HTTPS, as people write and read it. */
import type { UrlHttps } from '../contract/shapes/https.ts'
import type { UrlPatch, UrlPlan } from '../contract/shapes/urls.ts'
import { HTTPS_MODES } from '../domain/https.ts'
import { type Args, wrongValue } from './command.ts'
import type { Output } from './output.ts'

type Hsts = UrlHttps['hsts']

const TLS = { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const

export const HTTPS_FLAGS = {
  https: {
    value: 'WORD',
    among: HTTPS_MODES,
    help: 'Where its certificate comes from: the CA that is set up, those that were brought, or nowhere',
  },
  redirect: { help: 'Lead plain HTTP to HTTPS' },
  'no-redirect': { help: 'Answer over plain HTTP as well' },
  hsts: {
    value: 'SECONDS',
    help: 'Have browsers use HTTPS alone for so long; SECONDS,subdomains or SECONDS,subdomains,preload; "none"',
  },
  'min-tls': { value: 'VERSION', among: Object.keys(TLS), help: 'The oldest version of TLS that is spoken' },
} as const

/** What the flags say; what they do not say is as the settings, or the URL, have it. Throws `usage`. */
export function httpsWish(args: Args): UrlPatch {
  const mode = HTTPS_MODES.find((one) => one === args.optional('https'))
  const [hsts, version] = [args.optional('hsts'), args.optional('min-tls')]
  if (args.has('redirect') && args.has('no-redirect'))
    throw wrongValue('redirect', 'on', 'and --no-redirect say the opposite')
  return {
    ...(mode !== undefined && { https: mode }),
    ...(args.has('redirect') && { redirectToHttps: true }),
    ...(args.has('no-redirect') && { redirectToHttps: false }),
    ...(hsts !== undefined && { hsts: hstsOf(hsts) }),
    ...(version !== undefined && { minimumTls: TLS[version === '1.3' ? '1.3' : '1.2'] }), // says its flag
  }
}

/** `31536000,subdomains,preload`. Throws `usage`. */
export function hstsOf(text: string): Hsts {
  if (text === 'none') return null
  const [, seconds, includeSubDomains, preload] = /^(\d{1,9})(,subdomains)?(,preload)?$/.exec(text) ?? []
  if (seconds === undefined)
    throw wrongValue('hsts', text, 'is SECONDS, SECONDS,subdomains, SECONDS,subdomains,preload, or none')
  return {
    maxAgeSeconds: Number(seconds),
    includeSubDomains: includeSubDomains !== undefined,
    preload: preload !== undefined,
  }
}

export const hstsText = (hsts: Hsts): string =>
  hsts === null
    ? 'none'
    : `${hsts.maxAgeSeconds}${hsts.includeSubDomains ? ',subdomains' : ''}${hsts.preload ? ',preload' : ''}`

const dateOf = (iso: string): string => iso.slice(0, 10)

export function daysText(output: Output, notAfter: string): string {
  const days = output.daysUntil(notAfter)
  if (days < 0) return `expired ${dateOf(notAfter)}`
  return days === 1 ? '1 day' : `${days} days`
}

/** For a cell of a table. */
export function httpsCell(output: Output, { state, certificate, problem }: UrlHttps): string {
  const days = state === 'valid' && certificate ? `, ${daysText(output, certificate.notAfter)}` : ''
  return `${state}${days}${problem ? ' !' : ''}`
}

const ways = ({ redirect, hsts, minimumTls }: Pick<UrlHttps, 'redirect' | 'hsts' | 'minimumTls'>): string =>
  [
    redirect ? 'plain HTTP leads there' : 'plain HTTP answers too',
    ...(hsts === null ? [] : [`HSTS ${hstsText(hsts)}`]),
    `${minimumTls.replace('v', ' ')} and newer`,
  ].join(', ')

export function httpsFacts(output: Output, https: UrlHttps): [string, string | null][] {
  if (https.mode === 'none') return [['HTTPS', 'none']]
  const { certificate, renewAt, problem } = https
  return [
    ['HTTPS', `${https.mode}, ${https.state}; ${ways(https)}`],
    ['certificate', certificate && `${certificate.id}, by ${certificate.issuer}`],
    ['expires', certificate && `${dateOf(certificate.notAfter)} (${daysText(output, certificate.notAfter)})`],
    ['renewal', renewAt && dateOf(renewAt)],
    ['HTTPS problem', problem && `${output.time(problem.at)}: ${problem.message}`],
    ['hint', problem?.hint ?? null],
  ]
}

/** How it would answer, in a line. */
export const planText = ({ https }: UrlPlan): string =>
  https.mode === 'none' ? 'none' : `${sourceText(https)}; ${ways(https)}`

function sourceText({ mode, authority, challenge, certificate }: UrlPlan['https']): string {
  if (mode === 'auto')
    return authority === null || challenge === null
      ? 'no CA can be asked for a certificate'
      : `a certificate by ${authority}, asked for by ${challenge}`
  if (certificate === null) return 'no certificate covers it'
  return `the certificate ${certificate.id} until ${dateOf(certificate.notAfter)}`
}
