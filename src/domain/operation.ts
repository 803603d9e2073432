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
] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]

export const STEP_STATUSES = ['pending', 'running', 'done', 'failed', 'undone'] as const
export type StepStatus = (typeof STEP_STATUSES)[number]

/** Who did it. Until accounts exist everybody on this machine is `local`. */
export interface Actor {
  kind: 'local' | 'system'
  name: string
}
export const LOCAL_ACTOR: Actor = { kind: 'local', name: 'local' }
export const SYSTEM_ACTOR: Actor = { kind: 'system', name: 'fairlead' }
