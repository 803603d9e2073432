import { HttpClient } from '../../base/http.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Probe, ProbeRequest } from '../../ports/gateway.ts'
import type { NginxSetup } from './settings.ts'

export interface NginxProbeOptions extends Pick<NginxSetup, 'listen' | 'tlsListen' | 'tls'> {
  /** Whether the site that answers for a name has HTTPS of its own. */
  isSecured: (hostname: string) => boolean
}

type Scheme = NonNullable<ProbeRequest['scheme']>

/** An address of this machine by which a server is reached that listens there; null is all of them. */
export const reachable = ({ address }: NginxSetup['listen'][number]): string =>
  address === null || address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address

/** Asks NGINX where visitors ask: over TLS what has it, with the host name as SNI. */
export function nginxProbe({ listen, tlsListen, tls, isSecured }: NginxProbeOptions): Probe {
  const client = new HttpClient()
  const [http] = listen
  const [https] = tlsListen
  if (http === undefined || https === undefined) throw new Error('Sites have to listen somewhere.')
  const schemeOf = (hostname: string): Scheme => (tls !== null || isSecured(hostname) ? 'https' : 'http')
  const WAYS = { http: { at: http, usual: 80 }, https: { at: https, usual: 443 } }
  const host = (hostname: string, scheme: Scheme) => {
    const { at, usual } = WAYS[scheme]
    return at.port === usual ? hostname : `${hostname}:${at.port}`
  }
  return {
    url: (hostname, scheme = schemeOf(hostname)) => `${scheme}://${host(hostname, scheme)}/`,
    ask({ hostname, path, scheme = schemeOf(hostname), signal }) {
      const { at } = WAYS[scheme]
      return client.request({
        protocol: `${scheme}:`,
        // The peer is this machine: which certificate it shows, now, is what is asked.
        ...(scheme === 'https' && { anyCertificate: true, fresh: true }),
        dial: { address: reachable(at), port: at.port },
        host: host(hostname, scheme),
        path,
        deadlineMs: LIMITS.verify.answerMs,
        maxBodyBytes: LIMITS.verify.fileBytes,
        keptBodyBytes: LIMITS.verify.keptBytes,
        signal,
      })
    },
  }
}
