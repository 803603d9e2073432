/** What URLs can be, and what can be said of them. */

/** `self` puts Fairlead's own page and API behind a name; it belongs to the instance and to no environment. */
export const URL_KINDS = ['site', 'redirect', 'self'] as const
export type UrlKind = (typeof URL_KINDS)[number]

export const URL_STATES = ['attaching', 'attached', 'detaching'] as const
export type UrlState = (typeof URL_STATES)[number]

/** Who makes the records: the provider that holds the zone, a person, or nobody since the name resolves already. */
export const DNS_MODES = ['auto', 'manual', 'none'] as const
export type DnsMode = (typeof DNS_MODES)[number]

export const DNS_STATES = ['none', 'by-hand', 'pending', 'answered'] as const
export type DnsState = (typeof DNS_STATES)[number]

/** `empty`: it answers, neutrally, since nothing is deployed there. */
export const SITE_STATES = ['pending', 'empty', 'up'] as const
export type SiteState = (typeof SITE_STATES)[number]

/** Which gateway answers under URLs; the builtin one always runs for `<environment>.<service>.localhost`. */
export const GATEWAY_KINDS = ['builtin', 'nginx'] as const
export type GatewayKind = (typeof GATEWAY_KINDS)[number]
