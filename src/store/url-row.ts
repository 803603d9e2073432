/** A URL as its row tells it. */
import type { Hsts, RedirectStatus, TlsVersion } from '../domain/host-site.ts'
import type { HttpsMode, HttpsWays } from '../domain/https.ts'
import type { DnsMode, DnsState, SiteState, UrlKind, UrlState } from '../domain/url.ts'
import type { RecordSet, Zone } from '../ports/dns.ts'
import { fromJson } from './database.ts'

export interface LastProbe {
  at: number
  ok: boolean
  detail: string
}

/** What was made in DNS, or is to be made by hand. */
export interface UrlRecords {
  state: DnsState
  /** Null: nobody that is set up holds the zone. */
  providerId: string | null
  zone: Zone | null
  /** Markers too. */
  records: RecordSet[]
}

/** How the next certificate is got. */
export interface UrlRenewal {
  /** When it is tried next; null: never by itself. */
  at: number | null
  /** That failed since the last one that came to something. */
  attempts: number
  /** Why the last one failed. */
  problem: { message: string; hint: string | null; at: number } | null
  /** The last of the warnings before its end that was given, in days. */
  warnedDays: number | null
}

export interface UrlHttps extends HttpsWays {
  mode: HttpsMode
  /** The certificate that answers; null: plain HTTP alone, or none yet. */
  certificateId: string | null
  renewal: UrlRenewal
}

export interface UrlRow {
  number: number
  id: string
  hostname: string
  kind: UrlKind
  /** All four are null of what belongs to the instance. */
  serviceId: string | null
  serviceName: string | null
  environmentId: string | null
  environmentName: string | null
  redirectTo: string | null
  redirectStatus: RedirectStatus | null
  state: UrlState
  site: SiteState
  dnsMode: DnsMode
  dns: UrlRecords
  lastProbe: LastProbe | null
  https: UrlHttps
  /** NGINX directives of the operator's own; null: none. */
  extra: string | null
  /** The newest one about it. */
  operationId: string | null
  createdAt: number
  deletedAt: number | null
  /** Of a detached one: until when its name stays with its service. */
  heldUntil: number | null
}

export interface RawUrl extends Omit<UrlRow, 'dns' | 'lastProbe' | 'https'> {
  dnsState: DnsState
  providerId: string | null
  zone: string | null
  records: string
  lastProbe: string | null
  httpsMode: HttpsMode
  httpsRedirect: 0 | 1
  hsts: string | null
  minimumTls: TlsVersion
  certificateId: string | null
  renewal: string
}

export const SELECT_URL = `SELECT u.number, u.id, u.hostname, u.kind, e.service_id AS serviceId, s.name AS serviceName,
  u.environment_id AS environmentId, e.name AS environmentName, u.redirect_to AS redirectTo,
  u.redirect_status AS redirectStatus, u.state,
  CASE WHEN u.site = 'up' AND u.kind = 'site' AND e.live_deployment_id IS NULL THEN 'empty' ELSE u.site END AS site,
  u.dns_mode AS dnsMode, u.dns_state AS dnsState, u.provider_id AS providerId, u.zone, u.records,
  u.last_probe AS lastProbe, u.operation_id AS operationId, u.created_at AS createdAt, u.deleted_at AS deletedAt,
  u.held_until AS heldUntil, u.https_mode AS httpsMode, u.https_redirect AS httpsRedirect, u.hsts,
  u.minimum_tls AS minimumTls, u.certificate_id AS certificateId, u.renewal, u.extra
  FROM urls u LEFT JOIN environments e ON e.id = u.environment_id LEFT JOIN services s ON s.id = e.service_id`

const NEVER: UrlRenewal = { at: null, attempts: 0, problem: null, warnedDays: null }

export function parsedUrl(raw: RawUrl): UrlRow {
  const { dnsState, providerId, zone, records, lastProbe, ...others } = raw
  const { httpsMode, httpsRedirect, hsts, minimumTls, certificateId, renewal, ...row } = others
  return {
    ...row,
    dns: {
      state: dnsState,
      providerId,
      zone: zone === null ? null : fromJson<Zone>(zone),
      records: fromJson<RecordSet[]>(records),
    },
    lastProbe: lastProbe === null ? null : fromJson<LastProbe>(lastProbe),
    https: {
      mode: httpsMode,
      redirect: httpsRedirect === 1,
      hsts: hsts === null ? null : fromJson<Hsts>(hsts),
      minimumTls,
      certificateId,
      renewal: { ...NEVER, ...fromJson<Partial<UrlRenewal>>(renewal) },
    },
  }
}
