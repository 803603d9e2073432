import { randomId } from '../base/secrets.ts'
import type { Database } from './database.ts'

/** Facts about this installation. */
export class Instance {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Marks what this instance makes in the world outside (DNS). */
  id(): string {
    const id = this.get('id')
    if (id) return id
    this.set('id', randomId())
    return this.id()
  }

  /** After a restore: serves and shows, but changes nothing until `fairlead takeover`. */
  isStandingBy(): boolean {
    return this.get('standing-by') === 'true'
  }

  setStandingBy(standingBy: boolean): void {
    this.set('standing-by', String(standingBy))
  }

  /** Something that only the right key of the data folder opens; null until the first start. */
  keyProof(): string | null {
    return this.get('key-proof')
  }

  setKeyProof(sealed: string): void {
    this.set('key-proof', sealed)
  }

  private get(key: string): string | null {
    return this.db.get<{ value: string }>('SELECT value FROM instance WHERE key = ?', key)?.value ?? null
  }

  private set(key: string, value: string): void {
    this.db.run(
      'INSERT INTO instance (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      key,
      value,
    )
  }
}
