/** What is taken over together. */
import type { HtmlHandling, NotFoundHandling } from '../../environment.ts'
import type { Hsts, RedirectStatus } from '../../host-site.ts'
import type { Obstacle } from './obstacle.ts'

/** How a name answers over HTTPS. */
export interface ImportedHttps {
  certificate: string
  certificateKey: string
  /** Whether plain HTTP leads there. */
  redirect: boolean
  hsts: Hsts | null
}

export interface ImportedSite {
  /** What the service is to be called. */
  service: string
  root: string
  htmlHandling: HtmlHandling
  notFoundHandling: NotFoundHandling
  /** What `_headers` and `_redirects` are to say if the folder has none. */
  headersText: string | null
  redirectsText: string | null
}

export interface ImportedName {
  hostname: string
  kind: 'site' | 'redirect'
  /** Of a redirect: as a URL says it. */
  redirectTo: string | null
  redirectStatus: RedirectStatus | null
  https: ImportedHttps | null
  /** The name of the service that it belongs to. */
  service: string
}

/** Files that can only be taken over together, since they share host names. */
export interface ImportUnit {
  /** As http { } takes them in. */
  files: string[]
  /** Whether each of the files holds nothing but servers, and can go without NGINX missing it. */
  isWhole: boolean
  /** All that its servers claim, understood or not. */
  hostnames: string[]
  sites: ImportedSite[]
  names: ImportedName[]
  /** Whether servers for names that nobody has are among them. */
  hasCatchAll: boolean
  notes: string[]
  obstacles: Obstacle[]
}

export interface ImportPlan {
  units: ImportUnit[]
  /** Files without a server that has a name. */
  leftAlone: string[]
  unread: string[]
}
