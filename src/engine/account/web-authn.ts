/** What registering and using a passkey have in common (WebAuthn level 3). */
import { Fault } from '../../base/fault.ts'
import type { PasskeyRow } from '../../store/account/passkeys.ts'

/** Where the page stands: a passkey is bound to it. */
export interface RelyingParty {
  /** The host name of the page. */
  id: string
  /** Its scheme, host and port. */
  origin: string
}

/** Where passkeys are bound to, by the address of the page; null where browsers know none (WebAuthn §5.1.2, §13.4.9). */
export function partyOf(pageUrl: string): RelyingParty | null {
  const { protocol, hostname, port } = new URL(pageUrl)
  const isHere = hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost'
  // An address is no name that a passkey could be bound to; this machine has one.
  if (isHere) return { id: 'localhost', origin: `${protocol}//localhost${port === '' ? '' : `:${port}`}` }
  const isName = /[a-z]/.test(hostname) && !hostname.startsWith('[')
  return isName && protocol === 'https:' ? { id: hostname, origin: new URL(pageUrl).origin } : null
}

/** Throws `conflict`. */
export function requireParty(party: RelyingParty | null): RelyingParty {
  if (party) return party
  throw new Fault('conflict', 'Passkeys need a page that is reached by HTTPS and a host name.', {
    hint: 'Start Fairlead with --url and the https: address that people use, or open it on this machine.',
  })
}

export interface Asked {
  party: RelyingParty
  /** The secret of the session or browser that is asked. */
  holder: string
}

/** 0.3 s of parsing certificates' grammars: read when the first passkey is used. */
export async function webAuthn() {
  await reflection()
  return await import('@simplewebauthn/server')
}
export async function webAuthnHelpers() {
  await reflection()
  return await import('@simplewebauthn/server/helpers')
}
/** The library asks for it, but in one file with everything else it would come too late. */
const reflection = () => import('reflect-metadata')

export const descriptors = (passkeys: PasskeyRow[]) =>
  passkeys.map(({ credentialId, transports }) => ({ id: credentialId, transports }))

/** What the browser says that it signs. Throws `invalid` when that can't be read, or was signed inside another site's page. */
export async function clientData(clientDataJSON: string): Promise<{ challenge: string }> {
  const { decodeClientDataJSON } = await webAuthnHelpers()
  try {
    const { challenge, crossOrigin } = decodeClientDataJSON(clientDataJSON)
    if (typeof challenge === 'string' && crossOrigin !== true) return { challenge }
  } catch (cause) {
    throw unreadable(cause)
  }
  throw unreadable()
}

const unreadable = (cause?: unknown): Fault =>
  new Fault('invalid', 'What the browser says about the passkey cannot be read.', {
    hint: 'Send the answer of navigator.credentials as it came (toJSON).',
    errors: [{ field: 'response', message: 'cannot be read' }],
    cause,
  })
