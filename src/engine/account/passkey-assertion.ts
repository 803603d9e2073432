/** Passkeys in use: as a second factor, and as a whole sign-in where the authenticator knows its person. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialRequestOptionsJSON,
  VerifiedAuthenticationResponse,
} from '@simplewebauthn/server'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { PasskeyRow } from '../../store/account/passkeys.ts'
import { answered, ask, type ChallengeKind } from './challenge.ts'
import type { FactorWorld } from './factors.ts'
import { type Asked, clientData, descriptors, webAuthn } from './web-authn.ts'

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
  const { challenge: text } = options
  ask(world, { kind: kindFor(secondFactorOf), text, holder: asked.holder }, { userId: secondFactorOf })
  return options
}

const kindFor = (secondFactorOf: string | null): ChallengeKind =>
  secondFactorOf === null ? 'passkey' : 'second-passkey'

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
  const asked = answered<{ userId: string | null }>(world, {
    kind: kindFor(secondFactorOf),
    text: challenge,
    holder,
  })
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

export const notAccepted = (cause?: unknown): Fault =>
  new Fault('unauthenticated', 'The passkey was not accepted.', {
    hint: 'Try again, or sign in with your password.',
    cause,
  })
