/** The passkeys that people keep with us (WebAuthn level 3). */
import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { requireDisplayName } from '../../domain/account/login.ts'
import type { PasskeyRow } from '../../store/account/passkeys.ts'
import { answered, ask } from './challenge.ts'
import {
  dropNeedlessCodes,
  type FactorChange,
  type FactorWorld,
  noteChange,
  type Person,
  requireWayIn,
} from './factors.ts'
import { firstRecoveryCodes } from './recovery-codes.ts'
import { type Asked, clientData, descriptors, webAuthn, webAuthnHelpers } from './web-authn.ts'

/** EdDSA, ES256, RS256: what every authenticator has, and every runtime can check. */
const ALGORITHMS = [-8, -7, -257]

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
    supportedAlgorithmIDs: ALGORITHMS,
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
  { party, holder, response, ...wished }: NewPasskeyAnswer,
): Promise<{ passkey: PasskeyRow; recoveryCodes: string[] | null }> {
  const { store, clock } = world
  const { user } = change
  const name = requireDisplayName(wished.name)
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
    supportedAlgorithmIDs: ALGORITHMS,
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

/** Throws `not_found`, `invalid`. */
export function renamePasskey(
  { store, clock }: FactorWorld,
  { user, actor }: Pick<FactorChange, 'user' | 'actor'>,
  { id, name: wished }: { id: string; name: string },
): PasskeyRow {
  const name = requireDisplayName(wished)
  return store.tx(() => {
    const passkey = requirePasskey({ store }, user, id)
    if (name === passkey.name) return passkey
    store.passkeys.rename(id, name)
    const data = { user: user.id, login: user.login, passkey: id, before: passkey.name, after: name }
    store.events.append({ at: clock.now(), kind: 'passkey.renamed', actor, data })
    return { ...passkey, name }
  })
}

/** Throws `not_found`, and `conflict` for the last way in. */
export function removePasskey(world: FactorWorld, change: FactorChange, id: string): PasskeyRow {
  const { store } = world
  return store.tx(() => {
    const passkey = requirePasskey(world, change.user, id)
    store.passkeys.remove(passkey.id)
    requireWayIn(store, change.user.id)
    dropNeedlessCodes(store, change.user.id)
    noteChange(world, change, { kind: 'passkey.removed', before: { id, name: passkey.name } })
    return passkey
  })
}

/** Throws `not_found`. */
function requirePasskey({ store }: Pick<FactorWorld, 'store'>, user: Person, id: string): PasskeyRow {
  const passkey = store.passkeys.find(user.id, id)
  if (!passkey)
    throw new Fault('not_found', 'You have no such passkey.', {
      hint: 'List your passkeys to see their ids.',
    })
  return passkey
}
