import type { TreeKey } from '../domain/bundle.ts'
import type { LinkName, Site } from '../domain/host-site.ts'
import type { Resource } from './resource.ts'

export type { LinkName, Site } from '../domain/host-site.ts'

export interface Links extends Resource<LinkName, TreeKey> {
  /** What somebody may have put there instead: where a link leads (as it is written), or what it is in words. Null: nothing. */
  stands(name: LinkName): Promise<{ leadsTo: string; text?: never } | { leadsTo: null; text: string } | null>
}

/** The site of an environment, by the environment's id. */
export type Gateway = Resource<string, Site>

export interface ProbeRequest {
  hostname: string
  /** Path and query, percent-encoded. */
  path: string
  /** Absent: the one that `url` gives this host name. */
  scheme?: 'http' | 'https'
  signal: AbortSignal
}

export interface ProbeAnswer {
  status: number
  headers: Record<string, string>
  /** The first 64 KiB at least. */
  body: Uint8Array
  /** Size and SHA-256 (hex) of the whole body. */
  size: number
  sha256: string
  /** SHA-256 (hex) of the certificate that was served, over HTTPS. */
  certificateSha256?: string
}

/** Asks the public path: the gateway's listen address with the real Host, never public DNS. */
export interface Probe {
  ask(request: ProbeRequest): Promise<ProbeAnswer>
  /** How visitors write the address of a host name, such as `http://production.web.localhost:4780/`. */
  url(hostname: string, scheme?: 'http' | 'https'): string
}

/** Fingerprinted files of retired trees, as hard links below DATA/grace/<environment id>. */
export interface Grace {
  /** Links these paths of a tree into the environment's folder. Existing ones are replaced. */
  add(environmentId: string, tree: TreeKey, paths: string[]): Promise<void>
  /** Durable when it resolves. Absent is fine. */
  remove(environmentId: string, paths: string[]): Promise<void>
  drop(environmentId: string): Promise<void>
}
