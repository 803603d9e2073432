/** The program with a builtin gateway that speaks TLS, a real CA that looks at it, and a certificate that somebody brings. */
import { Pebble } from '../acme/pebble.ts'
import { AUTHORITY, type Made, OpenSsl, type Wanted } from '../x509/openssl.ts'
import { type Claimed, startClaimed } from './claimed.ts'
import { homePage, tarOf } from './site.ts'

export const NEEDED = ['chromium', 'pebble', 'pebble-challtestsrv', 'openssl'] as const

export interface Secure extends Claimed {
  ca: Pebble
  /** A certificate with its chain, signed by a CA of ours. */
  made(wanted: Wanted): Made
  selfSigned(): Made
  authorityOf(subject: string): Made
  end(): Promise<void>
}

export async function startSecure(): Promise<Secure> {
  const server = await startClaimed({ hasTls: true })
  const ca = await Pebble.start({ httpPort: server.ports.sites })
  const openssl = new OpenSsl()
  const authorityOf = (subject: string) => openssl.make({ subject, names: '', extensions: AUTHORITY })
  const authority = authorityOf('/CN=Harbour CA')
  await server.asOwner('POST', '/services', { json: { name: 'web' } })
  await server.asOwner('POST', '/services/web/environments/production/deployments?wait=true', {
    body: new Blob([tarOf(homePage('the site of web'))]),
    headers: { 'content-type': 'application/x-tar' },
  })
  return {
    ...server,
    ca,
    authorityOf,
    made(wanted) {
      const by = wanted.by ?? authority
      const { key, certificate } = openssl.make({ ...wanted, by })
      return { key, certificate: certificate + by.certificate }
    },
    selfSigned: () => openssl.make(),
    async end() {
      await server.remove()
      await ca.end()
      openssl.end()
    },
  }
}
