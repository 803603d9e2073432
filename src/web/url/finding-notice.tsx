import type { Finding } from '../../contract/shapes/finding.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Notice } from '../parts/notice.tsx'
import styles from './finding-notice.module.css'

/** What the gateway lacks, with the exact remedy. */
export function FindingNotice({ finding: { level, message, remedy } }: { finding: Finding }) {
  return (
    <Notice
      tone={level === 'problem' ? 'bad' : 'odd'}
      title={level === 'problem' ? 'The gateway is not ready' : 'Good to know'}
    >
      <p>{message}</p>
      <div className={styles.remedy}>
        <p>{remedy}</p>
        <CopyButton text={remedy} label="the remedy" size="compact-sm" />
      </div>
    </Notice>
  )
}
