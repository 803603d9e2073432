/** The state of a URL in words. */
import type { RecordSet, Url } from '../../contract/shapes/urls.ts'
import type { RedirectStatus } from '../../domain/host-site.ts'
import type { DnsMode } from '../../domain/url.ts'
import type { Tone } from '../parts/status-pill.tsx'

export interface State {
  tone: Tone
  text: string
  /** The same in a sentence. */
  title: string
}

const WHOSE = { site: 'site', redirect: 'redirect', self: 'page' } as const

export function siteState({ kind, site }: Pick<Url, 'kind' | 'site'>): State {
  const whose = WHOSE[kind]
  switch (site.state) {
    case 'up':
      return { tone: 'good', text: `${whose} up`, title: `The gateway has its ${whose}.` }
    case 'empty':
      return {
        tone: 'calm',
        text: 'site empty',
        title: 'The gateway has its site; nothing is live there yet.',
      }
    case 'pending':
      return { tone: 'calm', text: `no ${whose} yet`, title: `The gateway has no ${whose} for it.` }
  }
}

export function dnsState({ dns: { state, provider } }: Pick<Url, 'dns'>): State {
  switch (state) {
    case 'answered':
      return {
        tone: 'good',
        text: 'DNS answers',
        title: 'All name servers of the zone have answered its records.',
      }
    case 'pending':
      return {
        tone: 'busy',
        text: 'DNS on its way',
        title: `${provider?.label ?? 'The provider'} makes the records; not all name servers answer them yet.`,
      }
    case 'by-hand':
      return { tone: 'calm', text: 'DNS by hand', title: 'A person makes its records.' }
    case 'none':
      return { tone: 'calm', text: 'no records', title: 'No records are made: the name leads here already.' }
  }
}

export function probeState({ lastProbe }: Pick<Url, 'lastProbe'>): State {
  if (lastProbe === null) return { tone: 'calm', text: 'no probe yet', title: 'Nobody has asked it yet.' }
  return {
    tone: lastProbe.ok ? 'good' : 'bad',
    text: lastProbe.ok ? 'probe good' : 'probe bad',
    title: lastProbe.detail,
  }
}

export const DNS_WORDS: Record<DnsMode, string> = {
  auto: 'are made by the DNS provider',
  manual: 'are made by hand',
  none: 'are not needed: it leads here already',
}

export const REDIRECT_WORDS: Record<RedirectStatus, string> = {
  308: 'For good (308)',
  307: 'For now (307)',
  301: 'For good, in the old way (301)',
  302: 'For now, in the old way (302)',
}

/** "for good" and "for now", as the line of a URL tells it. */
export const redirectText = (to: string, status: RedirectStatus): string =>
  `${to} ${status === 301 || status === 308 ? 'for good' : 'for now'} (${status})`

/** As a line of a zone file: what forms of DNS hosters take, and people can compare. */
export const zoneLine = ({ name, type, ttlSeconds }: RecordSet, value: string): string =>
  `${name}. ${ttlSeconds} IN ${type} ${type === 'TXT' ? JSON.stringify(value) : type === 'CNAME' ? `${value}.` : value}`

export const zoneLines = (sets: readonly RecordSet[]): string =>
  sets.flatMap((set) => set.values.map((value) => zoneLine(set, value))).join('\n')
