/** Which zone a name lies in, and what has to be looked at there. */
import { Fault } from '../../base/fault.ts'
import type { Hostname } from '../host-site.ts'
import { markerName } from './marker.ts'
import { type RecordSet, SITE_TYPES, type Zone } from './records.ts'

/** A zone and who holds it. */
export interface HeldZone {
  /** The id of the provider. */
  provider: string
  zone: Zone
  /** Whether the provider makes changes by itself; false: a person makes them. */
  writes: boolean
  /** A wanted set as the provider keeps and shows it. */
  asKept: (set: RecordSet) => RecordSet
}

/** On label boundaries: `evil-example.com` is not in `example.com`. The root, of the empty name, has every name in it. */
export const isIn = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`)

/** The longest zone that a name lies in; of equal ones the first. */
export function zoneOf(hostname: Hostname, zones: readonly HeldZone[]): HeldZone | null {
  let best: HeldZone | null = null
  for (const held of zones)
    if (isIn(hostname, held.zone.name) && (!best || held.zone.name.length > best.zone.name.length))
      best = held
  return best
}

/** `zoneOf`, or `invalid` that names the zones that there are. */
export function requiredZone(hostname: Hostname, zones: readonly HeldZone[]): HeldZone {
  const held = zoneOf(hostname, zones)
  if (held) return held
  const names = zones.map(({ zone }) => zone.name)
  const message = `No DNS provider holds a zone for ${hostname}.`
  throw new Fault('invalid', message, {
    hint: `${zonesText(names)} Choose a name in one of them, or attach with DNS by hand ("manual") or without DNS ("none").`,
    errors: [{ field: 'hostname', message }],
  })
}

const SHOWN_ZONES = 10

function zonesText(names: string[]): string {
  const some = names.slice(0, SHOWN_ZONES).join(', ')
  const rest = names.length - SHOWN_ZONES
  return `There are ${rest > 0 ? `${some} and ${rest} more` : some}.`
}

/**
 * The names whose record sets a plan for `hostname` has to know: itself, its markers, and whatever stands between it and
 * the beginning of its zone, where a delegation would take it away.
 */
export function namesToRead(hostname: Hostname, zone: string): string[] {
  const markers = SITE_TYPES.map((type) => markerName({ name: hostname, type }, zone))
  return [...new Set([hostname, ...markers, ...namesAbove(hostname, zone)])]
}

/** Every name above, up to that of the zone. */
export function namesAbove(hostname: Hostname, zone: string): string[] {
  const labels = hostname.split('.')
  const names = labels.map((_, at) => labels.slice(at).join('.'))
  return names.filter((name) => name !== hostname && isIn(name, zone))
}
