import { Fault } from '../base/fault.ts'
import { randomId } from '../base/secrets.ts'
import type { Claim } from '../domain/claim.ts'
import type { Hostname } from '../domain/host-site.ts'
import type { UrlState } from '../domain/url.ts'
import type { Database } from './database.ts'
import type { PageOf } from './services.ts'
import {
  type LastProbe,
  parsedUrl,
  type RawUrl,
  SELECT_URL,
  type UrlHttps,
  type UrlRecords,
  type UrlRenewal,
  type UrlRow,
} from './url-row.ts'

export type { LastProbe, UrlHttps, UrlRecords, UrlRow } from './url-row.ts'

export type NewUrl = Pick<
  UrlRow,
  'hostname' | 'kind' | 'environmentId' | 'redirectTo' | 'redirectStatus' | 'dnsMode'
> & {
  /** Absent: plain HTTP alone. */
  https?: Omit<UrlHttps, 'certificateId' | 'renewal'>
  now: number
}

/** Under which names visitors find what is live in an environment. */
export interface Visited {
  /** The oldest name that is no wildcard. */
  first: string | null
  /** Whether that one answers over HTTPS, with a certificate of its own. */
  isFirstSecure: boolean
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
      .all<RawUrl>(
        `${SELECT_URL} WHERE u.deleted_at IS NULL AND u.number > ? ORDER BY u.number LIMIT ?`,
        after ?? 0,
        limit,
      )
      .map(parsedUrl)
  }

  /** A page of an environment's. */
  listOf(environmentId: string, { limit, after }: PageOf): UrlRow[] {
    return this.db
      .all<RawUrl>(
        `${SELECT_URL} WHERE u.environment_id = ? AND u.deleted_at IS NULL AND u.number > ? ORDER BY u.number LIMIT ?`,
        environmentId,
        after ?? 0,
        limit,
      )
      .map(parsedUrl)
  }

  /** All of an environment, in the order of creation. */
  of(environmentId: string): UrlRow[] {
    return this.listOf(environmentId, { limit: Number.MAX_SAFE_INTEGER, after: null })
  }

  /** Attached names with a site, of many environments by one query; an environment without any is left out. */
  visited(environmentIds: readonly string[]): Map<string, Visited> {
    const attached = `FROM urls u WHERE u.environment_id = wanted.value AND u.deleted_at IS NULL
      AND u.kind = 'site' AND u.state = 'attached'`
    const first = `${attached} AND u.hostname NOT LIKE '*.%' ORDER BY u.number LIMIT 1`
    const rows = this.db.all<
      Omit<Visited, 'isFirstSecure'> & { environmentId: string; secure: 0 | 1 | null }
    >(
      `SELECT wanted.value AS environmentId, (SELECT count(*) ${attached}) AS count,
       (SELECT u.hostname ${first}) AS first,
       (SELECT u.https_mode <> 'none' AND u.certificate_id IS NOT NULL ${first}) AS secure
       FROM json_each(?) AS wanted`,
      JSON.stringify(environmentIds),
    )
    return new Map(
      rows.flatMap(({ environmentId, secure, ...one }) =>
        one.count > 0 ? [[environmentId, { ...one, isFirstSecure: secure === 1 }] as const] : [],
      ),
    )
  }

  /** Those whose site answers with what is live in the environment. */
  sitesOf(environmentId: string): UrlRow[] {
    return this.of(environmentId).filter(({ kind, site }) => kind === 'site' && site !== 'pending')
  }

  /** Fairlead's own names. */
  ofInstance(): UrlRow[] {
    return this.db
      .all<RawUrl>(`${SELECT_URL} WHERE u.environment_id IS NULL AND u.deleted_at IS NULL ORDER BY u.number`)
      .map(parsedUrl)
  }

  find(id: string): UrlRow | null {
    const row = this.db.get<RawUrl>(`${SELECT_URL} WHERE u.id = ? AND u.deleted_at IS NULL`, id)
    return row && parsedUrl(row)
  }

  /** Throws `not_found`. */
  required(id: string): UrlRow {
    const row = this.find(id)
    if (!row) throw noUrl()
    return row
  }

  /** Deleted ones too: operations refer to them. */
  byId(id: string): UrlRow | null {
    const row = this.db.get<RawUrl>(`${SELECT_URL} WHERE u.id = ?`, id)
    return row && parsedUrl(row)
  }

  named(hostname: string): UrlRow | null {
    const row = this.db.get<RawUrl>(`${SELECT_URL} WHERE u.hostname = ? AND u.deleted_at IS NULL`, hostname)
    return row && parsedUrl(row)
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

  /** Those with HTTPS, in the order of creation. */
  withHttps({ limit, after }: PageOf): UrlRow[] {
    return this.db
      .all<RawUrl>(
        `${SELECT_URL.replace('urls u', 'urls u INDEXED BY urls_https')}
         WHERE u.https_mode <> 'none' AND u.deleted_at IS NULL AND u.number > ? ORDER BY u.number LIMIT ?`,
        after ?? 0,
        limit,
      )
      .map(parsedUrl)
  }

  /** Those that answer with a certificate, in the order of creation. */
  ofCertificate(certificateId: string): UrlRow[] {
    return this.db
      .all<RawUrl>(`${SELECT_URL} WHERE u.certificate_id = ? ORDER BY u.number`, certificateId)
      .map(parsedUrl)
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

  /** How many names below one have no HTTPS of their own. */
  plainBelow(hostname: Hostname): number {
    const sql = `SELECT count(*) AS count FROM urls INDEXED BY urls_hostname
      WHERE deleted_at IS NULL AND https_mode = 'none' AND substr(hostname, -?) = ?`
    const below = `.${hostname}`
    return this.db.get<{ count: number }>(sql, below.length, below)?.count ?? 0
  }

  create(given: NewUrl): UrlRow {
    const id = randomId()
    this.db.run(
      `INSERT INTO urls (id, hostname, kind, environment_id, redirect_to, redirect_status, state, dns_mode,
       https_mode, https_redirect, hsts, minimum_tls, created_at) VALUES (?, ?, ?, ?, ?, ?, 'attaching', ?, ?, ?, ?, ?, ?)`,
      id,
      given.hostname,
      given.kind,
      given.environmentId,
      given.redirectTo,
      given.redirectStatus,
      given.dnsMode,
      ...httpsColumns(given.https ?? PLAIN),
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

  /** Nothing of ours is made for it in DNS from now on. */
  leaveDnsAlone(id: string): void {
    this.db.run("UPDATE urls SET dns_mode = 'none' WHERE id = ?", id)
    this.setDns(id, { state: 'none', providerId: null, zone: null, records: [] })
  }

  /** Null: no directives of the operator's own. */
  setExtra(id: string, extra: string | null): void {
    this.db.run('UPDATE urls SET extra = ? WHERE id = ?', extra, id)
  }

  setProbe(id: string, probe: LastProbe): void {
    this.db.run('UPDATE urls SET last_probe = ? WHERE id = ?', JSON.stringify(probe), id)
  }

  /** How it is to answer over HTTPS. */
  setHttps(id: string, https: Omit<UrlHttps, 'renewal'>): void {
    this.db.run(
      'UPDATE urls SET https_mode = ?, https_redirect = ?, hsts = ?, minimum_tls = ?, certificate_id = ? WHERE id = ?',
      ...httpsColumns(https),
      https.certificateId,
      id,
    )
  }

  setRenewal(id: string, renewal: UrlRenewal): void {
    this.db.run('UPDATE urls SET renewal = ? WHERE id = ?', JSON.stringify(renewal), id)
  }

  /** `heldUntil` null: its name is free at once. */
  release(id: string, given: { now: number; heldUntil: number | null }): void {
    this.db.run(
      `UPDATE urls SET deleted_at = ?, held_until = ?, provider_id = NULL, certificate_id = NULL,
       site = 'pending' WHERE id = ?`,
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

const PLAIN: Omit<UrlHttps, 'certificateId' | 'renewal'> = {
  mode: 'none',
  redirect: true,
  hsts: null,
  minimumTls: 'TLSv1.2',
}

const httpsColumns = ({ mode, redirect, hsts, minimumTls }: typeof PLAIN) =>
  [mode, redirect ? 1 : 0, hsts && JSON.stringify(hsts), minimumTls] as const

function wildcardsAbove(hostname: Hostname): Hostname[] {
  const labels = hostname.replace(/^\*\./, '').split('.')
  return labels.map((_, at) => `*.${labels.slice(at).join('.')}`).filter((name) => name !== hostname)
}

/** What may not be read is told in the same words as what is not there. */
export const noUrl = (): Fault =>
  new Fault('not_found', 'There is no such URL.', { hint: 'List the URLs to see their ids.' })
