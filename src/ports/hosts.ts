import type { Hostname, HostSite } from '../domain/host-site.ts'
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

/**
 * The gateway that URLs use, by host name. `put` and `drop` resolve when the running gateway answers accordingly; on any
 * failure what stood there before answers still, and the Fault says whose mistake it is. Calls that come together share
 * one reload.
 */
export interface Hosts extends Resource<Hostname, HostSite> {
  /** Every host name that has a site of ours, whole or half. */
  list(signal: AbortSignal): Promise<Hostname[]>
  /** What stands in the way of one more site; with a link, also whether the gateway can read that tree. */
  check(signal: AbortSignal): Promise<Finding[]>
  /** Resolves with true when nobody answers by an older configuration any more; with false when somebody still does after `ms`. */
  settled(ms: number, signal: AbortSignal): Promise<boolean>
  /** Asks through the public path: the gateway's listen address with the real Host. */
  probe: Probe
}
