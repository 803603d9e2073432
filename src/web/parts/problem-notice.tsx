import type { ReactNode } from 'react'
import type { Problem } from '../../contract/shapes.ts'
import { problemOf } from '../data/api.ts'
import { Notice } from './notice.tsx'
import styles from './parts.module.css'

interface ProblemNoticeProps {
  problem: Problem
  onClose?: (() => void) | undefined
  children?: ReactNode
}

/** What failed, on which thing, and what to do: as text. */
export function ProblemNotice({ problem, onClose, children }: ProblemNoticeProps) {
  // What the sentence says already is not said again.
  const errors = problem.errors.filter(({ message }) => !problem.detail.includes(message))
  return (
    <Notice tone="bad" title={problem.title} isAlert onClose={onClose}>
      <p>{problem.detail}</p>
      {errors.length > 0 && (
        <ul className={styles.noticeErrors} tabIndex={0} aria-label="Details">
          {errors.map((error) => (
            <li key={`${error.field} ${error.message}`}>
              <code>{error.field}</code> {error.message}
            </li>
          ))}
        </ul>
      )}
      {problem.hint && <p>{problem.hint}</p>}
      {problem.code === 'precondition_failed' && <p>What is shown now is the present state; try again.</p>}
      {children}
    </Notice>
  )
}

/** The same for whatever a query or a change threw; nothing when nothing was. */
export function ThrownNotice({ thrown, onClose }: { thrown: unknown; onClose?: () => void }) {
  return thrown === null || thrown === undefined ? null : (
    <ProblemNotice problem={problemOf(thrown)} onClose={onClose} />
  )
}
