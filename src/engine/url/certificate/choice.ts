/** Which certificate a name is to answer with, and how it is got: decided before anything is changed. */
import { Fault } from '../../../base/fault.ts'
import { randomId } from '../../../base/secrets.ts'
import { covers } from '../../../domain/certificate/names.ts'
import type { HeldZone } from '../../../domain/dns/zone.ts'
import { zoneOf } from '../../../domain/dns/zone.ts'
import type { Hostname } from '../../../domain/host-site.ts'
import type { HttpsMode } from '../../../domain/https.ts'
import type { ChallengeType } from '../../../ports/certificate-authority.ts'
import type { Zone } from '../../../ports/dns.ts'
import type { CertificateRow } from '../../../store/certificates.ts'
import type { Store } from '../../../store/store.ts'
import { isSetUp } from '../../authority-setting.ts'
import type { World } from '../../step.ts'
import { heldZones } from '../records.ts'
import { requireUnblocked } from './at-authority.ts'

/** What a CA is asked for, as facts of an operation. */
export interface Asked {
  directoryUrl: string
  profile: string | null
  challenge: ChallengeType
  names: Hostname[]
  /** Who writes the records that a CA asks for by DNS, whoever writes those of the URL. */
  zone: { provider: { id: string; label: string }; zone: Zone } | null
  /** The id of the certificate that the new one comes after. */
  replaces: string | null
}

export interface Choice {
  /** The id of the certificate; null: plain HTTP alone. It has no row yet when a CA is asked for it. */
  certificateId: string | null
  asked: Asked | null
}

type Choosing = Pick<World, 'store' | 'clock' | 'seal' | 'dns'>

export interface Chosen {
  hostname: Hostname
  mode: HttpsMode
  /** The certificate that it answers with now. */
  standing: CertificateRow | null
  /** Whether a CA is asked even though that one is good. */
  isRenewal?: boolean
}

/** Throws `conflict`, `unavailable`, with what is to be done before the name can have HTTPS in this way. */
export async function chooseCertificate(
  world: Choosing,
  given: Chosen,
  signal: AbortSignal,
): Promise<Choice> {
  const { mode, standing } = given
  if (mode === 'none') return { certificateId: null, asked: null }
  if (mode === 'own') return { certificateId: requiredOwn(world, given.hostname).id, asked: null }
  if (
    standing &&
    given.isRenewal !== true &&
    isGood(world, standing, given.hostname) &&
    standing.kind === 'acme'
  )
    return { certificateId: standing.id, asked: null }
  return { certificateId: randomId(), asked: await askedOf(world, given, signal) }
}

/** Whether visitors of a name take a certificate as it stands. */
export const isGood = (
  { clock }: Pick<World, 'clock'>,
  { issued, standIn, key }: CertificateRow,
  hostname: Hostname,
): boolean =>
  issued !== null &&
  standIn === null &&
  key !== null &&
  clock.now() < issued.notAfter &&
  issued.names.some((name) => covers(name, hostname))

/** Those that somebody has brought which cover a name and whose keys are there; the one that is good for longest first. */
export function ownFor({ store, clock, seal }: Omit<Choosing, 'dns'>, hostname: Hostname): CertificateRow[] {
  const now = clock.now()
  return store.certificates
    .own()
    .filter(
      (row) =>
        row.key !== null &&
        seal.canOpen(row.key) &&
        isGood({ clock }, { ...row, standIn: null }, hostname) &&
        (row.issued?.notBefore ?? now) <= now,
    )
    .toSorted((a, b) => (b.issued?.notAfter ?? 0) - (a.issued?.notAfter ?? 0))
}

function requiredOwn(world: Omit<Choosing, 'dns'>, hostname: Hostname): CertificateRow {
  const [best] = ownFor(world, hostname)
  if (best) return best
  throw new Fault('conflict', `No certificate that was brought here is good for ${hostname}.`, {
    hint: 'Bring one that names it with its key (fairlead certificate add), or let the CA give one (https "auto").',
  })
}

async function askedOf(world: Choosing, { hostname, standing }: Chosen, signal: AbortSignal): Promise<Asked> {
  const { certificates } = world.store.settings.read()
  const { directoryUrl, profile } = certificates
  if (directoryUrl === null || !isSetUp(certificates)) throw noAuthority()
  requireUnblocked(world, directoryUrl)
  const challenge = challengeFor(world.store, hostname)
  const zone = challenge === 'dns-01' ? await requiredZone(world, hostname, signal) : null
  const replaces = standing?.kind === 'acme' && standing.directoryUrl === directoryUrl ? standing.id : null
  return { directoryUrl, profile, challenge, names: [hostname], zone, replaces }
}

const noAuthority = (): Fault =>
  new Fault('conflict', 'No CA is set up that certificates could be asked of.', {
    hint: 'Name one and agree to its terms: fairlead setting authority letsencrypt --agree-terms.',
  })

/** How the CA is shown that a name is ours. Throws `conflict` for a wildcard over HTTP. */
export function challengeFor({ settings }: Pick<Store, 'settings'>, hostname: Hostname): ChallengeType {
  const { challenge } = settings.read().certificates
  const isWildcard = hostname.startsWith('*.')
  if (challenge !== 'http-01') return challenge === 'dns-01' || isWildcard ? 'dns-01' : 'http-01'
  if (!isWildcard) return 'http-01'
  throw new Fault('conflict', `No CA takes HTTP for a wildcard such as ${hostname}.`, {
    hint: 'Let the setting certificates.challenge be "auto" or "dns-01"; the zone has to be with a DNS provider that is set up here.',
  })
}

/** Where a CA looks for what is asked of a name by DNS (RFC 8555 §8.4). */
export const challengeName = (hostname: Hostname): string =>
  `_acme-challenge.${hostname.replace(/^\*\./, '')}`

async function requiredZone(
  { dns }: Pick<World, 'dns'>,
  hostname: Hostname,
  signal: AbortSignal,
): Promise<NonNullable<Asked['zone']>> {
  const providers = dns.providers()
  const name = challengeName(hostname)
  const zones = (await heldZones(providers, signal)).filter(({ writes }) => writes)
  const held: HeldZone | null = zoneOf(name, zones)
  const provider = providers.find(({ id }) => id === held?.provider)
  if (held && provider) return { provider: { id: provider.id, label: provider.label }, zone: held.zone }
  throw new Fault(
    'conflict',
    `Nobody that is set up here can write ${name}, by which the CA asks for ${hostname}.`,
    {
      hint: hostname.startsWith('*.')
        ? 'A wildcard takes a DNS provider that holds its zone: set it up, or bring a certificate of your own (https "own").'
        : 'Set up the DNS provider that holds its zone, or let the setting certificates.challenge be "auto".',
    },
  )
}
