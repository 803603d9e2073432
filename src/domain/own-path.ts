/** Where a person is led after signing in: a path of this very page, and of nobody else's (THREATS X06). */
import { LIMITS } from '../base/limits.ts'

const NOWHERE = 'http://own-path.invalid'

/** The path as a browser would open it, or `/` for whatever could lead away from here. */
export function ownPath(text: string | null | undefined): string {
  if (!text || text.length > LIMITS.identityProvider.nextChars) return '/'
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text) || !URL.canParse(text, NOWHERE)) return '/'
  const { origin, pathname, search, hash } = new URL(text, NOWHERE)
  // `/.//evil.test` has become `//evil.test` by now.
  return origin === NOWHERE && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/'
}
