import { HttpClient, type HttpRequest } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Probe } from '../../ports/gateway.ts'
import type { NginxSetup } from './settings.ts'

type Listening = Pick<NginxSetup, 'listen' | 'tls'>

/** An address of this machine by which a server is reached that listens there; null is all of them. */
export const reachable = ({ address }: NginxSetup['listen'][number]): string =>
  address === null || address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address

/** Asks NGINX where visitors ask: over TLS when sites have it, with the host name as SNI. */
export function nginxProbe({ listen, tls }: Listening): Probe {
  const client = new HttpClient()
  const [first] = tls?.listen ?? listen
  if (first === undefined) throw new Error('Sites have to listen somewhere.')
  const usual = tls === null ? 80 : 443
  const host = (hostname: string) => (first.port === usual ? hostname : `${hostname}:${first.port}`)
  // The certificate is the operator's, and the peer is this machine: what is asked for is what it says.
  const way: Pick<HttpRequest, 'protocol' | 'anyCertificate'> =
    tls === null ? { protocol: 'http:' } : { protocol: 'https:', anyCertificate: true }
  return {
    url: (hostname) => `${way.protocol}//${host(hostname)}/`,
    ask: ({ hostname, path, signal }) =>
      client.request({
        ...way,
        dial: { address: reachable(first), port: first.port },
        host: host(hostname),
        path,
        deadlineMs: LIMITS.verify.answerMs,
        maxBodyBytes: LIMITS.verify.fileBytes,
        keptBodyBytes: LIMITS.verify.keptBytes,
        signal,
      }),
  }
}
