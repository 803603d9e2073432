import type { Cause } from '../../domain/deployment.ts'

/** For deployments without a message. */
export const CAUSE_WORDS: Record<Cause, string> = {
  upload: 'Uploaded',
  rollback: 'Rolled back',
  promotion: 'Promoted',
  webhook: 'Deployed by a webhook',
  adoption: 'Taken over from the disk',
}
