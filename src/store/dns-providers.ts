import { Fault, shown } from '../base/fault.ts'
import { randomId } from '../base/secrets.ts'
import { type Database, fromJson } from './database.ts'
import type { PageOf } from './services.ts'

export interface DnsProviderRow {
  number: number
  id: string
  kind: string
  label: string
  /** What it was told, without the secrets. */
  config: Record<string, unknown>
  /** Sealed, by the name of the field; one that is not there is to be entered again. */
  secrets: Record<string, string>
  revision: number
  createdAt: number
}

type Raw = Omit<DnsProviderRow, 'config' | 'secrets'> & { config: string; secrets: string }
const SELECT = `SELECT number, id, kind, label, config, secrets, revision, created_at AS createdAt FROM dns_providers`

/** Who holds DNS zones, and what it takes to reach them. There are few, so the list can be whole. */
export class DnsProviders {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** In the order of creation. */
  all(): DnsProviderRow[] {
    return this.db.all<Raw>(`${SELECT} ORDER BY number`).map(parsed)
  }

  /** A page of them, in the order of creation. */
  list({ limit, after }: PageOf): DnsProviderRow[] {
    return this.db
      .all<Raw>(`${SELECT} WHERE number > ? ORDER BY number LIMIT ?`, after ?? 0, limit)
      .map(parsed)
  }

  find(id: string): DnsProviderRow | null {
    const row = this.db.get<Raw>(`${SELECT} WHERE id = ?`, id)
    return row && parsed(row)
  }

  /** Throws `not_found`. */
  required(id: string): DnsProviderRow {
    const row = this.find(id)
    if (row) return row
    throw new Fault('not_found', `There is no DNS provider "${shown(id, 60)}".`, {
      hint: 'List the DNS providers to see their ids.',
    })
  }

  /** Secrets are sealed for the place where they stand, so the id comes first. */
  create(
    given: Pick<DnsProviderRow, 'kind' | 'label' | 'config'>,
    sealedFor: (id: string) => Record<string, string>,
    now: number,
  ): DnsProviderRow {
    const id = randomId()
    this.db.run(
      'INSERT INTO dns_providers (id, kind, label, config, secrets, created_at) VALUES (?, ?, ?, ?, ?, ?)',
      id,
      given.kind,
      given.label,
      JSON.stringify(given.config),
      JSON.stringify(sealedFor(id)),
      now,
    )
    return this.required(id)
  }

  change(row: DnsProviderRow, change: Partial<Pick<DnsProviderRow, 'label' | 'config' | 'secrets'>>): void {
    const { label, config, secrets } = { ...row, ...change }
    this.db.run(
      'UPDATE dns_providers SET label = ?, config = ?, secrets = ?, revision = revision + 1 WHERE id = ?',
      label,
      JSON.stringify(config),
      JSON.stringify(secrets),
      row.id,
    )
  }

  remove(id: string): void {
    this.db.run('DELETE FROM dns_providers WHERE id = ?', id)
  }
}

const parsed = (row: Raw): DnsProviderRow => ({
  ...row,
  config: fromJson<Record<string, unknown>>(row.config),
  secrets: fromJson<Record<string, string>>(row.secrets),
})
