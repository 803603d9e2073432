import { HttpClient } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Log } from '../../base/log.ts'
import { type Server, serve } from '../../base/platform.ts'
import { TlsFront } from '../../base/tls.ts'
import type { CertificateFiles } from '../../ports/certificates.ts'
import type { Gateway, Probe } from '../../ports/gateway.ts'
import type { Hosts } from '../../ports/hosts.ts'
import { builtinHosts } from './builtin-hosts.ts'
import { builtinProbe } from './builtin-probe.ts'
import { CertificateContexts } from './certificate-contexts.ts'
import { HostSpecs } from './host-specs.ts'
import { SiteSpecs } from './site-specs.ts'
import { type Ports, Visitors } from './visitors.ts'

interface Address {
  hostname: string
  port: number
}

interface TlsOptions {
  listen: Address
  certificates: Pick<CertificateFiles, 'read'>
}

export interface BuiltinGatewayOptions {
  /** The data folder; `sites`, `trees`, `grace`, `certificates` and `challenges` in it are read, `builtin` is written. */
  data: string
  listen: Address
  /** Where HTTPS is spoken, and with what; null: nowhere. */
  tls: TlsOptions | null
  /** Whose site a host name (lower case, without port) below `localhost` is; null: nobody's. Others are those of `hosts`. */
  siteOf(hostname: string): { environmentId: string } | null
  log: Log
}

export interface BuiltinGateway {
  gateway: Gateway
  /** For URLs, if they use this gateway. */
  hosts: Hosts
  probe: Probe
  /** Listens from now on; port 0 takes any free one. Throws the system's error when the address can't be had. */
  start(): { port: number }
  /** The same for HTTPS. Only where `tls` is given. */
  startTls(): Promise<{ port: number }>
  /** Ends open answers when `now`, else waits for them. */
  stop(now: boolean): Promise<void>
}

/** The gateway that always runs: serves live trees by their links, through the rules of each site. */
export function builtinGateway(options: BuiltinGatewayOptions): BuiltinGateway {
  const { data, listen, tls, log } = options
  const specs = new SiteSpecs(data)
  const hostSpecs = new HostSpecs(data)
  const client = new HttpClient()
  const ports: Ports = { http: listen.port, https: tls?.listen.port ?? null }
  const visitors = new Visitors({ ...options, specs, hostSpecs, ports: () => ports })
  const places = { listen, tlsListen: tls?.listen ?? null, ports }
  const probe = builtinProbe({ ...places, client, hostSpecs })
  const running: Running = { plain: null, tls: null }
  return {
    gateway: specs,
    hosts: builtinHosts({ ...places, specs: hostSpecs, probe }),
    probe,
    start() {
      running.plain = serve({
        ...WAYS_OF_SERVING,
        ...listen,
        fetch: (request) => visitors.answer(request, { scheme: 'http' }),
        onError: (error) => visitors.failed(error),
      })
      ports.http = running.plain.port
      return { port: ports.http }
    },
    async startTls() {
      if (tls === null) throw new Error('There is no address for HTTPS.')
      const contexts = new CertificateContexts({ data, files: tls.certificates, log })
      running.tls = tlsServer(tls.listen, { visitors, hostSpecs, contexts })
      const { port } = await running.tls.front.listen()
      ports.https = port
      return { port }
    },
    async stop(now) {
      client.close()
      running.tls?.front.close()
      if (now) running.tls?.front.cut()
      await Promise.all([running.plain?.stop(now), running.tls?.inner.stop(now)])
      running.tls?.front.cut()
    },
  }
}

interface SecureServer {
  front: TlsFront
  inner: Server
}

interface Running {
  plain: Server | null
  tls: SecureServer | null
}

const WAYS_OF_SERVING = {
  maxBodyBytes: LIMITS.gateway.requestBodyBytes,
  idleSeconds: LIMITS.gateway.idleSeconds,
}

interface TlsParts {
  visitors: Visitors
  hostSpecs: HostSpecs
  contexts: CertificateContexts
}

/**
 * What is decrypted comes to a server on a port of 127.0.0.1 that answers as the plain one does. Whoever else finds that port
 * has said no name, and is nobody's visitor.
 */
function tlsServer(listen: Address, { visitors, hostSpecs, contexts }: TlsParts): SecureServer {
  const inner = serve({
    ...WAYS_OF_SERVING,
    hostname: '127.0.0.1',
    port: 0,
    http2: true,
    fetch: (request, { port }) => visitors.answer(request, { scheme: 'https', name: front.nameAt(port) }),
    onError: (error) => visitors.failed(error),
  })
  const front = new TlsFront({
    ...listen,
    innerPort: () => inner.port,
    minimumOf: (name) => hostSpecs.tlsOf(name)?.minimum ?? null,
    async contextOf(name) {
      const tls = hostSpecs.tlsOf(name)
      return tls === null ? null : await contexts.of(tls)
    },
    handshakeMs: LIMITS.gateway.handshakeMs,
    idleMs: LIMITS.gateway.idleSeconds * 1000,
    handshakesMost: LIMITS.gateway.handshakesAtOnce,
    connectionsMost: LIMITS.gateway.tlsConnections,
  })
  return { front, inner }
}
