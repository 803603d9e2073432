import { Fault } from '../base/fault.ts'
import { randomId } from '../base/secrets.ts'
import type { Claim } from '../domain/claim.ts'
import type { Hostname, RedirectStatus } from '../domain/host-site.ts'
import type { DnsMode, DnsState, SiteState, UrlKind, UrlState } from '../domain/url.ts'
import type { RecordSet, Zone } from '../ports/dns.ts'
import { type Database, fromJson } from './database.ts'
import type { PageOf } from './services.ts'

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
  /** The newest one about it. */
  operationId: string | null
  createdAt: number
  deletedAt: number | null
  /** Of a detached one: until when its name stays with its service. */
  heldUntil: number | null
}

interface Raw extends Omit<UrlRow, 'dns' | 'lastProbe'> {
  dnsState: DnsState
  providerId: string | null
  zone: string | null
  records: string
  lastProbe: string | null
}

const SELECT = `SELECT u.number, u.id, u.hostname, u.kind, e.service_id AS serviceId, s.name AS serviceName,
  u.environment_id AS environmentId, e.name AS environmentName, u.redirect_to AS redirectTo,
  u.redirect_status AS redirectStatus, u.state,
  CASE WHEN u.site = 'up' AND u.kind = 'site' AND e.live_deployment_id IS NULL THEN 'empty' ELSE u.site END AS site,
  u.dns_mode AS dnsMode, u.dns_state AS dnsState, u.provider_id AS providerId, u.zone, u.records,
  u.last_probe AS lastProbe, u.operation_id AS operationId, u.created_at AS createdAt, u.deleted_at AS deletedAt,
  u.held_until AS heldUntil
  FROM urls u LEFT JOIN environments e ON e.id = u.environment_id LEFT JOIN services s ON s.id = e.service_id`

export type NewUrl = Pick<
  UrlRow,
  'hostname' | 'kind' | 'environmentId' | 'redirectTo' | 'redirectStatus' | 'dnsMode'
> & { now: number }

/** Under which names visitors find what is live in an environment. */
export interface Visited {
  /** The oldest name that is no wildcard. */
  first: string | null
  count: number
}

export class Urls {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Of all services, in the order of creation. */
  list({ limit, after }: PageOf): UrlRow[] {
    return this.db
      .all<Raw>(
        `${SELECT} WHERE u.deleted_at IS NULL AND u.number > ? ORDER BY u.number LIMIT ?`,
        after ?? 0,
        limit,
      )
      .map(parsed)
  }

  /** A page of an environment's. */
  listOf(environmentId: string, { limit, after }: PageOf): UrlRow[] {
    return this.db
      .all<Raw>(
        `${SELECT} WHERE u.environment_id = ? AND u.deleted_at IS NULL AND u.number > ? ORDER BY u.number LIMIT ?`,
        environmentId,
        after ?? 0,
        limit,
      )
      .map(parsed)
  }

  /** All of an environment, in the order of creation. */
  of(environmentId: string): UrlRow[] {
    return this.listOf(environmentId, { limit: Number.MAX_SAFE_INTEGER, after: null })
  }

  /** Attached names with a site, of many environments by one query; an environment without any is left out. */
  visited(environmentIds: readonly string[]): Map<string, Visited> {
    const attached = `FROM urls u WHERE u.environment_id = wanted.value AND u.deleted_at IS NULL
      AND u.kind = 'site' AND u.state = 'attached'`
    const rows = this.db.all<Visited & { environmentId: string }>(
      `SELECT wanted.value AS environmentId, (SELECT count(*) ${attached}) AS count,
       (SELECT u.hostname ${attached} AND u.hostname NOT LIKE '*.%' ORDER BY u.number LIMIT 1) AS first
       FROM json_each(?) AS wanted`,
      JSON.stringify(environmentIds),
    )
    return new Map(
      rows.flatMap(({ environmentId, ...one }) => (one.count > 0 ? [[environmentId, one] as const] : [])),
    )
  }

  /** Those whose site answers with what is live in the environment. */
  sitesOf(environmentId: string): UrlRow[] {
    return this.of(environmentId).filter(({ kind, site }) => kind === 'site' && site !== 'pending')
  }

  /** Fairlead's own names. */
  ofInstance(): UrlRow[] {
    return this.db
      .all<Raw>(`${SELECT} WHERE u.environment_id IS NULL AND u.deleted_at IS NULL ORDER BY u.number`)
      .map(parsed)
  }

