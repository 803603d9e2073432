import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { randomId } from '../base/secrets.ts'
import { type DriftEnd, type DriftThing, digestOf, type Observation } from '../domain/drift.ts'
import type { Hostname } from '../domain/host-site.ts'
import type { DiffLine } from '../domain/line-diff.ts'
import { type Database, fromJson } from './database.ts'
import type { PageOf } from './services.ts'

/** A finding: open, or of the past. */
export interface DriftRow extends DriftThing {
  number: number
  id: string
  serviceName: string | null
  environmentName: string | null
  hostname: Hostname | null
  diff: DiffLine[]
  /** See `digestOf`. */
  digest: string
  revertable: boolean
  adoptable: boolean
  why: string | null
  foundAt: number
  lastSeenAt: number
  endedAt: number | null
  ended: DriftEnd | null
  /** The newest one that puts it back or takes it over. */
  operationId: string | null
  /** Whether it was told that it is not put back by itself any more. */
  leftAlone: boolean
}

interface Raw extends Omit<DriftRow, 'diff' | 'revertable' | 'adoptable' | 'leftAlone'> {
  diff: string
  revertable: 0 | 1
  adoptable: 0 | 1
  leftAlone: 0 | 1
}

const SELECT = `SELECT d.number, d.id, d.kind, d.thing, d.service_id AS serviceId, s.name AS serviceName,
  d.environment_id AS environmentId, e.name AS environmentName, d.url_id AS urlId, u.hostname, d.diff, d.digest,
  d.revertable, d.adoptable, d.why, d.found_at AS foundAt, d.last_seen_at AS lastSeenAt, d.ended_at AS endedAt,
  d.ended, d.operation_id AS operationId, d.left_alone AS leftAlone
  FROM drifts d LEFT JOIN services s ON s.id = d.service_id LEFT JOIN environments e ON e.id = d.environment_id
  LEFT JOIN urls u ON u.id = d.url_id`

export class Drifts {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Newest first: those that are open, or those that have ended. */
  list({ limit, after }: PageOf, which: 'open' | 'ended'): DriftRow[] {
    const index = which === 'open' ? 'drifts_open' : 'drifts_ended'
    return this.db
      .all<Raw>(
        `${SELECT.replace('drifts d', `drifts d INDEXED BY ${index}`)}
         WHERE d.ended_at IS ${which === 'open' ? '' : 'NOT '}NULL AND d.number < ? ORDER BY d.number DESC LIMIT ?`,
        after ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .map(parsed)
  }

  /** All that are open, oldest first. */
  open(): DriftRow[] {
    return this.list({ limit: Number.MAX_SAFE_INTEGER, after: null }, 'open').toReversed()
  }

  /** Open ones of an environment. */
  openOf(environmentId: string): DriftRow[] {
    return this.open().filter((row) => row.environmentId === environmentId)
  }

  /** The open one about the same thing. */
  openAbout({ kind, thing, environmentId }: DriftThing): DriftRow | null {
    const row = this.db.get<Raw>(
      `${SELECT} WHERE d.kind = ? AND d.thing = ? AND ifnull(d.environment_id, '') = ? AND d.ended_at IS NULL`,
      kind,
      thing,
      environmentId ?? '',
    )
    return row && parsed(row)
  }

  find(id: string): DriftRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE d.id = ?`, id)
    return row && parsed(row)
  }

  /** Throws `not_found`. */
  required(id: string): DriftRow {
    const row = this.find(id)
    if (!row) throw noDrift()
    return row
  }

  create(seen: Observation, now: number): DriftRow {
    const id = randomId()
    this.db.run(
      `INSERT INTO drifts (id, kind, thing, service_id, environment_id, url_id, diff, digest, revertable, adoptable, why,
       found_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      seen.kind,
      seen.thing,
      seen.serviceId,
      seen.environmentId,
      seen.urlId,
      JSON.stringify(seen.diff),
      digestOf(seen),
      Number(seen.revertable),
      Number(seen.adoptable),
      seen.why,
      now,
      now,
    )
    return this.required(id)
  }

  /** It stands still, and as it is seen now. */
  seenAgain(id: string, seen: Observation, now: number): void {
    this.db.run(
      `UPDATE drifts SET diff = ?, digest = ?, revertable = ?, adoptable = ?, why = ?, last_seen_at = ? WHERE id = ?`,
      JSON.stringify(seen.diff),
      digestOf(seen),
      Number(seen.revertable),
      Number(seen.adoptable),
      seen.why,
      now,
      id,
    )
  }

  setOperation(id: string, operationId: string): void {
    this.db.run('UPDATE drifts SET operation_id = ? WHERE id = ?', operationId, id)
  }

  leaveAlone(id: string): void {
    this.db.run('UPDATE drifts SET left_alone = 1 WHERE id = ?', id)
  }

  end(id: string, ended: DriftEnd, now: number): void {
    this.db.run('UPDATE drifts SET ended_at = ?, ended = ? WHERE id = ? AND ended_at IS NULL', now, ended, id)
  }

  /** How often this very thing was put back by itself since then, and when it was last. */
  healsOf({ kind, thing, environmentId }: DriftThing, since: number): { count: number; lastAt: number } {
    const row = this.db.get<{ count: number; lastAt: number | null }>(
      `SELECT count(*) AS count, max(ended_at) AS lastAt FROM drifts INDEXED BY drifts_healed
       WHERE ended = 'healed' AND kind = ? AND thing = ? AND ended_at > ? AND environment_id IS ?`,
      kind,
      thing,
      since,
      environmentId,
    )
    return { count: row?.count ?? 0, lastAt: row?.lastAt ?? 0 }
  }

  /** Findings that ended long ago, and the oldest beyond what is kept. */
  forgetOld(now: number): void {
    const { keptMs, kept } = LIMITS.drift
    this.db.run('DELETE FROM drifts WHERE ended_at <= ?', now - keptMs)
    this.db.run(
      `DELETE FROM drifts WHERE number IN (SELECT number FROM drifts INDEXED BY drifts_ended WHERE ended_at IS NOT NULL
       ORDER BY ended_at DESC LIMIT -1 OFFSET ?)`,
      kept,
    )
  }
}

const parsed = (row: Raw): DriftRow => ({
  ...row,
  diff: fromJson(row.diff),
  revertable: row.revertable === 1,
  adoptable: row.adoptable === 1,
  leftAlone: row.leftAlone === 1,
})

/** What may not be read is told in the same words as what is not there. */
export const noDrift = (): Fault =>
  new Fault('not_found', 'There is no such finding.', { hint: 'Run "fairlead drift list" to see them.' })
