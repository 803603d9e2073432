import type { Fault, FaultCode } from '../base/fault.ts'
import type { Problem } from './shapes.ts'

interface Kind {
  status: number
  title: string
}

/** The one table from fault codes to HTTP. */
export const PROBLEMS: Record<FaultCode, Kind> = {
  malformed: { status: 400, title: 'The request cannot be read' },
  usage: { status: 400, title: 'The command line cannot be understood' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  too_slow: { status: 408, title: 'The request took too long' },
  conflict: { status: 409, title: 'Conflict' },
  cancelled: { status: 409, title: 'Cancelled' },
  superseded: { status: 409, title: 'Superseded by a newer deployment' },
  precondition_failed: { status: 412, title: 'Changed by somebody else' },
  too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  range_not_satisfiable: { status: 416, title: 'No such bytes' },
  misdirected: { status: 421, title: 'Misdirected request' },
  invalid: { status: 422, title: 'Invalid input' },
  archive_refused: { status: 422, title: 'The archive was refused' },
  digest_mismatch: { status: 422, title: 'The bytes are not the announced ones' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  deployment_failed: { status: 502, title: 'The deployment failed' },
  deployment_reverted: { status: 502, title: 'The deployment was reverted' },
  operation_failed: { status: 502, title: 'The operation failed' },
  operation_stuck: { status: 502, title: 'The operation is stuck' },
  busy: { status: 503, title: 'Busy' },
  unavailable: { status: 503, title: 'Unavailable' },
  standing_by: { status: 503, title: 'Standing by' },
  broken_data: { status: 503, title: 'The data folder cannot be used' },
  disk_full: { status: 507, title: 'Disk full' },
}

/** A Fault as the problem document of RFC 9457. Causes stay in the log. */
export function problemOf(fault: Fault): Problem {
  const kind = PROBLEMS[fault.code]
  return {
    type: `/docs/problems#${fault.code}`,
    title: kind.title,
    status: kind.status,
    code: fault.code,
    detail: fault.message,
    hint: fault.hint ?? null,
    errors: fault.errors,
    ...fault.extra,
  }
}
