/** Names that are not answered over HTTPS, though a wildcard above them is. */
import type { Hostname } from '../host-site.ts'

/** Of `a.b.c` those that it lies below: `*.b.c` and `*.c`, the longest first. Of a wildcard likewise. */
export function wildcardsAbove(hostname: Hostname): Hostname[] {
  const labels = hostname.replace(/^\*\./, '').split('.')
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)
}

/** Those that NGINX would answer by the site of such a wildcard, unless it is told not to. `has`: HTTPS, or null for no site. */
export const refusedNames = (has: ReadonlyMap<Hostname, boolean | null>): Hostname[] =>
  [...has]
    .filter(
      ([name, isSecured]) => isSecured === false && wildcardsAbove(name).some((above) => has.get(above)),
    )
    .map(([name]) => name)
    .toSorted()
