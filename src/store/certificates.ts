import { Fault } from '../base/fault.ts'
import type { Hostname } from '../domain/host-site.ts'
import { type Database, fromJson } from './database.ts'
import type { PageOf } from './services.ts'

/** What a certificate says of itself. */
export interface CertificateFacts {
  names: Hostname[]
  /** SHA-256 of its DER, in hex. */
  fingerprint: string
  issuer: string
  serial: string
  notBefore: number
  notAfter: number
}

/** A certificate as it stands in an answer or a file. */
export interface Issued extends CertificateFacts {
  /** PEM, the certificate itself first. */
  chain: string
}

/** When the CA wants a certificate to be renewed, and when it may be asked again. */
export interface AskedWindow {
  /** Null: it has no opinion. */
  from: number | null
  until: number | null
  lookAgainAt: number
}

/** A placeholder in the file of a certificate. */
export interface StandIn {
  fingerprint: string
  /** Why the real one can't be there. */
  reason: string
  at: number
}

export interface CertificateRow {
  number: number
  id: string
  /** `own`: brought by somebody. */
  kind: 'acme' | 'own'
  names: Hostname[]
  /** Sealed; null: superseded, or lost with the key of the instance. */
  key: string | null
  /** Null: it is asked for just now. */
  issued: Issued | null
  /** Of the CA that it was asked of. */
  directoryUrl: string | null
  window: AskedWindow | null
  /** Null: its file holds itself. */
  standIn: StandIn | null
  createdAt: number
  supersededAt: number | null
}

interface Raw extends Omit<CertificateRow, 'names' | 'issued' | 'window' | 'standIn'> {
  names: string
  chain: string | null
  fingerprint: string
  issuer: string
  serial: string
  notBefore: number
  notAfter: number
  window: string | null
  standIn: string | null
}

const SELECT = `SELECT number, id, kind, names, key, chain, fingerprint, issuer, serial, not_before AS notBefore,
  not_after AS notAfter, directory_url AS directoryUrl, renewal_window AS window, stand_in AS standIn,
  created_at AS createdAt, superseded_at AS supersededAt FROM certificates`

const STANDS = 'chain IS NOT NULL AND superseded_at IS NULL'

/** Certificates that URLs answer with, or may; what they have been stays known for a while. */
export class Certificates {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** A page of those that stand, in the order of creation. */
  list({ limit, after }: PageOf, kind?: CertificateRow['kind']): CertificateRow[] {
    return this.db
      .all<Raw>(
        `${SELECT} WHERE number > ? AND ${STANDS} AND kind = coalesce(?, kind) ORDER BY number LIMIT ?`,
        after ?? 0,
        kind ?? null,
        limit,
      )
      .map(parsed)
  }

  /** All that somebody has brought, and that stand. */
  own(): CertificateRow[] {
    return this.list({ limit: Number.MAX_SAFE_INTEGER, after: null }, 'own')
  }

  /** All that URLs answer with. */
  inUse(): CertificateRow[] {
    const used = 'SELECT certificate_id FROM urls WHERE certificate_id IS NOT NULL AND deleted_at IS NULL'
    return this.db.all<Raw>(`${SELECT} WHERE id IN (${used}) ORDER BY number`).map(parsed)
  }

  /** Superseded ones and those asked for just now too. */
  find(id: string): CertificateRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE id = ?`, id)
    return row && parsed(row)
  }

  /** One that stands. Throws `not_found`. */
  required(id: string): CertificateRow {
    const row = this.db.get<Raw>(`${SELECT} WHERE id = ? AND ${STANDS}`, id)
    if (row) return parsed(row)
    throw new Fault('not_found', 'There is no such certificate.', {
      hint: 'List the certificates to see their ids.',
    })
  }

  withFingerprint(fingerprint: string): CertificateRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE fingerprint = ? AND ${STANDS}`, fingerprint)
    return row && parsed(row)
  }

  /** Twice is once. `key` is sealed for the place of this row. */
  create(
    given: Pick<CertificateRow, 'id' | 'kind' | 'names' | 'directoryUrl'> & { key: string; now: number },
  ): void {
    this.db.run(
      `INSERT INTO certificates (id, kind, names, key, directory_url, created_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      given.id,
      given.kind,
      JSON.stringify(given.names),
      given.key,
      given.directoryUrl,
      given.now,
    )
  }

  setIssued(id: string, issued: Issued): void {
    this.db.run(
      `UPDATE certificates SET names = ?, chain = ?, fingerprint = ?, issuer = ?, serial = ?, not_before = ?, not_after = ?
       WHERE id = ?`,
      JSON.stringify(issued.names),
      issued.chain,
      issued.fingerprint,
      issued.issuer,
      issued.serial,
      issued.notBefore,
      issued.notAfter,
      id,
    )
  }

  setWindow(id: string, window: AskedWindow): void {
    this.db.run('UPDATE certificates SET renewal_window = ? WHERE id = ?', JSON.stringify(window), id)
  }

  setStandIn(id: string, standIn: StandIn | null): void {
    this.db.run('UPDATE certificates SET stand_in = ? WHERE id = ?', standIn && JSON.stringify(standIn), id)
  }

  /** Nobody answers with it any more: what it was stays known, its key goes. */
  supersede(id: string, now: number): void {
    this.db.run(
      'UPDATE certificates SET superseded_at = ?, key = NULL WHERE id = ? AND superseded_at IS NULL',
      now,
      id,
    )
  }

  /** Absent is fine. */
  remove(id: string): void {
    this.db.run('DELETE FROM certificates WHERE id = ?', id)
  }

  /** Those of the CA that stand and that no URL answers with; not those that an operation works on. */
  unused(): CertificateRow[] {
    const used = 'SELECT certificate_id FROM urls WHERE certificate_id IS NOT NULL AND deleted_at IS NULL'
    const open = 'SELECT certificate_id FROM acme_orders WHERE ended_at IS NULL'
    return this.db
      .all<Raw>(
        `${SELECT} WHERE kind = 'acme' AND superseded_at IS NULL AND id NOT IN (${used}) AND id NOT IN (${open})`,
      )
      .map(parsed)
  }

  /** Superseded ones from before. */
  forget(before: number): void {
    this.db.run(
      `DELETE FROM certificates WHERE superseded_at < ?
       AND NOT EXISTS (SELECT 1 FROM urls WHERE certificate_id = certificates.id)`,
      before,
    )
  }
}

function parsed(raw: Raw): CertificateRow {
  const {
    names: listed,
    chain,
    fingerprint,
    issuer,
    serial,
    notBefore,
    notAfter,
    window,
    standIn,
    ...row
  } = raw
  const names = fromJson<Hostname[]>(listed)
  return {
    ...row,
    names,
    issued: chain === null ? null : { names, chain, fingerprint, issuer, serial, notBefore, notAfter },
    window: window === null ? null : fromJson<AskedWindow>(window),
    standIn: standIn === null ? null : fromJson<StandIn>(standIn),
  }
}
