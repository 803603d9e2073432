import type { HttpClient } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Probe, ProbeRequest } from '../../ports/gateway.ts'
import type { HostSpecs } from './host-specs.ts'
import { type Ports, withPort } from './visitors.ts'

interface BuiltinProbeOptions {
  client: HttpClient
  listen: { hostname: string }
  tlsListen: { hostname: string } | null
  ports: Ports
  hostSpecs: HostSpecs
}

type Scheme = NonNullable<ProbeRequest['scheme']>

/** Asks where visitors ask: by HTTPS what has it, with the host name as SNI. */
export function builtinProbe({ client, listen, tlsListen, ports, hostSpecs }: BuiltinProbeOptions): Probe {
  const schemeOf = (hostname: string): Scheme =>
    ports.https !== null && hostSpecs.tlsOf(hostname) !== null ? 'https' : 'http'
  const host = (hostname: string, scheme: Scheme) =>
    scheme === 'http' ? withPort(hostname, ports.http, 80) : withPort(hostname, ports.https ?? 443, 443)
  return {
    url: (hostname, scheme = schemeOf(hostname)) => `${scheme}://${host(hostname, scheme)}/`,
    ask({ hostname, path, scheme = schemeOf(hostname), signal }) {
      const isPlain = scheme === 'http'
      const address = reachable((isPlain ? listen : (tlsListen ?? listen)).hostname)
      return client.request({
        protocol: `${scheme}:`,
        dial: { address, port: isPlain ? ports.http : (ports.https ?? 443) },
        host: host(hostname, scheme),
        // The peer is this machine: which certificate it shows, now, is what is asked.
        ...(!isPlain && { anyCertificate: true, fresh: true }),
        path,
        deadlineMs: LIMITS.verify.answerMs,
        maxBodyBytes: LIMITS.verify.fileBytes,
        keptBodyBytes: LIMITS.verify.keptBytes,
        signal,
      })
    },
  }
}

/** An address of this machine to reach a server that listens on all of them. */
const reachable = (hostname: string): string =>
  hostname === '0.0.0.0' ? '127.0.0.1' : hostname === '::' ? '::1' : hostname
