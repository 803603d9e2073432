import { DEFAULT_INSTANCE_SETTINGS, type Settings } from '../domain/settings.ts'
import { type Database, fromJson } from './database.ts'

export type SettingName = keyof Settings

/** Settings of the instance: what nobody has set is as the program has it. */
export class SettingRows {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Counts each change of any of them; 1 before the first. */
  read(): Settings & { revision: number } {
    const rows = this.db.all<{ name: SettingName; value: string; revision: number }>(
      'SELECT name, value, revision FROM settings',
    )
    const stored = Object.fromEntries(rows.map(({ name, value }) => [name, fromJson<object>(value)]))
    const revision = rows.reduce((sum, row) => sum + row.revision, 1)
    const { gateway, dns, https, certificates, drift } = DEFAULT_INSTANCE_SETTINGS
    const set = stored as { [Name in SettingName]?: Partial<Settings[Name]> } // written by `put`
    return {
      gateway: { ...gateway, ...set.gateway, nginx: { ...gateway.nginx, ...set.gateway?.nginx } },
      dns: { ...dns, ...set.dns },
      https: { ...https, ...set.https },
      certificates: { ...certificates, ...set.certificates },
      drift: { ...drift, ...set.drift },
      revision,
    }
  }

  put<Name extends SettingName>(name: Name, value: Settings[Name]): void {
    this.db.run(
      `INSERT INTO settings (name, value) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value, revision = revision + 1`,
      name,
      JSON.stringify(value),
    )
  }
}
