/** Drift: what stands in the world and is not what the database says. */
import { LIMITS } from '../base/limits.ts'
import { sha256Hex } from '../base/secrets.ts'
import type { Permission, Place } from './access.ts'
import type { DiffLine } from './line-diff.ts'

export const DRIFT_KINDS = [
  /** A file of ours in the gateway's configuration was edited. */
  'site-text',
  /** It is gone, or what it was made from. */
  'site-missing',
  /** A symlink that takes it into the configuration is gone or leads elsewhere. */
  'site-link',
  /** A site of ours that no URL has. */
  'site-stray',
  /** Somebody else's file answers for one of our names. */
  'site-foreign',
  'record-changed',
  'record-missing',
  /** The record that says whose it is is gone, or somebody else's. */
  'record-marker',
  /** Records of ours that no URL has. */
  'record-stray',
  /** Files of an unpacked bundle were changed, removed or added. */
  'tree',
  /** The link of an environment leads elsewhere, or is gone. */
  'link',
  'certificate-file',
  /** What visitors are shown is another certificate than the one that is stored. */
  'certificate-served',
] as const
export type DriftKind = (typeof DRIFT_KINDS)[number]

/** How a finding ended; `healed`: Fairlead put it back by itself, `gone`: somebody else did, or what it was about is gone. */
export const DRIFT_ENDS = ['reverted', 'adopted', 'healed', 'gone'] as const
export type DriftEnd = (typeof DRIFT_ENDS)[number]

/** What a finding is about. There is one open finding of each. */
export interface DriftThing {
  kind: DriftKind
  /** In words: a path, a record, a host name. It stays the same from look to look. */
  thing: string
  /** Null: it belongs to no environment, URL or service. */
  serviceId: string | null
  environmentId: string | null
  urlId: string | null
}

/** One thing that stands otherwise than it should, as a look has seen it. */
export interface Observation extends DriftThing {
  /** `-` what should stand, `+` what stands. `boundedDiff` keeps it short. */
  diff: DiffLine[]
  /** What else of it counts: another value is another finding to whoever wants to put it back. Absent: the diff says it all. */
  stands?: string
  revertable: boolean
  adoptable: boolean
  /** What to do instead, when it is not both. */
  why: string | null
}

/** What somebody has to have seen before he puts it back or takes it over. */
export const digestOf = ({ kind, thing, diff, stands = '' }: Observation): string =>
  sha256Hex(JSON.stringify([kind, thing, diff.map(({ sign, text }) => sign + text), stands]))

export const isSameThing = (a: DriftThing, b: DriftThing): boolean =>
  a.kind === b.kind && a.thing === b.thing && a.environmentId === b.environmentId

/** What adopting takes beside `drift:update`. The text of a gateway is as good as the rights that it runs with. */
export function adoptPermission(kind: DriftKind): Permission {
  if (kind === 'tree' || kind === 'link') return 'deployments:deploy'
  return kind.startsWith('record-') ? 'urls:update' : 'settings:update'
}

/** Where it takes it. Settings are the instance's: who may change those of a service only may change none. */
export const adoptPlace = (kind: DriftKind, place: Place): Place =>
  adoptPermission(kind) === 'settings:update' ? {} : place

/** No longer than what is kept of a diff; the last line says how much is left out. */
export function boundedDiff(lines: readonly DiffLine[]): DiffLine[] {
  const { diffLines, diffLineChars } = LIMITS.drift
  const cut = lines.slice(0, lines.length > diffLines ? diffLines - 1 : diffLines)
  const bounded = cut.map(({ sign, text }) => ({
    sign,
    text: text.length > diffLineChars ? `${text.slice(0, diffLineChars - 1)}…` : text,
  }))
  if (lines.length > cut.length)
    bounded.push({ sign: ' ', text: `… and ${lines.length - cut.length} lines more` })
  return bounded
}

/** With no more of its diff than is kept; all of it counts. */
export function bounded(observation: Observation): Observation {
  const { diff, stands = sha256Hex(JSON.stringify(diff)) } = observation
  return { ...observation, diff: boundedDiff(diff), stands }
}

/** When what heals by itself and comes back is tried again: later each time, and in the end not at all (null). */
export function healsAgainAt(heals: number, lastAt: number): number | null {
  const { healsMost, healPauseMs } = LIMITS.drift
  return heals >= healsMost ? null : lastAt + (heals === 0 ? 0 : healPauseMs * 2 ** (heals - 1))
}
