/** Passkeys in this browser. */
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/browser'
import type { z } from 'zod'
import { ApiProblem } from '../../contract/client.ts'
import type { CreationOptions, RequestOptions } from '../../contract/shapes/passkeys.ts'

/** Not without HTTPS, save at localhost. */
export const knowsPasskeys = (): boolean => isSecureContext && 'PublicKeyCredential' in globalThis

export async function makePasskey(
  options: z.infer<typeof CreationOptions>,
): Promise<RegistrationResponseJSON> {
  const { startRegistration } = await import('@simplewebauthn/browser')
  const optionsJSON = options as PublicKeyCredentialCreationOptionsJSON // the same JSON; the words are narrower there
  return startRegistration({ optionsJSON }).catch(explain)
}

export async function askPasskey(
  options: z.infer<typeof RequestOptions>,
): Promise<AuthenticationResponseJSON> {
  const { startAuthentication } = await import('@simplewebauthn/browser')
  const optionsJSON = options as PublicKeyCredentialRequestOptionsJSON // ditto
  return startAuthentication({ optionsJSON }).catch(explain)
}

function explain(thrown: unknown): never {
  const name = thrown instanceof Error ? thrown.name : ''
  const [detail, hint] = WORDS[name] ?? [
    thrown instanceof Error ? thrown.message : String(thrown),
    'Try again, or sign in in another way.',
  ]
  throw new ApiProblem({
    type: 'about:blank',
    title: 'No passkey',
    status: 0,
    code: 'invalid',
    detail,
    hint,
    errors: [],
  })
}

/** By the names of WebAuthn's errors. */
const WORDS: Record<string, [detail: string, hint: string]> = {
  NotAllowedError: [
    'No passkey was given: it was cancelled, took too long, or there is none here.',
    'Try again.',
  ],
  InvalidStateError: ['This device has a passkey of this account already.', 'Sign in with it.'],
  SecurityError: [
    'This address can have no passkeys.',
    'They need a name: open the page as http://localhost, or by the name behind HTTPS that --url tells.',
  ],
}
