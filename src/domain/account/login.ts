/** By which name an account is known: one spelling each, so that nobody looks like somebody else (THREATS J19). */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'

/** RFC 5321 §4.1.2: a dot-string, without quotes and comments. */
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i

/**
 * An e-mail address in its one form, lower case; null for whatever is none. Nothing but case is mended: what looks the
 * same and is not (blanks, Cyrillic, full width, zero width) is no address here.
 */
export function canonicalEmail(text: string): string | null {
  const { chars, localChars, labelChars } = LIMITS.email
  const at = text.lastIndexOf('@')
  if (text.length > chars || at < 1 || at > localChars) return null
  const labels = text.slice(at + 1).split('.')
  const isAddress =
    LOCAL.test(text.slice(0, at)) && labels.every((label) => label.length <= labelChars && LABEL.test(label))
  return isAddress ? text.toLowerCase() : null
}

export const EMAIL_RULE =
  'an e-mail address of ASCII characters, such as ann@example.com, with nothing before or after it'

/** The canonical form. Throws `invalid` at `field`. */
export function requireEmail(text: string, field = 'login'): string {
  const email = canonicalEmail(text)
  if (email !== null) return email
  throw new Fault('invalid', 'The login is no e-mail address.', {
    hint: `It has to be ${EMAIL_RULE}.`,
    errors: [{ field, message: `must be ${EMAIL_RULE}` }],
  })
}

/** Control, format and bidi characters, halves of characters, and what draws nothing; variants of a character may stay. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u2800]|(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/u
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u

export const DISPLAY_NAME_RULE = `1 to ${LIMITS.names.displayChars} characters that can be seen`

/** What people call somebody, in NFC and without blanks around it; null when parts of it can't be seen or it is too long. */
export function canonicalDisplayName(text: string): string | null {
  if (text.length > 8 * LIMITS.names.displayChars) return null // whatever NFC makes of it
  const name = text.normalize('NFC').trim()
  const isName = Array.from(name).length <= LIMITS.names.displayChars && SEEN.test(name) && !UNSEEN.test(name)
  return isName ? name : null
}

/** The canonical form. Throws `invalid` at `field`. */
export function requireDisplayName(text: string, field = 'name'): string {
  const name = canonicalDisplayName(text)
  if (name !== null) return name
  throw new Fault('invalid', 'The name is empty, too long or holds characters that can not be seen.', {
    hint: `It has to be ${DISPLAY_NAME_RULE}.`,
    errors: [{ field, message: `must be ${DISPLAY_NAME_RULE}` }],
  })
}
