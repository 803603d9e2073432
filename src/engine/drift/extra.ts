/** Which part of an edited site can be kept: directives of the operator's own, inside the server that answers. */
import { addedDirectives } from '../../domain/nginx/extra.ts'
import type { HostDrift } from '../../ports/hosts.ts'

/** What was added to the directives that are kept already, or why it can't be kept. */
export type Extra = { extra: string } | { why: string }

export function extraOf({ hostname, texts }: HostDrift): Extra {
  if (texts) {
    const added = addedDirectives(texts.wrote, texts.stands)
    return 'why' in added ? added : { extra: added.added }
  }
  return {
    why:
      hostname === null
        ? 'It is written anew with each change: put lines of your own into a file beside it.'
        : 'It is written anew with each change, and nothing of yours can be kept in it.',
  }
}
