/** Passkeys (WebAuthn level 3): as a second factor, and as a whole sign-in where the authenticator knows its person. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
  VerifiedAuthenticationResponse,
} from '@simplewebauthn/server'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { PasskeyRow } from '../../store/account/passkeys.ts'
import { answered, ask } from './challenge.ts'
import { dropNeedlessCodes, type FactorChange, type FactorWorld, noteChange, type Person } from './factors.ts'
import { firstRecoveryCodes } from './recovery-codes.ts'

/** Where the page stands: a passkey is bound to it. */
export interface RelyingParty {
  /** The host name of the page. */
  id: string
  /** Its scheme, host and port. */
  origin: string
}

export interface Asked {
  party: RelyingParty
  /** The secret of the session or browser that is asked. */
  holder: string
}

/** 0.3 s of parsing certificates' grammars: read when the first passkey is used. */
const webAuthn = () => import('@simplewebauthn/server')
const webAuthnHelpers = () => import('@simplewebauthn/server/helpers')

const descriptors = (passkeys: PasskeyRow[]) =>
  passkeys.map(({ credentialId, transports }) => ({ id: credentialId, transports }))

/** What the browser is asked to make. Throws `conflict` when the user has too many. */
export async function askForPasskey(
  world: FactorWorld,
  user: Person & { name: string },
  asked: Asked,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const existing = world.store.passkeys.of(user.id)
  requireRoom(existing)
  const { generateRegistrationOptions } = await webAuthn()
  const options = await generateRegistrationOptions({
    rpName: 'Fairlead',
    rpID: asked.party.id,
    userID: Buffer.from(user.id),
    userName: user.login,
    userDisplayName: user.name,
    timeout: LIMITS.factors.challengeMs,
    attestationType: 'none',
    excludeCredentials: descriptors(existing),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  })
  ask(
    world,
    { kind: 'passkey-registration', text: options.challenge, holder: asked.holder },
    { userId: user.id },
  )
  return options
}

function requireRoom(existing: PasskeyRow[]): void {
  if (existing.length < LIMITS.factors.passkeys) return
  throw new Fault('conflict', `You have ${existing.length} passkeys, and more are not kept.`, {
    hint: 'Remove one that you no longer use.',
  })
}

export interface NewPasskeyAnswer extends Asked {
  name: string
  response: RegistrationResponseJSON
}

/**
 * Keeps a passkey that the browser has made. Answers the recovery codes too if these are the user's first. Throws
 * `invalid` for an answer that does not hold, `conflict`.
 */
export async function addPasskey(
  world: FactorWorld,
  change: FactorChange,
  { party, holder, name, response }: NewPasskeyAnswer,
): Promise<{ passkey: PasskeyRow; recoveryCodes: string[] | null }> {
  const { store, clock } = world
  const { user } = change
  const { challenge } = await clientData(response.response.clientDataJSON)
  const asked = answered<{ userId: string }>(world, { kind: 'passkey-registration', text: challenge, holder })
  if (asked?.userId !== user.id) throw notRegistered('Nobody has asked for it, or too long ago.')
  await requireSelfMade(response)
  const { verifyRegistrationResponse } = await webAuthn()
  const { registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: false,
  }).catch((cause: unknown) => {
    throw notRegistered('The answer of the browser does not hold.', cause)
  })
  if (!registrationInfo) throw notRegistered('The answer of the browser is not signed rightly.')
  const { credential, credentialBackedUp } = registrationInfo
  return store.tx(() => {
    requireRoom(store.passkeys.of(user.id))
    const passkey = store.passkeys.add({
      userId: user.id,
      name,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      transports: credential.transports ?? [],
      backedUp: credentialBackedUp,
      createdAt: clock.now(),
    })
    const recoveryCodes = firstRecoveryCodes(store, user.id)
    noteChange(world, change, { kind: 'passkey.added', after: { id: passkey.id, name } })
    return { passkey, recoveryCodes }
  })
}

/**
 * We ask for no attestation, so none is judged: its certificates name addresses of revocation lists, and the library
 * would ask those for whoever sends such a certificate (W16).
 */
async function requireSelfMade(response: RegistrationResponseJSON): Promise<void> {
  const { decodeAttestationObject, isoBase64URL } = await webAuthnHelpers()
  const hasCertificate = (() => {
    try {
      const attestation = decodeAttestationObject(isoBase64URL.toBuffer(response.response.attestationObject))
      const format = attestation.get('fmt')
      return !(
        format === 'none' ||
        (format === 'packed' && attestation.get('attStmt').get('x5c') === undefined)
      )
    } catch (cause) {
      throw notRegistered('The answer of the browser cannot be read.', cause)
    }
  })()
  if (hasCertificate) throw notRegistered('The authenticator sends a certificate that nobody asked for.')
}

