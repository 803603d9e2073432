/** How a name would get HTTPS: told before anything is changed. */

import { asFault } from '../../../base/fault.ts'
import { authorityLabel } from '../../../domain/authorities.ts'
import type { Hostname } from '../../../domain/host-site.ts'
import type { ChallengeType } from '../../../ports/certificate-authority.ts'
import type { Finding } from '../../../ports/hosts.ts'
import type { CertificateRow } from '../../../store/certificates.ts'
import type { World } from '../../step.ts'
import { type Choice, challengeName, chooseCertificate } from './choice.ts'
import type { Https } from './facts.ts'
import { hstsNotes } from './planned.ts'

export interface HttpsPlan extends Omit<Https, 'certificateId'> {
  /** Null: no CA is asked. */
  challenge: ChallengeType | null
  /** The CA as people call it; null: no CA is asked. */
  authority: string | null
  /** The one that would answer, if it is there already. */
  certificate: CertificateRow | null
  notes: string[]
  /** What keeps it from a certificate. */
  findings: Finding[]
}

interface Planned {
  hostname: Hostname
  https?: Omit<Https, 'certificateId'>
}

const PLAIN: Omit<Https, 'certificateId'> = {
  mode: 'none',
  redirect: true,
  hsts: null,
  minimumTls: 'TLSv1.2',
}

/** Asks the providers for their zones, and no CA. */
export async function planHttps(
  world: World,
  { hostname, https = PLAIN }: Planned,
  signal: AbortSignal,
): Promise<HttpsPlan> {
  const { mode } = https
  const findings = mode === 'none' ? [] : await world.hosts.checkHttps(signal)
  try {
    const choice = await chooseCertificate(world, { hostname, mode, standing: null }, signal)
    const { notes, ...rest } = chosen(world, hostname, choice)
    return { ...https, ...rest, notes: [...notes, ...hstsNotes(world, hostname, https)], findings }
  } catch (thrown) {
    signal.throwIfAborted()
    const { code, message, hint } = asFault(thrown)
    if (code === 'internal') throw thrown
    const finding: Finding = { level: 'problem', message, remedy: hint ?? 'Mend it, then try again.' }
    const nothing = { challenge: null, authority: null, certificate: null, notes: [] }
    return { ...https, ...nothing, findings: [...findings, finding] }
  }
}

function chosen({ store }: World, hostname: Hostname, { certificateId, asked }: Choice) {
  if (asked === null)
    return {
      challenge: null,
      authority: null,
      certificate: certificateId === null ? null : store.certificates.find(certificateId),
      notes: [],
    }
  const { challenge, directoryUrl, zone } = asked
  const note =
    challenge === 'dns-01'
      ? `The CA looks for a TXT record at ${challengeName(hostname)}; "${zone?.provider.label}" writes it and takes it away again.`
      : `The CA asks http://${hostname}/ from outside: the name has to lead here, and port 80 has to be open.`
  return { challenge, authority: authorityLabel(directoryUrl), certificate: null, notes: [note] }
}
