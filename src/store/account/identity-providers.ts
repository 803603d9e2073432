import { Fault, shown } from '../../base/fault.ts'
import { randomId } from '../../base/secrets.ts'
import { type Database, fromJson } from '../database.ts'

export interface ProviderSettings {
  /** Its addresses may be of a private network, or of this machine. */
  allowPrivateNetwork: boolean
  /** Whoever it knows gets an account at his first sign-in, with `defaultRole` if it is not null. */
  createUsers: boolean
  defaultRole: string | null
  /** Only verified e-mail addresses of these domains get an account; empty: all. */
  emailDomains: string[]
}

export interface ProviderRow {
  number: number
  id: string
  label: string
  issuer: string
  clientId: string
  /** Sealed; null: it has to be entered again. */
  clientSecret: string | null
  settings: ProviderSettings
  revision: number
  createdAt: number
}

export type ProviderChange = Partial<
  Pick<ProviderRow, 'label' | 'issuer' | 'clientId' | 'clientSecret' | 'settings'>
>

type Raw = Omit<ProviderRow, 'settings'> & { settings: string }
const SELECT = `SELECT number, id, label, issuer, client_id AS clientId, client_secret AS clientSecret, settings,
  revision, created_at AS createdAt FROM identity_providers`

/** OpenID providers that people may sign in with. There are few, so the list is whole. */
export class IdentityProviders {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** In the order of creation. */
  list(): ProviderRow[] {
    return this.db.all<Raw>(`${SELECT} ORDER BY number`).map(parsed)
  }

  /** Throws `not_found`. */
  required(id: string): ProviderRow {
    const row = this.db.get<Raw>(`${SELECT} WHERE id = ?`, id)
    if (row) return parsed(row)
    throw new Fault('not_found', `There is no identity provider "${shown(id, 60)}".`, {
      hint: 'List the identity providers to see their ids.',
    })
  }

  /** The secret is sealed for the place where it stands, so the id comes first. */
  create(
    given: Pick<ProviderRow, 'label' | 'issuer' | 'clientId' | 'settings'>,
    sealedFor: (id: string) => string,
    now: number,
  ): ProviderRow {
    const id = randomId()
    this.db.run(
      `INSERT INTO identity_providers (id, label, issuer, client_id, client_secret, settings, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      given.label,
      given.issuer,
      given.clientId,
      sealedFor(id),
      JSON.stringify(given.settings),
      now,
    )
    return this.required(id)
  }

  change(row: ProviderRow, change: ProviderChange): void {
    const { label, issuer, clientId, clientSecret, settings } = { ...row, ...change }
    this.db.run(
      `UPDATE identity_providers SET label = ?, issuer = ?, client_id = ?, client_secret = ?, settings = ?,
       revision = revision + 1 WHERE id = ?`,
      label,
      issuer,
      clientId,
      clientSecret,
      JSON.stringify(settings),
      row.id,
    )
  }

  remove(id: string): void {
    this.db.run('DELETE FROM identity_providers WHERE id = ?', id)
  }
}

const parsed = (row: Raw): ProviderRow => ({ ...row, settings: fromJson<ProviderSettings>(row.settings) })