const notRegistered = (why: string, cause?: unknown): Fault =>
  new Fault('invalid', `The passkey was not registered. ${why}`, {
    hint: 'Begin anew, and finish within five minutes in the same tab.',
    errors: [{ field: 'response', message: 'does not hold' }],
    cause,
  })

/**
 * What the browser is asked to sign: of one user any of his passkeys, as a second factor; of nobody in particular one
 * that knows its person and has checked that it is him, as a whole sign-in.
 */
export async function askForAssertion(
  world: FactorWorld,
  asked: Asked,
  secondFactorOf: string | null,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await webAuthn()
  const options = await generateAuthenticationOptions({
    rpID: asked.party.id,
    timeout: LIMITS.factors.challengeMs,
    ...(secondFactorOf === null
      ? { userVerification: 'required' }
      : {
          userVerification: 'discouraged',
          allowCredentials: descriptors(world.store.passkeys.of(secondFactorOf)),
        }),
  })
  ask(world, { kind: 'passkey', text: options.challenge, holder: asked.holder }, { userId: secondFactorOf })
  return options
}

/**
 * The passkey that has answered, and with it the user. As a second factor it has to be one of that user; as a whole
 * sign-in it has to have verified its person. Throws `unauthenticated`, in the same words whatever is wrong.
 */
export async function usePasskey(
  world: FactorWorld,
  { party, holder, response }: Asked & { response: AuthenticationResponseJSON },
  secondFactorOf: string | null,
): Promise<PasskeyRow> {
  const { store, clock } = world
  const { challenge } = await clientData(response.response.clientDataJSON)
  const asked = answered<{ userId: string | null }>(world, { kind: 'passkey', text: challenge, holder })
  const passkey = store.passkeys.byCredential(response.id)
  if (!asked || asked.userId !== secondFactorOf || !passkey) throw notAccepted()
  if (secondFactorOf !== null && passkey.userId !== secondFactorOf) throw notAccepted()
  requireOwner(response, passkey, secondFactorOf !== null)
  const { verifyAuthenticationResponse } = await webAuthn()
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response,
    expectedChallenge: challenge,
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: secondFactorOf === null,
    credential: {
      id: passkey.credentialId,
      publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
      counter: passkey.counter,
      transports: passkey.transports,
    },
  }).catch((cause: unknown): VerifiedAuthenticationResponse => {
    throw notAccepted(cause)
  })
  if (!verified) throw notAccepted()
  const { newCounter: counter, credentialBackedUp: backedUp } = authenticationInfo
  // Asked again: while the signature was checked it may have been removed, or have signed something else.
  return store.tx(() => {
    if (store.passkeys.byCredential(response.id)?.counter !== passkey.counter) throw notAccepted()
    store.passkeys.used(passkey.id, { counter, backedUp, now: clock.now() })
    return passkey
  })
}

/** WebAuthn §7.2 step 6: the authenticator says whose it is; it may be silent when we have said so before. */
function requireOwner(response: AuthenticationResponseJSON, passkey: PasskeyRow, isKnown: boolean): void {
  const { userHandle } = response.response
  if (isKnown && !userHandle) return
  if (Buffer.from(userHandle ?? '', 'base64url').toString() !== passkey.userId) throw notAccepted()
}

const notAccepted = (cause?: unknown): Fault =>
  new Fault('unauthenticated', 'The passkey was not accepted.', {
    hint: 'Try again, or sign in with your password.',
    cause,
  })

/** What the browser says that it signs. Throws `invalid` when that can't be read, or was signed inside another site's page. */
async function clientData(clientDataJSON: string): Promise<{ challenge: string }> {
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

/** Throws `not_found`. */
export function removePasskey(world: FactorWorld, change: FactorChange, id: string): void {
  const { store } = world
  store.tx(() => {
    const passkey = requirePasskey(world, change.user, id)
    store.passkeys.remove(passkey.id)
    dropNeedlessCodes(store, change.user.id)
    noteChange(world, change, { kind: 'passkey.removed', before: { id, name: passkey.name } })
  })
}

/** Throws `not_found`. */
export function requirePasskey({ store }: Pick<FactorWorld, 'store'>, user: Person, id: string): PasskeyRow {
  const passkey = store.passkeys.find(user.id, id)
  if (!passkey)
    throw new Fault('not_found', 'You have no such passkey.', {
      hint: 'List your passkeys to see their ids.',
    })
  return passkey
}
