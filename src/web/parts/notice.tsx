import { CloseButton } from '@mantine/core'
import type { ReactNode } from 'react'
import { Icon } from '../icons.tsx'
import styles from './parts.module.css'

interface NoticeProps {
  tone: 'bad' | 'odd'
  title: string
  /** Read at once by assistive technology. */
  isAlert?: boolean
  onClose?: (() => void) | undefined
  children: ReactNode
}

/** Something that the reader has to know, and what to do about it. */
export function Notice({ tone, title, isAlert = false, onClose, children }: NoticeProps) {
  return (
    <div className={styles.notice} data-tone={tone} role={isAlert ? 'alert' : undefined}>
      <Icon name="alert" />
      <div className={styles.noticeBody}>
        <p className={styles.noticeTitle}>{title}</p>
        {children}
      </div>
      {onClose && <CloseButton aria-label="Dismiss" onClick={onClose} />}
    </div>
  )
}
