/** The closed list of what can go wrong. The contract maps each code to an HTTP status and the CLI to an exit code. */
export const FAULT_CODES = [
  'malformed', // the request can't be read: broken JSON, a bad header, an impossible framing
  'invalid', // readable, but a field is wrong or unknown
  'archive_refused', // the archive breaks a rule; the first violation refuses it whole
  'digest_mismatch', // the bytes that came are not the bytes that were announced
  'unauthenticated', // nobody has said who asks, or not in a way that holds
  'forbidden', // a cross-site or otherwise disallowed request
  'misdirected', // a Host that this server doesn't answer for
  'not_found',
  'method_not_allowed',
  'conflict', // the state of the thing forbids it now
  'precondition_failed', // If-Match names an older revision
  'range_not_satisfiable', // Range names bytes that there are not
  'cancelled',
  'superseded',
  'too_large',
  'unsupported_media_type',
  'too_slow', // a body that does not arrive
  'too_many_requests',
  'deployment_failed', // the old deployment is untouched
  'deployment_reverted', // the switch was made, found wrong and put back
  'operation_failed', // what it had changed is put back
  'operation_stuck', // an undo failed: wants a person
  'standing_by', // restored from a backup and not yet taken over
  'busy', // the database or a slot is held by somebody else
  'disk_full',
  'unavailable', // shutting down, or a part of the outside world doesn't answer
  'broken_data', // the data folder can't be used as it is
  'usage', // the command line can't be understood
  'internal', // a programmer's mistake
] as const

export type FaultCode = (typeof FAULT_CODES)[number]

export interface FieldError {
  /** The field (`settings.retain`), header or archive entry that is wrong, escaped and cut for showing. */
  field: string
  message: string
}

export interface FaultDetails {
  /** What the reader can do about it. */
  hint?: string
  errors?: FieldError[]
  /** For the log only, never for an answer. */
  cause?: unknown
  /** Extra members of the problem document, such as the deployment of a refused upload. */
  extra?: Record<string, unknown>
}

/** The one error class. `message` says what failed and on which thing, in one sentence. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly hint: string | undefined
  readonly errors: FieldError[]
  readonly extra: Record<string, unknown>

  constructor(code: FaultCode, message: string, details: FaultDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.errors = details.errors ?? []
    this.extra = details.extra ?? {}
  }
}

/** Any thrown value as a Fault: a Fault as it is, a full disk by its name, everything else as `internal`. */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const errno = errnoOf(thrown)
  if (errno === 'ENOSPC' || errno === 'EDQUOT')
    return new Fault('disk_full', 'The disk that holds the data folder is full.', {
      hint: 'Free some space or raise the quota, then try again; nothing was changed.',
      cause: thrown,
    })
  if (errno === 'EMFILE' || errno === 'ENFILE')
    return new Fault('unavailable', 'The process has no file descriptor left.', {
      hint: 'Raise the limit of open files (ulimit -n, LimitNOFILE=) and try again.',
      cause: thrown,
    })
  return new Fault('internal', 'Something went wrong inside Fairlead.', {
    hint: 'The log of the server has the details.',
    cause: thrown,
  })
}

/** `ENOENT` and the like of a failed system call, else undefined. */
export function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined
}

/** A user's text made safe to show: control, bidi and invisible characters escaped, cut at `max` characters. */
export function shown(text: string, max = 200): string {
  // No more than what can be shown is looked at; escaping makes nothing shorter.
  const escaped = text
    .slice(0, max + 1)
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
      (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    )
  return escaped.length <= max ? escaped : `${escaped.slice(0, max - 1)}…`
}
