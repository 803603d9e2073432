/** A real BIND on loopback, with a key of Fairlead's and one of the operator. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, freePort, newFolder, outputOf } from './daemon.ts'
import { FOREIGN, SOA, ZONE } from './zone.ts'

export const KEY = {
  keyName: 'fairlead',
  algorithm: 'hmac-sha256',
  secret: Buffer.from('a secret of Fairlead').toString('base64'),
}
const OPERATOR = `hmac-sha256:operator:${Buffer.from('a secret of the operator').toString('base64')}`

/** What stands in named.conf of a zone that Fairlead may change, as docs/guides/dns.md has it. */
export const namedZone = (name: string): string => `key "fairlead" {
    algorithm ${KEY.algorithm};
    secret "${KEY.secret}";
};
zone "${name}" {
    type primary;
    file "${name}.zone";
    update-policy { grant fairlead zonesub A AAAA CNAME TXT; };
    allow-transfer { key fairlead; };
};
`

/** The operator may do everything, besides. */
const withOperator = (zone: string): string =>
  zone
    .replace('update-policy {', 'update-policy { grant operator zonesub ANY;')
    .replace('allow-transfer {', 'allow-transfer { key operator;')

export class Named {
  readonly port: number
  private readonly daemon: Daemon

  private constructor(port: number, daemon: Daemon) {
    this.port = port
    this.daemon = daemon
  }

  /** `zone`: the lines that its configuration has of the zone. */
  static async start(zone = namedZone(ZONE), records = FOREIGN): Promise<Named> {
    const folder = newFolder('named')
    const port = await freePort()
    writeFileSync(join(folder, 'named.conf'), mainConfig({ folder, port, zone }))
    writeFileSync(join(folder, `${ZONE}.zone`), `${SOA}\n${records}\n`)
    const named = new Named(port, new Daemon(folder, ['named', '-g', '-4', '-n', '1', '-c', 'named.conf']))
    await named.up()
    return named
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

  /** Every record of the zone as dig writes it. */
  async dump(): Promise<string[]> {
    const where = ['@127.0.0.1', '-p', `${this.port}`]
    const how = ['+noall', '+answer', '+onesoa', '+time=2', '+tries=1']
    const text = await outputOf(['dig', '-y', OPERATOR, ...where, ZONE, 'AXFR', ...how])
    return text.split('\n').filter((line) => /\sIN\s/.test(line))
  }

  /** As a person with nsupdate does it: `update delete x A`. */
  async byHand(...lines: string[]): Promise<void> {
    const script = [`server 127.0.0.1 ${this.port}`, `zone ${ZONE}`, ...lines, 'send', ''].join('\n')
    await outputOf(['nsupdate', '-y', OPERATOR], script)
  }
}

const mainConfig = ({
  folder,
  port,
  zone,
}: {
  folder: string
  port: number
  zone: string
}): string => `options {
    directory "${folder}";
    pid-file "${folder}/pid";
    session-keyfile "${folder}/session.key";
    listen-on port ${port} { 127.0.0.1; };
    listen-on-v6 { none; };
    recursion no;
    dnssec-validation no;
    notify no;
    allow-transfer { key operator; };
};
controls {};
key "operator" {
    algorithm hmac-sha256;
    secret "${OPERATOR.split(':')[2]}";
};
${withOperator(zone)}`
