/** What attaching a URL would change, as people read it. */
import type { RecordSet, Url, UrlPlan } from '../contract/shapes/urls.ts'
import { aligned, type Output } from './output.ts'
import { planText } from './url-https.ts'

type Change = UrlPlan['dns']['changes'][number]

const TITLES = ['', 'NAME', 'TYPE', 'TTL', 'VALUES']

const setRow = (what: string, { name, type, ttlSeconds, values, proxied }: RecordSet): string[] => [
  what,
  name,
  type,
  String(ttlSeconds),
  `${values.join(' ')}${proxied ? '  (proxied)' : ''}`,
]

function changeRows({ before, after }: Change, made: string): string[][] {
  if (before && after)
    return isSame(before, after) ? [setRow('keep', after)] : [setRow('from', before), setRow('to', after)]
  return [...(before ? [setRow('remove', before)] : []), ...(after ? [setRow(made, after)] : [])]
}

const isSame = (a: RecordSet, b: RecordSet): boolean =>
  a.ttlSeconds === b.ttlSeconds && a.values.join(' ') === b.values.join(' ') && a.proxied === b.proxied

/** `xn--…` names also as people read them. */
export const nameText = ({ hostname, unicode }: Pick<Url, 'hostname' | 'unicode'>): string =>
  hostname === unicode ? hostname : `${unicode} (${hostname})`

export function dnsText({
  mode,
  provider,
  zone,
}: Pick<UrlPlan['dns'], 'mode' | 'provider' | 'zone'>): string {
  if (mode === 'none') return 'no records: the name leads here already'
  if (provider === null) return 'by hand'
  return zone === null ? provider.label : `${provider.label}, zone ${zone}`
}

/** A table of records and conflicts; empty when there are none. */
export function recordLines({ mode, provider, changes, conflicts }: UrlPlan['dns']): string[] {
  const made = mode === 'auto' && provider !== null ? 'make' : 'by hand'
  const rows = [
    ...changes.flatMap((change) => changeRows(change, made)),
    ...conflicts.map(({ name, type, values }) => ['in the way', name, type, '', values.join(' ')]),
  ]
  return rows.length === 0 ? [] : aligned([TITLES, ...rows])
}

export const setLines = (sets: readonly RecordSet[]): string[] =>
  aligned([TITLES.slice(1), ...sets.map((set) => setRow('', set).slice(1))])

export function planLines(plan: UrlPlan): string[] {
  const target = plan.redirectTo === null ? [] : [['sends to', `${plan.redirectTo} (${plan.redirectStatus})`]]
  return [
    ...aligned([
      ['name', nameText(plan)],
      ['gateway', plan.gateway],
      ...target,
      ['DNS', dnsText(plan.dns)],
      ['HTTPS', planText(plan)],
    ]),
    ...recordLines(plan.dns),
  ]
}

/** What stands in the way, or will, with its remedy. */
export function tellTroubles(output: Output, { dns, https, findings }: UrlPlan): void {
  for (const note of [...dns.notes, ...https.notes]) output.say(note)
  for (const { name, type, message } of dns.conflicts) output.say(`✗ ${name} ${type}: ${message}`, 'red')
  for (const { level, message, remedy } of [...findings, ...https.findings]) {
    if (level === 'problem') output.say(`✗ ${message}`, 'red')
    else output.warn(message)
    output.say(`  ${remedy}`)
  }
}
