import { Fault, shown } from '../base/fault.ts'
import { randomId } from '../base/secrets.ts'
import type { Database } from './database.ts'

export interface ServiceRow {
  number: number
  id: string
  name: string
  kind: 'static'
  revision: number
  createdAt: number
  deleting: 0 | 1
  deletedAt: number | null
}

/** A place in a list: rows after (or before) this number. */
export interface PageOf {
  limit: number
  after: number | null
}

const COLUMNS = 'number, id, name, kind, revision, created_at AS createdAt, deleting, deleted_at AS deletedAt'

export class Services {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** In the order of creation. */
  list({ limit, after }: PageOf): ServiceRow[] {
    return this.db.all(
      `SELECT ${COLUMNS} FROM services WHERE deleted_at IS NULL AND number > ? ORDER BY number LIMIT ?`,
      after ?? 0,
      limit,
    )
  }

  find(name: string): ServiceRow | null {
    return this.db.get(`SELECT ${COLUMNS} FROM services WHERE name = ? AND deleted_at IS NULL`, name)
  }

  /** Throws `not_found`. */
  named(name: string): ServiceRow {
    const row = this.find(name)
    if (!row) throw noService(name)
    return row
  }

  /** Deleted ones too: history refers to them. */
  byId(id: string): ServiceRow | null {
    return this.db.get(`SELECT ${COLUMNS} FROM services WHERE id = ?`, id)
  }

  create(name: string, now: number): ServiceRow {
    this.requireFree(name)
    const id = randomId()
    this.db.run("INSERT INTO services (id, name, kind, created_at) VALUES (?, ?, 'static', ?)", id, name, now)
    return this.named(name)
  }

  rename(id: string, name: string): void {
    this.requireFree(name)
    this.db.run('UPDATE services SET name = ?, revision = revision + 1 WHERE id = ?', name, id)
  }

  setDeleting(id: string, deleting: boolean): void {
    this.db.run('UPDATE services SET deleting = ? WHERE id = ?', deleting ? 1 : 0, id)
  }

  markDeleted(id: string, now: number): void {
    this.db.run('UPDATE services SET deleted_at = ?, deleting = 0 WHERE id = ?', now, id)
  }

  private requireFree(name: string): void {
    if (this.find(name))
      throw new Fault('conflict', `A service named "${name}" exists already.`, {
        hint: 'Choose another name, or deploy to the existing service.',
        errors: [{ field: 'name', message: 'is taken' }],
      })
  }
}

/** What may not be read is told in the same words as what is not there. */
export const noService = (name: string): Fault =>
  new Fault('not_found', `There is no service "${shown(name, 60)}".`, {
    hint: 'List the services to see their names.',
  })
