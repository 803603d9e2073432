export const CAUSES = ['upload', 'rollback', 'promotion', 'webhook'] as const
export type Cause = (typeof CAUSES)[number]

/**
 * Does a newer deployment end an older queued one? Yes, except that an upload or webhook never supersedes a
 * rollback or a promotion: somebody chose that one by hand (DESIGN §2).
 */
export const supersedes = (newer: Cause, olderQueued: Cause): boolean =>
  newer === 'rollback' || newer === 'promotion' || olderQueued === 'upload' || olderQueued === 'webhook'
