/** A real PowerDNS on loopback, with its zone in SQLite. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Daemon, freePort, newFolder, outputOf } from './daemon.ts'
import { FOREIGN, SOA, ZONE } from './zone.ts'

export const API_KEY = 'a-key-of-powerdns-4711'
export const SCHEMA = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql'

/** What stands in pdns.conf so that Fairlead may change zones, as docs/guides/dns.md has it. */
const API_CONFIG = `api=yes
api-key=${API_KEY}
webserver=yes
webserver-address=127.0.0.1
webserver-port=8081
webserver-allow-from=127.0.0.1
`

interface Row {
  name: string
  type: string
  content: string
  ttl: number
  disabled: number
  prio?: number | null
}

export class Pdns {
  readonly url: string
  readonly apiPort: number
  readonly port: number
  private readonly daemon: Daemon
  private readonly db: DatabaseSync

  private constructor(given: { apiPort: number; port: number; daemon: Daemon }) {
    this.apiPort = given.apiPort
    this.port = given.port
    this.url = `http://127.0.0.1:${given.apiPort}`
    this.daemon = given.daemon
    this.db = new DatabaseSync(join(given.daemon.folder, 'zones.db'))
    this.db.exec('PRAGMA busy_timeout = 5000')
  }

  /** `config`: the lines that its configuration has of the API. */
  static async start(records = FOREIGN, config = API_CONFIG): Promise<Pdns> {
    const folder = newFolder('pdns')
    const [port, apiPort] = [await freePort(), await freePort()]
    writeFileSync(
      join(folder, 'pdns.conf'),
      `${mainConfig(folder, port)}${config.replace('8081', `${apiPort}`)}`,
    )
    writeFileSync(join(folder, 'zone'), `${SOA}\n${records}\n`)
    const db = new DatabaseSync(join(folder, 'zones.db'))
    db.exec(readFileSync(SCHEMA, 'utf8'))
    db.close()
    await outputOf(['pdnsutil', `--config-dir=${folder}`, 'load-zone', ZONE, join(folder, 'zone')])
    const daemon = new Daemon(folder, ['pdns_server', `--config-dir=${folder}`])
    const pdns = new Pdns({ apiPort, port, daemon })
    await pdns.up(/api-key=(.*)/.exec(config)?.[1])
    return pdns
  }

  async up(key = API_KEY): Promise<void> {
    const headers = { 'x-api-key': key }
    await this.daemon.start(() =>
      fetch(`${this.url}/api/v1/servers/localhost`, { headers })
        .then(({ ok }) => ok)
        .catch(() => false),
    )
  }

  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.daemon.stop(signal)
  }

  async end(): Promise<void> {
    this.db.close()
    await this.daemon.end()
  }

  /** Every record as its row says, and every comment. Rows without a type are kept by the server for names between names. */
  async dump(): Promise<string[]> {
    const rows = this.db
      .prepare('SELECT name, type, content, ttl, disabled, prio FROM records WHERE type IS NOT NULL')
      .all() as unknown as Row[]
    const comments = this.db.prepare('SELECT name, type, comment FROM comments').all() as Record<
      string,
      string
    >[]
    return [
      ...rows.map(
        ({ name, ttl, type, content, disabled, prio }) =>
          `${name}. ${ttl} IN ${type} ${prio} ${content} ${disabled}`,
      ),
      ...comments.map(({ name, type, comment }) => `${name}. comment on ${type}: ${comment}`),
    ]
  }

  insert({ name, type, content, ttl, disabled }: Row): void {
    this.db
      .prepare(
        'INSERT INTO records (domain_id, name, type, content, ttl, prio, disabled, auth) SELECT id, ?, ?, ?, ?, 0, ?, 1 FROM domains WHERE name = ?',
      )
      .run(name, type, content, ttl, disabled, ZONE)
  }

  remove(name: string, type: string): void {
    this.db.prepare('DELETE FROM records WHERE name = ? AND type = ?').run(name, type)
  }

  addZone(name: string, kind: 'MASTER' | 'SLAVE'): void {
    this.db.prepare('INSERT INTO domains (name, type) VALUES (?, ?)').run(name, kind)
  }

  comment(name: string, type: string, text: string): void {
    this.db
      .prepare(
        'INSERT INTO comments (domain_id, name, type, modified_at, comment) SELECT id, ?, ?, 1, ? FROM domains WHERE name = ?',
      )
      .run(name, type, text, ZONE)
  }
}

const mainConfig = (folder: string, port: number): string => `launch=gsqlite3
gsqlite3-database=${folder}/zones.db
gsqlite3-pragma-synchronous=0
local-address=127.0.0.1
local-port=${port}
socket-dir=${folder}
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
daemon=no
guardian=no
disable-syslog=yes
loglevel=4
`
