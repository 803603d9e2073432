import { Fault, shown } from '../fault.ts'

const HINT = 'Nothing was changed. Make the archive again from the built site and send it once more.'

/** A refusal that names the entry. `message` goes on after the quoted name: `leads out of the site`. */
export function refuseEntry(name: string, message: string, hint = HINT): Fault {
  return new Fault('archive_refused', `The archive was refused: "${shown(name)}" ${message}.`, {
    hint,
    errors: [{ field: shown(name), message }],
  })
}

/** A refusal because of two entries that can't live side by side. */
export function refusePair(first: string, second: string, message: string): Fault {
  return new Fault(
    'archive_refused',
    `The archive was refused: "${shown(first)}" and "${shown(second)}" ${message}.`,
    { hint: HINT, errors: [first, second].map((name) => ({ field: shown(name), message })) },
  )
}

/** A refusal of several entries for one reason, all of them listed (at most 100). */
export function refuseAll(names: readonly string[], message: string, hint: string): Fault {
  const [first = '', ...others] = names
  const also = others.length > 0 ? ` (and ${others.length} more)` : ''
  return new Fault('archive_refused', `The archive was refused: "${shown(first)}" ${message}${also}.`, {
    hint,
    errors: names.slice(0, 100).map((name) => ({ field: shown(name), message })),
  })
}

/** A refusal of the archive as a whole. `message` is a sentence without its full stop. */
export function refuseArchive(message: string, hint = HINT): Fault {
  return new Fault('archive_refused', `The archive was refused: ${message}.`, {
    hint,
    errors: [{ field: 'archive', message }],
  })
}
