/** How a host name answers over HTTPS. */
import { certificatePath } from '../host-files.ts'
import type { HostSite, TlsVersion } from '../host-site.ts'
import { HSTS } from '../proxy-site.ts'
import { hstsText } from '../serving/hsts.ts'
import { type Argument, type Directive, directive } from './config.ts'
import { when } from './flow.ts'
import { type NginxPlace, requireFile } from './place.ts'
import { v } from './variables.ts'

/** What a host name has over HTTPS, whoever said so. */
export interface Secured {
  certificate: string
  certificateKey: string
  /** Plain HTTP only leads there. */
  redirect: boolean
  /** The value of `Strict-Transport-Security`. */
  hsts: string | null
  minimum: TlsVersion
}

/** Its own way, else that of the certificate for all; null: plain HTTP alone. */
export function securedOf({ tls, kind }: HostSite, place: NginxPlace): Secured | null {
  if (tls) {
    const file = certificateFile(place.data, tls.certificate)
    return { ...tls, certificate: file, certificateKey: file, hsts: tls.hsts && hstsText(tls.hsts) }
  }
  if (place.tls === null) return null
  return { ...place.tls, redirect: true, hsts: kind === 'self' ? HSTS : null, minimum: 'TLSv1.2' }
}

/** Key and chain in one file: NGINX looks for either by its own marks (PEM_read_bio). */
function certificateFile(data: string, id: string): string {
  if (!/^[a-z0-9-]+$/.test(id)) throw new Error(`${JSON.stringify(id)} is no id of a certificate`)
  return certificatePath(data, id)
}

const CIPHERS = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'DHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-CHACHA20-POLY1305',
]

/**
 * OpenSSL settles the version by the `ssl_protocols` of the default server, before NGINX learns which host is meant; the
 * ciphers are those of the host. Nobody has a key for this one of TLS 1.2, so that a client without 1.3 ends at "no shared
 * cipher" in the handshake. Those of 1.3 are told by no `ssl_ciphers`.
 */
const NO_CIPHER = 'PSK-AES128-GCM-SHA256'

/** Mozilla's intermediate profile 5.7; with a minimum of TLS 1.3 its modern one. */
export const tlsProfile = (minimum: TlsVersion): Directive[] => [
  directive('ssl_protocols', ...(minimum === 'TLSv1.3' ? [minimum] : ['TLSv1.2', 'TLSv1.3'])),
  directive('ssl_ciphers', minimum === 'TLSv1.3' ? NO_CIPHER : CIPHERS.join(':')),
  directive('ssl_ecdh_curve', 'auto'),
  directive('ssl_prefer_server_ciphers', 'off'),
  directive('ssl_session_timeout', '1d'),
  directive('ssl_session_cache', 'shared:fairlead:10m'),
  directive('ssl_session_tickets', 'off'),
  directive('ssl_early_data', 'off'),
  directive('ssl_stapling', 'off'),
  directive('ssl_verify_client', 'off'),
]

export const certificateOf = ({ certificate, certificateKey }: Secured): Directive[] => [
  directive('ssl_certificate', requireFile(certificate)),
  directive('ssl_certificate_key', requireFile(certificateKey)),
]

/** The header, where a server has one. NGINX inherits no header to a block that adds one itself. */
export const hstsHeader = (value: Argument | null): Directive[] =>
  value === null ? [] : [directive('add_header', 'Strict-Transport-Security', value, 'always')]

/** One connection is for one name, whatever its certificate is good for (RFC 9110 §7.4, THREATS N12). */
export const requireOwnName = (): Directive => when([v('crossed')], directive('return', MISDIRECTED))

export const MISDIRECTED = '421'
