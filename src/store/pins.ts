import { type Digest, digestOfTree, type TreeKey } from '../domain/bundle.ts'
import type { LinkName } from '../domain/host-site.ts'
import type { Database } from './database.ts'

/** Who needs a tree on disk. */
export type Holder = `live:${string}` | `operation:${string}` | `retained:${string}` | `link:${string}`

export class Pins {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  add(tree: TreeKey, holder: Holder): void {
    this.db.run('INSERT INTO pins (tree, holder) VALUES (?, ?) ON CONFLICT DO NOTHING', tree, holder)
  }

  /** Takes away all pins of a holder; answers the trees they held. */
  release(holder: Holder): TreeKey[] {
    const trees = this.db.all<{ tree: TreeKey }>('SELECT tree FROM pins WHERE holder = ?', holder)
    this.db.run('DELETE FROM pins WHERE holder = ?', holder)
    return trees.map((row) => row.tree)
  }

  isPinned(tree: TreeKey): boolean {
    return this.db.get('SELECT 1 AS one FROM pins WHERE tree = ? LIMIT 1', tree) !== null
  }

  holdersOf(tree: TreeKey): Holder[] {
    return this.db
      .all<{ holder: Holder }>('SELECT holder FROM pins WHERE tree = ?', tree)
      .map((row) => row.holder)
  }

  /** Links that are not live any more and still needed. */
  links(): LinkName[] {
    return this.db
      .all<{ link: LinkName }>(
        "SELECT DISTINCT substr(holder, 6) AS link FROM pins WHERE holder >= 'link:' AND holder < 'link;'",
      )
      .map((row) => row.link)
  }

  heldBy(holder: Holder): TreeKey[] {
    return this.db
      .all<{ tree: TreeKey }>('SELECT tree FROM pins WHERE holder = ?', holder)
      .map((row) => row.tree)
  }
}

/** Retired bundles whose fingerprinted files still answer for a while. */
export class GraceRows {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  add(environmentId: string, tree: TreeKey, until: number): void {
    this.db.run(
      'INSERT INTO grace (environment_id, digest, until) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET until = max(until, excluded.until)',
      environmentId,
      digestOfTree(tree),
      until,
    )
  }

  /** Rows whose time is over, oldest first. */
  ended(now: number): { environmentId: string; digest: Digest }[] {
    return this.db.all(
      'SELECT environment_id AS environmentId, digest FROM grace WHERE until <= ? ORDER BY until LIMIT 100',
      now,
    )
  }

  /** In all environments of a service, by the next sweep. */
  endNow(serviceId: string, digest: Digest): void {
    this.db.run(
      'UPDATE grace SET until = 0 WHERE digest = ? AND environment_id IN (SELECT id FROM environments WHERE service_id = ?)',
      digest,
      serviceId,
    )
  }

  /** The environments of a service in which files of a bundle still answer. */
  with(serviceId: string, digest: Digest): string[] {
    return this.db
      .all<{ id: string }>(
        `SELECT g.environment_id AS id FROM grace g JOIN environments e ON e.id = g.environment_id
         WHERE g.digest = ? AND e.service_id = ?`,
        digest,
        serviceId,
      )
      .map((row) => row.id)
  }

  hasEnded(environmentId: string, digest: Digest, now: number): boolean {
    const ended = 'SELECT 1 AS one FROM grace WHERE environment_id = ? AND digest = ? AND until <= ?'
    return this.db.get(ended, environmentId, digest, now) !== null
  }

  of(environmentId: string): Digest[] {
    return this.db
      .all<{ digest: Digest }>('SELECT digest FROM grace WHERE environment_id = ?', environmentId)
      .map((row) => row.digest)
  }

  remove(environmentId: string, digest: Digest): void {
    this.db.run('DELETE FROM grace WHERE environment_id = ? AND digest = ?', environmentId, digest)
  }

  removeAll(environmentId: string): void {
    this.db.run('DELETE FROM grace WHERE environment_id = ?', environmentId)
  }
}
