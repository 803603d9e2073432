/** How the HTTPS of a URL is to change, decided in the first step of whatever changes it. */

import { Fault } from '../../../base/fault.ts'
import { authorityLabel } from '../../../domain/authorities.ts'
import type { Hostname } from '../../../domain/host-site.ts'
import type { UrlRow } from '../../../store/urls.ts'
import type { World } from '../../step.ts'
import { chooseCertificate } from './choice.ts'
import { standingOf } from './ending.ts'
import type { Https, PlannedHttps } from './facts.ts'

/** What is to stand, and what a CA is asked for to get there. Throws what `chooseCertificate` throws. */
export async function plannedHttps(
  world: World,
  { row, wish, isRenewal }: { row: UrlRow; wish: Omit<Https, 'certificateId'>; isRenewal: boolean },
  signal: AbortSignal,
): Promise<PlannedHttps> {
  const { mode, redirect, hsts, minimumTls } = wish
  if (mode !== 'none' && row.https.certificateId === null) await requireGateway(world, signal)
  const { renewal: _, ...before } = row.https
  const standing = standingOf(world, row)
  const { certificateId, asked } = await chooseCertificate(
    world,
    { hostname: row.hostname, mode, standing, isRenewal },
    signal,
  )
  return { before, after: { mode, redirect, hsts, minimumTls, certificateId }, asked }
}

async function requireGateway({ hosts }: World, signal: AbortSignal): Promise<void> {
  const problem = (await hosts.checkHttps(signal)).find(({ level }) => level === 'problem')
  if (problem) throw new Fault('unavailable', problem.message, { hint: problem.remedy })
}

export function choiceText({ store }: Pick<World, 'store'>, { after, asked }: PlannedHttps): string {
  if (asked)
    return `A certificate is asked for at ${authorityLabel(asked.directoryUrl)}, by ${asked.challenge === 'dns-01' ? `DNS (zone ${asked.zone?.zone.name})` : 'HTTP'}.`
  const issued = after.certificateId === null ? null : store.certificates.find(after.certificateId)?.issued
  return issued ? `The certificate by ${issued.issuer} is there already.` : 'It needs no certificate.'
}

/** What browsers will make of it for others. */
export function hstsNotes(
  { store }: Pick<World, 'store'>,
  hostname: Hostname,
  { mode, hsts }: Pick<Https, 'mode' | 'hsts'>,
): string[] {
  const count = mode !== 'none' && hsts?.includeSubDomains ? store.urls.plainBelow(hostname) : 0
  if (count === 0) return []
  const who =
    count === 1
      ? '1 URL below it has no HTTPS of its own'
      : `${count} URLs below it have no HTTPS of their own`
  return [
    `HSTS counts for all names below ${hostname} (includeSubDomains): ${who}, and browsers will not go there any more.`,
  ]
}

/** Browsers hold on to what they were told: without HTTPS they find nobody. Null: they were told nothing. */
export function leftByHsts(hostname: Hostname, { before, after }: PlannedHttps): string | null {
  const seconds = before.certificateId === null ? 0 : (before.hsts?.maxAgeSeconds ?? 0)
  if (seconds === 0 || after.certificateId !== null) return null
  return `Browsers were told to use nothing but HTTPS for ${hostname} (HSTS, ${seconds} s): those that were here since do not reach it until that is over.`
}
