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

/** What answers under a host name. */
export type HostSite =
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
