import type { ServingRules } from './serving/rules.ts'

/** Canonical name of a host: A-labels in lower case, no trailing dot; a wildcard begins with `*.`. */
export type Hostname = string

/** `<environment id>-<rules>`: a relative symlink in DATA/sites to the live tree. */
export type LinkName = string

/** What a gateway knows of a site. The tree is not part of it: the link says which one is live. */
export interface Site {
  link: LinkName
  rules: ServingRules
  /** The environment whose DATA/grace folder may answer for assets that the live tree lacks. */
  graceFolder: string | null
}

export const REDIRECT_STATUSES = [301, 302, 307, 308] as const
export type RedirectStatus = (typeof REDIRECT_STATUSES)[number]

export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
export type TlsVersion = (typeof TLS_VERSIONS)[number]

/** `Strict-Transport-Security` (RFC 6797 §6.1). */
export interface Hsts {
  maxAgeSeconds: number
  includeSubDomains: boolean
  preload: boolean
}

/** How HTTPS answers under a host name. */
export interface HostTls {
  /** The id of a certificate: its key and chain are the file of that name in DATA/certificates. */
  certificate: string
  /** Whether plain HTTP leads here, but for what certificates are asked for by. */
  redirect: boolean
  hsts: Hsts | null
  /** The oldest version that is spoken. */
  minimum: TlsVersion
}

/** What of a host name does not depend on what answers there. */
export interface HostWays {
  /** Absent: plain HTTP alone, or the certificate of the gateway's own settings. */
  tls?: HostTls
  /** NGINX directives of the operator's own, inside the server that answers; other gateways have none. */
  extra?: string
}

/** What answers under a host name. */
export type HostSite = HostWays & HostKind

export type HostKind =
  /** An environment's site; null while nothing is deployed there: a neutral 404, and the marker. */
  | { kind: 'site'; environmentId: string; site: Site | null }
  /**
   * Sends visitors to the same path and query at another host. `scheme` null: the one they came by. `port` null: the
   * gateway's own port for that scheme.
   */
  | {
      kind: 'redirect'
      to: { scheme: 'http' | 'https' | null; hostname: Hostname; port: number | null }
      status: RedirectStatus
    }
  /** Fairlead's own page and API, which listen at an IP address of this machine. */
  | { kind: 'self'; upstream: { hostname: string; port: number } }
