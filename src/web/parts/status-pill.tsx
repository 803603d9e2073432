import type { OperationStatus } from '../../domain/operation.ts'
import styles from './parts.module.css'

export type Tone = 'good' | 'busy' | 'bad' | 'odd' | 'calm'

const TONES: Record<OperationStatus, Tone> = {
  queued: 'calm',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  reverted: 'odd',
  cancelled: 'calm',
  superseded: 'calm',
  stuck: 'bad',
}

export function Pill({ tone, title, children }: { tone: Tone; title?: string; children: string }) {
  return (
    <span className={styles.pill} data-tone={tone} title={title}>
      <span className={styles.dot} aria-hidden="true" />
      {children}
    </span>
  )
}

export function StatusPill({ status, isLive }: { status: OperationStatus; isLive?: boolean }) {
  if (isLive) return <Pill tone="good">live</Pill>
  return <Pill tone={status === 'succeeded' ? 'calm' : TONES[status]}>{status}</Pill>
}
