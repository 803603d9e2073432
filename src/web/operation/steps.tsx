import type { Step } from '../../contract/shapes.ts'
import { Icon, type IconName } from '../icons.tsx'
import { durationOf } from '../parts/time.tsx'
import styles from './steps.module.css'

const ICONS: Record<Step['status'], IconName | null> = {
  pending: null,
  running: null,
  done: 'check',
  failed: 'cross',
  undone: 'rollback',
}

/** The steps of an operation in their order, each with its state and how long it took. */
export function Steps({ steps }: { steps: Step[] }) {
  if (steps.length === 0) return <p className={styles.none}>No step was begun.</p>
  return (
    <ol className={styles.steps}>
      {steps.map((step) => (
        <li key={step.name} className={styles.step} data-status={step.status}>
          <Sign status={step.status} />
          <span>{step.name}</span>
          <span className={styles.state}>
            {step.startedAt && step.finishedAt && step.status === 'done'
              ? durationOf(step.startedAt, step.finishedAt)
              : step.status}
          </span>
        </li>
      ))}
    </ol>
  )
}

function Sign({ status }: { status: Step['status'] }) {
  const icon = ICONS[status]
  return (
    <span className={styles.sign} aria-hidden="true">
      {icon && <Icon name={icon} size={14} />}
    </span>
  )
}