  find(id: string): UrlRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE u.id = ? AND u.deleted_at IS NULL`, id)
    return row && parsed(row)
  }

  /** Throws `not_found`. */
  required(id: string): UrlRow {
    const row = this.find(id)
    if (!row) throw noUrl()
    return row
  }

  /** Deleted ones too: operations refer to them. */
  byId(id: string): UrlRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE u.id = ?`, id)
    return row && parsed(row)
  }

  named(hostname: string): UrlRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE u.hostname = ? AND u.deleted_at IS NULL`, hostname)
    return row && parsed(row)
  }

  /** How many there are, whatever their state. */
  count(): number {
    return (
      this.db.get<{ count: number }>('SELECT count(*) AS count FROM urls WHERE deleted_at IS NULL')?.count ??
      0
    )
  }

  countOfProvider(providerId: string): number {
    const sql = 'SELECT count(*) AS count FROM urls WHERE provider_id = ? AND deleted_at IS NULL'
    return this.db.get<{ count: number }>(sql, providerId)?.count ?? 0
  }

  /** Everybody who has a say in who gets a name: who has it or a wildcard above it, and who held one of them or one below. */
  claimsOf(hostname: Hostname, now: number): Claim[] {
    const claims = this.db.all<{ hostname: Hostname; serviceId: string | null; heldUntil: number | null }>(
      `SELECT u.hostname, e.service_id AS serviceId, NULL AS heldUntil
       FROM json_each(?) AS wanted JOIN urls u ON u.hostname = wanted.value AND u.deleted_at IS NULL
       LEFT JOIN environments e ON e.id = u.environment_id
       UNION ALL
       SELECT u.hostname, e.service_id, u.held_until
       FROM urls u INDEXED BY urls_held LEFT JOIN environments e ON e.id = u.environment_id
       WHERE u.held_until IS NOT NULL AND u.held_until > ?`,
      JSON.stringify([hostname, ...wildcardsAbove(hostname)]),
      now,
    )
    return claims.map(({ heldUntil, ...claim }) => (heldUntil === null ? claim : { ...claim, heldUntil }))
  }

  create(given: NewUrl): UrlRow {
    const id = randomId()
    this.db.run(
      `INSERT INTO urls (id, hostname, kind, environment_id, redirect_to, redirect_status, state, dns_mode, created_at)
       VALUES (?, ?, ?, ?, ?, ?, 'attaching', ?, ?)`,
      id,
      given.hostname,
      given.kind,
      given.environmentId,
      given.redirectTo,
      given.redirectStatus,
      given.dnsMode,
      given.now,
    )
    return this.required(id)
  }

  setState(id: string, state: UrlState): void {
    this.db.run('UPDATE urls SET state = ? WHERE id = ?', state, id)
  }

  setOperation(id: string, operationId: string): void {
    this.db.run('UPDATE urls SET operation_id = ? WHERE id = ?', operationId, id)
  }

  /** Whether its site answers at the gateway. */
  setSite(id: string, site: 'pending' | 'up'): void {
    this.db.run('UPDATE urls SET site = ? WHERE id = ?', site, id)
  }

  setDns(id: string, { state, providerId, zone, records }: UrlRecords): void {
    this.db.run(
      'UPDATE urls SET dns_state = ?, provider_id = ?, zone = ?, records = ? WHERE id = ?',
      state,
      providerId,
      zone && JSON.stringify(zone),
      JSON.stringify(records),
      id,
    )
  }

  setProbe(id: string, probe: LastProbe): void {
    this.db.run('UPDATE urls SET last_probe = ? WHERE id = ?', JSON.stringify(probe), id)
  }

  /** `heldUntil` null: its name is free at once. */
  release(id: string, given: { now: number; heldUntil: number | null }): void {
    this.db.run(
      `UPDATE urls SET deleted_at = ?, held_until = ?, provider_id = NULL, site = 'pending' WHERE id = ?`,
      given.now,
      given.heldUntil,
      id,
    )
  }

  /** Holds that are over. */
  forgetHolds(now: number): void {
    this.db.run('UPDATE urls SET held_until = NULL WHERE held_until IS NOT NULL AND held_until <= ?', now)
  }
}

function wildcardsAbove(hostname: Hostname): Hostname[] {
  const labels = hostname.replace(/^\*\./, '').split('.')
  return labels.map((_, at) => `*.${labels.slice(at).join('.')}`).filter((name) => name !== hostname)
}

const parsed = ({ dnsState, providerId, zone, records, lastProbe, ...row }: Raw): UrlRow => ({
  ...row,
  dns: {
    state: dnsState,
    providerId,
    zone: zone === null ? null : fromJson<Zone>(zone),
    records: fromJson<RecordSet[]>(records),
  },
  lastProbe: lastProbe === null ? null : fromJson<LastProbe>(lastProbe),
})

/** What may not be read is told in the same words as what is not there. */
export const noUrl = (): Fault =>
  new Fault('not_found', 'There is no such URL.', { hint: 'List the URLs to see their ids.' })
