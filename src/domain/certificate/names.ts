import type { Hostname } from '../host-site.ts'

/**
 * Whether a name of a certificate is one of this host (RFC 9525 §6.3): equal, or a wildcard for exactly its first label. A
 * host that is a wildcard itself is covered by the very same wildcard alone.
 */
export function covers(name: string, hostname: Hostname): boolean {
  if (name === hostname) return true
  if (!name.startsWith('*.') || hostname.startsWith('*.')) return false
  const dot = hostname.indexOf('.')
  return dot > 0 && hostname.slice(dot) === name.slice(1)
}

/** Whether two lists hold the same names, in whatever order. */
export function sameNames(one: readonly string[], other: readonly string[]): boolean {
  const [first, second] = [new Set(one), new Set(other)]
  return first.size === second.size && first.isSubsetOf(second)
}
