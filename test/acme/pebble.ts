/**
 * A real CA on loopback: Debian's pebble, and pebble-challtestsrv, which answers its questions to DNS and over HTTP. Ask for
 * it by `needs('pebble', 'openssl')`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Daemon, freePort, newFolder } from '../dns/daemon.ts'
import { OpenSsl } from '../x509/openssl.ts'

export interface PebbleWanted {
  /** Of a hundred good nonces, how many are refused; 0 when not given. */
  badNonces?: number
  /** The longest that it thinks before it looks at a challenge; 0 when not given. */
  thinksSeconds?: number
  /** Of a hundred authorizations that are valid, how many are taken again; 0 when not given. */
  reused?: number
  /** Wants an external account: its keys (base64url) by their ids. */
  external?: Record<string, string>
  /** Where it looks for HTTP-01; without it, at `challenges`. */
  httpPort?: number
  tlsPort?: number
  /** How long its certificates live. */
  validSeconds?: number
  /** `127.0.0.1:5353`; without it, `challenges` is asked, where every name leads to 127.0.0.1. */
  dnsServer?: string
  /** How many certificates stand between that of the host and the root; 1 when not given. */
  chainLength?: number
}

export class Pebble {
  readonly directoryUrl: string
  /** PEM: what its own HTTPS is trusted by. */
  readonly root: string
  readonly challenges: ChallengeServer
  private readonly management: string
  private readonly daemon: Daemon

  private constructor(parts: {
    port: number
    managementPort: number
    root: string
    daemon: Daemon
    challenges: ChallengeServer
  }) {
    this.directoryUrl = `https://127.0.0.1:${parts.port}/dir`
    this.management = `https://127.0.0.1:${parts.managementPort}`
    this.root = parts.root
    this.daemon = parts.daemon
    this.challenges = parts.challenges
  }

  static async start(wanted: PebbleWanted = {}): Promise<Pebble> {
    const challenges = await ChallengeServer.start()
    const folder = newFolder('pebble')
    const [port, managementPort] = [await freePort(), await freePort()]
    const root = writeOwnCertificate(folder)
    writeFileSync(join(folder, 'config.json'), configText(wanted, { port, managementPort, challenges }))
    const dns = wanted.dnsServer ?? challenges.dns
    const argv = ['pebble', '-config', 'config.json', '-dnsserver', dns]
    const daemon = new Daemon(folder, ['env', ...environment(wanted), ...argv])
    const pebble = new Pebble({ port, managementPort, root, daemon, challenges })
    await pebble.up()
    return pebble
  }

  /** Again, after `stop`: it remembers nothing, and its root is another one. */
  async up(): Promise<void> {
    await this.daemon.start(() => this.get(this.directoryUrl).then(Boolean, () => false))
  }

  stop(signal?: NodeJS.Signals): Promise<void> {
    return this.daemon.stop(signal)
  }

  async end(): Promise<void> {
    await this.daemon.end()
    await this.challenges.end()
  }

  /** PEM: what its certificates are trusted by. */
  issuingRoot(): Promise<string> {
    return this.get(`${this.management}/roots/0`)
  }

  intermediate(): Promise<string> {
    return this.get(`${this.management}/intermediates/0`)
  }

  private async get(url: string): Promise<string> {
    const answer = await fetch(url, { tls: { ca: this.root } })
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}.`)
    return await answer.text()
  }
}

/** Answers for names and hosts as it is told to; every name leads to 127.0.0.1. */
export class ChallengeServer {
  readonly httpPort: number
  /** `127.0.0.1:5353`. */
  readonly dns: string
  private readonly management: string
  private readonly daemon: Daemon

  private constructor(ports: { http: number; dns: number; management: number }, daemon: Daemon) {
    this.httpPort = ports.http
    this.dns = `127.0.0.1:${ports.dns}`
    this.management = `http://127.0.0.1:${ports.management}`
    this.daemon = daemon
  }

  static async start(): Promise<ChallengeServer> {
    const ports = { http: await freePort(), dns: await freePort(), management: await freePort() }
    const answers = ['-dns01', `127.0.0.1:${ports.dns}`, '-http01', `127.0.0.1:${ports.http}`]
    const told = ['-management', `127.0.0.1:${ports.management}`, '-https01', '', '-tlsalpn01', '']
    const addresses = ['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '']
    const argv = ['pebble-challtestsrv', ...answers, ...told, ...addresses] as const
    const daemon = new Daemon(newFolder('challenges'), argv)
    const server = new ChallengeServer(ports, daemon)
    await daemon.start(() =>
      server.clearText('ready.example').then(
        () => true,
        () => false,
      ),
    )
    return server
  }

  end(): Promise<void> {
    return this.daemon.end()
  }

  answerHttp(token: string, content: string): Promise<void> {
    return this.tell('add-http01', { token, content })
  }

  dropHttp(token: string): Promise<void> {
    return this.tell('del-http01', { token })
  }

  /** A TXT record at `_acme-challenge` of a name. */
  setText(name: string, value: string): Promise<void> {
    return this.tell('set-txt', { host: `_acme-challenge.${name}.`, value })
  }

  clearText(name: string): Promise<void> {
    return this.tell('clear-txt', { host: `_acme-challenge.${name}.` })
  }

  /** How often it was asked over HTTP for a name. */
  async httpRequests(name: string): Promise<number> {
    const seen: unknown = await (await this.post('http-request-history', { host: name })).json()
    return Array.isArray(seen) ? seen.length : 0
  }

  private async tell(what: string, body: object): Promise<void> {
    const answer = await this.post(what, body)
    if (!answer.ok) throw new Error(`pebble-challtestsrv answers ${answer.status} to ${what}.`)
  }

  private post(what: string, body: object): Promise<Response> {
    return fetch(`${this.management}/${what}`, { method: 'POST', body: JSON.stringify(body) })
  }
}

function writeOwnCertificate(folder: string): string {
  const openssl = new OpenSsl()
  try {
    const { key, certificate } = openssl.make({ subject: '/CN=pebble', names: 'IP:127.0.0.1,DNS:localhost' })
    writeFileSync(join(folder, 'own.key'), key)
    writeFileSync(join(folder, 'own.pem'), certificate)
    return certificate
  } finally {
    openssl.end()
  }
}

function configText(
  wanted: PebbleWanted,
  at: { port: number; managementPort: number; challenges: ChallengeServer },
): string {
  return JSON.stringify({
    pebble: {
      listenAddress: `127.0.0.1:${at.port}`,
      managementListenAddress: `127.0.0.1:${at.managementPort}`,
      certificate: 'own.pem',
      privateKey: 'own.key',
      httpPort: wanted.httpPort ?? at.challenges.httpPort,
      tlsPort: wanted.tlsPort ?? 1,
      ocspResponderURL: '',
      externalAccountBindingRequired: wanted.external !== undefined,
      ...(wanted.external && { externalAccountMACKeys: wanted.external }),
      ...(wanted.validSeconds !== undefined && { certificateValidityPeriod: wanted.validSeconds }),
    },
  })
}

const environment = ({
  badNonces = 0,
  thinksSeconds = 0,
  reused = 0,
  chainLength = 1,
}: PebbleWanted): string[] => [
  `PEBBLE_WFE_NONCEREJECT=${badNonces}`,
  ...(thinksSeconds > 0 ? [`PEBBLE_VA_SLEEPTIME=${thinksSeconds}`] : ['PEBBLE_VA_NOSLEEP=1']),
  `PEBBLE_AUTHZREUSE=${reused}`,
  `PEBBLE_CHAIN_LENGTH=${chainLength}`,
]
