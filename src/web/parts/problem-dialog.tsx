import { Modal } from '@mantine/core'
import { problemOf } from '../data/api.ts'
import { ProblemNotice } from './problem-notice.tsx'

/** For changes that have no form to show their problem in. */
export function ProblemDialog({ thrown, onClose }: { thrown: unknown; onClose: () => void }) {
  const isOpen = thrown !== null && thrown !== undefined
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="That did not work"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {isOpen && <ProblemNotice problem={problemOf(thrown)} />}
    </Modal>
  )
}
