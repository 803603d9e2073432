/** A real Knot DNS on loopback. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, freePort, newFolder, outputOf } from './daemon.ts'
import { KEY } from './named.ts'
import { FOREIGN, SOA, ZONE } from './zone.ts'

const OPERATOR_SECRET = Buffer.from('a secret of the operator').toString('base64')

/** What stands in knot.conf of a zone that Fairlead may change, as docs/guides/dns.md has it. */
const knotZone = (name: string): string => `key:
  - id: fairlead
    algorithm: ${KEY.algorithm}
    secret: ${KEY.secret}
acl:
  - id: fairlead
    key: fairlead
    action: [update, transfer, query]
    update-type: [A, AAAA, CNAME, TXT]
zone:
  - domain: ${name}
    file: ${name}.zone
    acl: fairlead
`

/** The operator may do everything, besides. */
const withOperator = (zone: string): string =>
  zone
    .replace('key:\n', `key:\n  - id: operator\n    algorithm: hmac-sha256\n    secret: ${OPERATOR_SECRET}\n`)
    .replace('acl:\n', 'acl:\n  - id: operator\n    key: operator\n    action: [update, transfer, query]\n')
    .replace('acl: fairlead\n', 'acl: [fairlead, operator]\n')

export class Knot {
  readonly port: number
  private readonly daemon: Daemon

  private constructor(port: number, daemon: Daemon) {
    this.port = port
    this.daemon = daemon
  }

  /** `zone`: the lines that its configuration has of the zone. */
  static async start(zone = knotZone(ZONE), records = FOREIGN): Promise<Knot> {
    const folder = newFolder('knot')
    const port = await freePort()
    writeFileSync(join(folder, 'knot.conf'), `${mainConfig(folder, port)}${withOperator(zone)}`)
    writeFileSync(join(folder, `${ZONE}.zone`), `${SOA}\n${records}\n`)
    const knot = new Knot(port, new Daemon(folder, ['knotd', '-c', join(folder, 'knot.conf')]))
    await knot.up()
    return knot
  }

  async up(): Promise<void> {
    await this.daemon.start(() =>
      this.dump()
        .then((lines) => lines.length > 0)
        .catch(() => false),
    )
  }

  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.daemon.stop(signal)
  }

  end(): Promise<void> {
    return this.daemon.end()
  }

  async dump(): Promise<string[]> {
    const where = ['@127.0.0.1', '-p', `${this.port}`]
    const how = ['+noall', '+answer', '+onesoa', '+time=2', '+tries=1']
    const key = `hmac-sha256:operator:${OPERATOR_SECRET}`
    const text = await outputOf(['dig', '-y', key, ...where, ZONE, 'AXFR', ...how])
    return text.split('\n').filter((line) => /\sIN\s/.test(line))
  }

  async byHand(...lines: string[]): Promise<void> {
    const script = [`server 127.0.0.1 ${this.port}`, `zone ${ZONE}`, ...lines, 'send', ''].join('\n')
    await outputOf(['nsupdate', '-y', `hmac-sha256:operator:${OPERATOR_SECRET}`], script)
  }
}

const mainConfig = (folder: string, port: number): string => `server:
    rundir: ${folder}
    listen: 127.0.0.1@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: ${folder}
    journal-db-max-size: 8M
    kasp-db-max-size: 5M
    timer-db-max-size: 1M
    catalog-db-max-size: 5M
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: ${folder}
`
