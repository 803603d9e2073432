/** What a new password has to be (NIST SP 800-63B §3.1.1.2, OWASP ASVS 5.0 §6.2): long and not guessable, nothing more. */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'

/** Whose password it will be, and which ones everybody uses. */
export interface PasswordContext {
  login: string
  name: string
  isCommon(password: string): boolean
}

const { chars, bytes, ownChars } = LIMITS.password

/** Why nobody should use this password, as a sentence that begins after "The password"; null: nothing speaks against it. */
export function passwordRefusal(password: string, context: PasswordContext): string | null {
  if (password.length > 4 * bytes) return TOO_LONG // whatever NFC makes of it
  if (!password.isWellFormed() || /\p{Cc}/u.test(password)) return 'must not hold control characters'
  const whole = password.normalize('NFC')
  if (Array.from(whole).length < chars) return `must have at least ${chars} characters`
  if (new TextEncoder().encode(whole).length > bytes) return TOO_LONG
  if (context.isCommon(whole)) return 'is one that many people use, so it is tried first'
  if (isMadeOfNames(whole, context))
    return `must have at least ${ownChars} characters besides the login, the name and the word fairlead`
  return null
}

const TOO_LONG = `must have at most ${bytes} bytes; letters beyond a to z count 2 to 4`

/** Throws `invalid` with the reason at `field`. */
export function requireNewPassword(password: string, context: PasswordContext, field = 'password'): void {
  const refusal = passwordRefusal(password, context)
  if (refusal !== null)
    throw new Fault('invalid', `The password ${refusal}.`, {
      hint: 'Choose another one; four or five words in a row are good and easy to keep.',
      errors: [{ field, message: refusal }],
    })
}

/** Shorter ones are part of too many words. */
const NAME_CHARS = 3

function isMadeOfNames(password: string, { login, name }: Pick<PasswordContext, 'login' | 'name'>): boolean {
  const all = joined(password)
  const parts = [login, name, ...wordsOf(login), ...wordsOf(name), 'fairlead'].map(joined)
  let rest = all
  for (const part of parts.toSorted((a, b) => b.length - a.length))
    if (part.length >= NAME_CHARS) rest = rest.replaceAll(part, '')
  return rest.length < all.length && Array.from(rest).length < ownChars
}

const wordsOf = (text: string): string[] => text.split(/[^\p{L}\p{N}]+/u)

/** Without case, width and what stands between words. */
const joined = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s._@-]+/gu, '')
