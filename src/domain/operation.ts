export const STATUSES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'reverted',
  'cancelled',
  'superseded',
  'stuck',
] as const
export type OperationStatus = (typeof STATUSES)[number]

export const isEnded = (status: OperationStatus): boolean => status !== 'queued' && status !== 'running'

export const OPERATION_KINDS = [
  'deployment',
  'settings-change',
  'site-repair',
  'environment-deletion',
  'service-deletion',
  'url-attach',
  'url-detach',
  'drift-revert',
  'drift-adopt',
  'url-change',
  'certificate-renewal',
  'url-take-over',
] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]

const OF_URLS: readonly OperationKind[] = [
  'url-attach',
  'url-detach',
  'url-change',
  'certificate-renewal',
  'url-take-over',
]

export const isOfUrl = (kind: OperationKind): boolean => OF_URLS.includes(kind)

export const STEP_STATUSES = ['pending', 'running', 'done', 'failed', 'undone'] as const
export type StepStatus = (typeof STEP_STATUSES)[number]

/** Who did it: an account, or one of its API keys. `local` is whoever uses this machine while there is no account yet. */
export interface Actor {
  kind: 'local' | 'system' | 'user' | 'key'
  /** The login of the account. */
  name: string
  userId?: string
  keyId?: string
  /** Where the request came from; for the audit. */
  address?: string
}
export const LOCAL_ACTOR: Actor = { kind: 'local', name: 'local' }
export const SYSTEM_ACTOR: Actor = { kind: 'system', name: 'fairlead' }

/** Who somebody is, whatever key or address he uses. */
export const actorKey = (actor: Actor): string => `${actor.kind}:${actor.keyId ?? actor.userId ?? actor.name}`
