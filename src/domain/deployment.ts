import type { Actor } from './operation.ts'

export const CAUSES = ['upload', 'rollback', 'promotion', 'webhook', 'adoption'] as const
export type Cause = (typeof CAUSES)[number]

export const APPROVAL_STATES = ['pending', 'approved'] as const

/** What a protected environment asks for before a deployment may begin: the consent of a second person. */
export interface Approval {
  state: (typeof APPROVAL_STATES)[number]
  /** Who approved it, and when (ms); null while it is pending. */
  by: Actor | null
  at: number | null
}

/** A rollback brings back what was live here before: in an emergency it waits for nobody. */
export const needsApproval = (environment: { approval: boolean }, cause: Cause): boolean =>
  environment.approval && cause !== 'rollback'

/** Whether both are one person: an API key acts for its owner. */
export const isSamePerson = (one: Actor, other: Actor): boolean =>
  one.userId === undefined && other.userId === undefined
    ? one.kind === other.kind && one.name === other.name
    : one.userId === other.userId

/** A deployment that has not begun. */
export interface Waiting {
  cause: Cause
  /** Whether somebody has to approve it first. */
  isPending: boolean
}

/**
 * Does a newer deployment end an older queued one? Yes, except that an upload or webhook never supersedes a
 * rollback, a promotion or an adoption: somebody chose that one by hand (DESIGN §2). What waits for an approval ends no other that
 * may begin, for it may never get it; and whatever may begin ends all that still wait for one, so that deployments go
 * live in the order of their numbers.
 */
export function supersedes(newer: Waiting, older: Waiting): boolean {
  if (newer.isPending !== older.isPending) return older.isPending
  const isChosen = newer.cause !== 'upload' && newer.cause !== 'webhook'
  return isChosen || older.cause === 'upload' || older.cause === 'webhook'
}
