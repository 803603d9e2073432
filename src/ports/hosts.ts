import type { Hostname, HostSite } from '../domain/host-site.ts'
import type { DiffLine } from '../domain/line-diff.ts'
import type { Probe } from './gateway.ts'
import type { Resource } from './resource.ts'

/** Something about the outside that keeps URLs from working, or will, with its remedy. */
export interface Finding {
  /** `problem`: a URL can't be attached before it is mended. */
  level: 'problem' | 'warning'
  /** What is wrong, in one sentence. */
  message: string
  /** What to do about it, with the exact line to add where there is one. */
  remedy: string
}

/** A file of a gateway's for one host name: what was written there, and what stands. */
export interface WrittenFile {
  file: string
  /** What the site that was put comes to. Null: none was put, or nobody knows any more which. */
  wrote: string | null
  /** Null: nothing. */
  stands: string | null
  /** Whether somebody has changed it by hand; what only a later version would write otherwise is not. */
  isByHand: boolean
  /** Symlinks by which it counts: each has to lead to `file`. */
  links: WrittenLink[]
}

export interface WrittenLink {
  path: string
  /** Where it leads; null: there is no link. */
  target: string | null
  /** Something else than a link stands there. */
  isTaken: boolean
}

/** A file or a link of somebody else's, and where it is kept when its sites are ours. */
export interface MovedFile {
  path: string
  to: string
}

/** Names that files of somebody else's answer for until now. */
export interface TakeOverWish {
  /** As the gateway's configuration names them. */
  files: string[]
  hostnames: Hostname[]
  /** Whether servers for names that nobody has may go with them. */
  withCatchAll: boolean
}

/**
 * The gateway that URLs use, by host name. `put` and `drop` resolve when the running gateway answers accordingly; on any
 * failure what stood there before answers still, and the Fault says whose mistake it is. Calls that come together share
 * one reload. What somebody has changed by hand is never overwritten or taken away by them: `conflict`, with the file.
 */
export interface Hosts extends Resource<Hostname, HostSite> {
  /**
   * `put`, or for null `drop`, over whatever stands there: changed by hand, led elsewhere, or in a link's place. Without a
   * host name: what all sites share.
   */
  restore(hostname: Hostname | null, site: HostSite | null, signal: AbortSignal): Promise<void>
  /** Its files, to be compared; none for a host name that was never put. Without a host name: what all sites share. */
  written(hostname: Hostname | null, signal: AbortSignal): Promise<WrittenFile[]>
  /**
   * What would have to be moved to take sites over. Throws `conflict` when the files answer for other names too, hold what
   * others need, or when there are no such files; and for a gateway that knows none.
   */
  planTakeOver(wish: TakeOverWish, signal: AbortSignal): Promise<MovedFile[]>
  /** Sites are put, and files moved, in one change; on any failure both are as before. Twice is once. */
  takeOver(
    sites: { hostname: Hostname; site: HostSite }[],
    files: MovedFile[],
    signal: AbortSignal,
  ): Promise<void>
  /** The other way round: the sites go and the files come back. */
  giveBack(hostnames: Hostname[], files: MovedFile[], signal: AbortSignal): Promise<void>
  /** Every host name that has a site of ours, whole or half. */
  list(signal: AbortSignal): Promise<Hostname[]>
  /** What stands in the way of one more site; with a link, also whether the gateway can read that tree. */
  check(signal: AbortSignal): Promise<Finding[]>
  /** What besides keeps names from answering over HTTPS. */
  checkHttps(signal: AbortSignal): Promise<Finding[]>
  /** Resolves with true when nobody answers by an older configuration any more; with false when somebody still does after `ms`. */
  settled(ms: number, signal: AbortSignal): Promise<boolean>
  /**
   * What is not as it was written, whoever did it: files and links of these host names, sites of ours under other names,
   * and servers of others under these. For each minute: only what changed since the last look is read.
   */
  drift(asked: AskedDrift, signal: AbortSignal): Promise<HostDrift[]>
  /** Asks through the public path: the gateway's listen address with the real Host. */
  probe: Probe
}

export interface AskedDrift {
  /** All that have a site, or are to get one. */
  hostnames: readonly Hostname[]
  /** What is to answer there; null: nothing. */
  wanted: (hostname: Hostname) => Promise<HostSite | null>
}

export interface EditedTexts {
  wrote: string
  stands: string
  /** The directives that are kept by now, and what would have been written without them; null: none. */
  kept: { extra: string; plain: string } | null
}

export interface HostDrift {
  kind: 'site-text' | 'site-missing' | 'site-link' | 'site-stray' | 'site-foreign'
  /** Null: what all sites share, or nobody can tell. */
  hostname: Hostname | null
  /** The file or link. */
  path: string
  diff: DiffLine[]
  /** SHA-256 of the text that stands, of which the diff may show a part only. */
  sha256?: string
  /** Of a text in which directives of the operator's own can be kept. */
  texts?: EditedTexts
}
