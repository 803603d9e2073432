import { Fault, shown } from '../../base/fault.ts'
import { BUILT_IN_ROLES, isBuiltInRole, isPermission, type Permission } from '../../domain/access.ts'
import { type Database, fromJson } from '../database.ts'

export interface RoleRow {
  name: string
  builtIn: boolean
  permissions: Permission[]
  revision: number
  createdAt: number | null
}

type Raw = { name: string; permissions: string; revision: number; createdAt: number }
const SELECT = 'SELECT name, permissions, revision, created_at AS createdAt FROM roles'

const BUILT_IN: readonly RoleRow[] = Object.entries(BUILT_IN_ROLES).map(([name, permissions]) => ({
  name,
  builtIn: true,
  permissions: [...permissions],
  revision: 1,
  createdAt: null,
}))

/** Named sets of permissions: the built-in ones, and those that an owner made. */
export class Roles {
  private readonly db: Database
  private readonly changed: () => void

  /** `changed` is called after each change of what somebody may do. */
  constructor(db: Database, changed: () => void) {
    this.db = db
    this.changed = changed
  }

  /** The built-in ones first. There are few, so the list is whole. */
  list(): RoleRow[] {
    return [...BUILT_IN, ...this.db.all<Raw>(`${SELECT} ORDER BY name`).map(parsed)]
  }

  find(name: string): RoleRow | null {
    const builtIn = BUILT_IN.find((role) => role.name === name)
    if (builtIn) return builtIn
    const row = this.db.get<Raw>(`${SELECT} WHERE name = ?`, name)
    return row && parsed(row)
  }

  /** Throws `not_found`. */
  required(name: string): RoleRow {
    const row = this.find(name)
    if (!row)
      throw new Fault('not_found', `There is no role "${shown(name, 60)}".`, {
        hint: 'List the roles to see their names.',
      })
    return row
  }

  /** Throws `conflict`. */
  create(name: string, permissions: readonly Permission[], now: number): RoleRow {
    if (isBuiltInRole(name) || this.find(name))
      throw new Fault('conflict', `A role named "${name}" exists already.`, {
        hint: 'Choose another name, or change the existing role.',
        errors: [{ field: 'name', message: 'is taken' }],
      })
    this.db.run(
      'INSERT INTO roles (name, permissions, created_at) VALUES (?, ?, ?)',
      name,
      JSON.stringify(permissions),
      now,
    )
    return this.required(name)
  }

  setPermissions(name: string, permissions: readonly Permission[]): void {
    this.changed()
    this.db.run(
      'UPDATE roles SET permissions = ?, revision = revision + 1 WHERE name = ?',
      JSON.stringify(permissions),
      name,
    )
  }

  remove(name: string): void {
    this.changed()
    this.db.run('DELETE FROM roles WHERE name = ?', name)
  }
}

/** A word that this version no longer knows allows nothing. */
const parsed = (row: Raw): RoleRow => ({
  ...row,
  builtIn: false,
  permissions: fromJson<string[]>(row.permissions).filter(isPermission),
})
