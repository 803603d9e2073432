/** Where a redirect URL sends visitors: another host, by a scheme and port of its own or by those they came by. */
import { Fault } from '../base/fault.ts'
import type { Hostname } from './host-site.ts'
import { canonicalHostname } from './hostname.ts'

export interface RedirectTarget {
  scheme: 'http' | 'https' | null
  hostname: Hostname
  port: number | null
}

const TARGET = /^(?:(https?):\/\/)?([^/:?#@\\]+)(?::(\d{1,5}))?\/?$/i

/** Reads `example.com`, `https://example.com` or `http://example.com:8080`. Throws `invalid`. */
export function redirectTarget(text: string): RedirectTarget {
  const [, scheme, name, port] = TARGET.exec(text) ?? []
  if (name === undefined)
    throw wrong(
      'is no host: visitors keep the path and the query that they came with',
      'Such as https://example.com.',
    )
  const { hostname, wildcard } = canonicalHostname(name, 'redirectTo')
  if (wildcard) throw wrong('is a wildcard', 'Name the one host that visitors are sent to.')
  const number = port === undefined ? null : Number(port)
  if (number !== null && (number < 1 || number > 65_535))
    throw wrong('has a port that there is not', 'Ports go from 1 to 65535.')
  return { scheme: schemeOf(scheme), hostname, port: number }
}

/** The one spelling of a target, as it is kept. */
export const redirectText = ({ scheme, hostname, port }: RedirectTarget): string =>
  `${scheme === null ? '' : `${scheme}://`}${hostname}${port === null ? '' : `:${port}`}`

function schemeOf(text: string | undefined): RedirectTarget['scheme'] {
  const lower = text?.toLowerCase()
  return lower === 'http' || lower === 'https' ? lower : null
}

const wrong = (message: string, hint: string): Fault =>
  new Fault('invalid', `The target of the redirect ${message}.`, {
    hint,
    errors: [{ field: 'redirectTo', message }],
  })
