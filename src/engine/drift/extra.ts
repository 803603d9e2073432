/** Which part of an edited site can be kept: directives of the operator's own, inside the server that answers. */
import { addedDirectives, readsAlike } from '../../domain/nginx/extra.ts'
import type { HostDrift } from '../../ports/hosts.ts'

/** All directives that are to be kept from now on (null: none any more), or why they can't be. */
export type Extra = { extra: string | null } | { why: string }

export function extraOf({ hostname, texts }: HostDrift): Extra {
  if (!texts)
    return {
      why:
        hostname === null
          ? 'It is written anew with each change: put lines of your own into a file beside it.'
          : 'It is written anew with each change, and nothing of yours can be kept in it.',
    }
  const { wrote, stands, kept } = texts
  if (kept !== null) {
    // What was kept may be changed and taken out again.
    if (readsAlike(kept.plain, stands)) return { extra: null }
    const all = addedDirectives(kept.plain, stands)
    if ('added' in all && !readsAlike(wrote, stands)) return { extra: all.added }
  }
  const more = addedDirectives(wrote, stands)
  return 'why' in more ? more : { extra: `${kept?.extra ?? ''}${more.added}` }
}
