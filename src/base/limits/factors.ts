/** Of what people prove who they are by, beside a password. */
const KIB = 1024

export const factorLimits = {
  /** RFC 6238: a code a step; one step before and after is taken, for clocks that are off. */
  totpStepMs: 30_000,
  totpStepsAside: 1,
  recoveryCodes: 10,
  /** Characters of 5 bits: over 112 bits, so that a plain hash keeps one (ASVS 5.0 §6.5.2). */
  recoveryCodeChars: 24,
  passkeys: 20,
  identities: 20,
  /** To touch an authenticator, or to sign in at an identity provider. */
  challengeMs: 5 * 60_000,
  /** Of each kind, waiting at the same time, over all people. */
  challenges: 10_000,
  /** Wrong codes after which a sign-in that waits for a second factor has to begin anew. */
  tries: 5,
  /** A person without a password has to have signed in so lately to change what he signs in with. */
  freshMs: 10 * 60_000,
  /** What a browser says about a passkey. */
  passkeyBytes: 32 * KIB,
} as const
