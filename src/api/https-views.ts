/** How URLs answer over HTTPS, and their certificates, as the API shows them. */
import { isoTime } from '../base/clock.ts'
import { parseChain } from '../base/x509/chain.ts'
import * as shapes from '../contract/shapes/https.ts'
import { judgeCertificate } from '../domain/certificate/judgement.ts'
import type { World } from '../engine/step.ts'
import type { HttpsPlan } from '../engine/url/certificate/preview.ts'
import { certificateBrief, httpsOf, renewalOf } from '../engine/url/certificate/view.ts'
import type { CertificateRow } from '../store/certificates.ts'
import type { UrlRow } from '../store/urls.ts'
import type { Call } from './call.ts'
import type { Told } from './paths.ts'
import { timeOrNull } from './views.ts'

type CertificatesSeen = Pick<World, 'store' | 'clock'>

/** A part of what `Url.parse` checks. */
export function urlHttpsFields(seen: CertificatesSeen, row: UrlRow, told: Told): object {
  const { certificate, renewAt, problem, ...https } = httpsOf(seen, row)
  return {
    ...https,
    certificate: certificate && briefFields(certificate),
    renewAt: timeOrNull(renewAt),
    problem: problem && {
      message: told(problem.message),
      hint: problem.hint === null ? null : told(problem.hint),
      at: isoTime(problem.at),
    },
  }
}

/** A part of what `UrlPlan.parse` checks. */
export function planHttpsFields({ certificate, findings, ...plan }: HttpsPlan, told: Told): object {
  const brief = certificate && certificateBrief(certificate)
  return {
    ...plan,
    certificate: brief && briefFields(brief),
    findings: findings.map(({ level, message, remedy }) => ({
      level,
      message: told(message),
      remedy: told(remedy),
    })),
  }
}

type Brief = NonNullable<ReturnType<typeof certificateBrief>>

const briefFields = (brief: Brief): object => ({
  ...brief,
  notBefore: isoTime(brief.notBefore),
  notAfter: isoTime(brief.notAfter),
})

type Sees = Pick<Call<'certificates.list'>, 'may'>

/** Of one that stands. */
function certificateFields({ store }: CertificatesSeen, row: CertificateRow, { may }: Sees): object {
  const { id, kind, directoryUrl, createdAt } = row
  const { serial, chain: _, ...issued } = issuedOf(row)
  return {
    ...briefFields({ id, kind, ...issued }),
    serial,
    directoryUrl,
    renewAt: timeOrNull(renewalOf({ store }, row)),
    urls: store.urls.ofCertificate(id).filter((url) => may('urls:read', url)),
    createdAt: isoTime(createdAt),
  }
}

function issuedOf({ id, issued }: CertificateRow): NonNullable<CertificateRow['issued']> {
  if (issued === null) throw new Error(`the certificate ${id} does not stand`)
  return issued
}

export const certificateView = (seen: CertificatesSeen, row: CertificateRow, to: Sees): shapes.Certificate =>
  shapes.Certificate.parse(certificateFields(seen, row, to))

export function certificateDetails(
  seen: CertificatesSeen,
  row: CertificateRow,
  to: Sees,
): shapes.CertificateDetails {
  const { chain } = issuedOf(row)
  const { warnings } = judgeCertificate(parseChain(chain), { now: seen.clock.now(), keyFits: true })
  return shapes.CertificateDetails.parse({ ...certificateFields(seen, row, to), chain, warnings })
}
