import type { Hsts } from '../host-site.ts'

/** The value of `Strict-Transport-Security` (RFC 6797 §6.1), which counts over HTTPS only. */
export const hstsText = ({ maxAgeSeconds, includeSubDomains, preload }: Hsts): string =>
  [
    `max-age=${maxAgeSeconds}`,
    ...(includeSubDomains ? ['includeSubDomains'] : []),
    ...(preload ? ['preload'] : []),
  ].join('; ')
