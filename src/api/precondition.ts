/** If-Match: nobody overwrites what somebody else changed meanwhile (RFC 9110 §13.1.1). */
import { Fault } from '../base/fault.ts'
import { etagOf } from './reply.ts'

const ETAG = /^(W\/)?"([\x21\x23-\x7e]*)"$/

/**
 * Throws `precondition_failed` with the current representation when the request was made for another one. Of things
 * with a revision only that is compared: it counts settings, and a deployment meanwhile changes none. Without If-Match
 * anything goes. Call it with what is true now, and change it before the next await.
 */
export function requireMatch(request: Request, current: object): void {
  const header = request.headers.get('if-match')
  if (header === null || header.trim() === '*') return
  const given = header.split(',').map((one) => parsed(one.trim()))
  if (given.includes(currentTag(current))) return
  throw new Fault('precondition_failed', 'It was changed meanwhile; nothing was overwritten.', {
    hint: 'Look at the current state, then make the change again if it is still wanted.',
    extra: { current },
  })
}

/** Null for a weak one: If-Match wants the strong comparison. */
function parsed(etag: string): string | null {
  const match = ETAG.exec(etag)
  if (!match)
    throw new Fault('malformed', 'The header If-Match is no list of ETags.', {
      hint: 'Send the ETag of the last answer as it came, with its quotes.',
    })
  const [, weak, tag = ''] = match
  if (weak) return null
  return /^\d{1,15}-[0-9a-f]{16}$/.test(tag) ? tag.slice(0, tag.indexOf('-')) : tag
}

function currentTag(current: object): string {
  if ('revision' in current) return String(current.revision)
  return etagOf(JSON.stringify(current)).slice(1, -1)
}
