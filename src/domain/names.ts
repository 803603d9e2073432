/** Names of services and environments: they become labels of host names (DESIGN §5). */
export const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/

export const NAME_RULE = '1 to 40 characters of a-z, 0-9 and "-", beginning and ending with a letter or digit'

/** The host name under which the builtin gateway always answers for an environment. */
export const builtinHostname = (service: string, environment: string): string =>
  `${environment}.${service}.localhost`

/** The inverse of `builtinHostname`; null for any other host name. */
export function parseBuiltinHostname(hostname: string): { service: string; environment: string } | null {
  const labels = hostname.split('.')
  const [environment, service, top] = labels
  if (labels.length !== 3 || top !== 'localhost' || !environment || !service) return null
  return NAME_PATTERN.test(environment) && NAME_PATTERN.test(service) ? { service, environment } : null
}
