/** What stands before the page: signing in, and the links that lead to an account. */
import type { ReactNode } from 'react'
import { Mark } from '../icons.tsx'
import { useTitle } from '../router.tsx'
import styles from './door.module.css'

interface DoorProps {
  title: string
  intro?: ReactNode
  /** Why somebody stands here again. */
  note?: string | null
  children: ReactNode
}

export function Door({ title, intro, note, children }: DoorProps) {
  const heading = useTitle(title)
  return (
    <div className={styles.door}>
      <div className={styles.mark}>
        <Mark size={44} />
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {intro && <p>{intro}</p>}
      </div>
      {note && (
        <p className={styles.note} role="status">
          {note}
        </p>
      )}
      <div className={styles.panel}>{children}</div>
    </div>
  )
}
