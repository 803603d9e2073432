import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Drift } from '../../contract/shapes/drift.ts'
import styles from './drift.module.css'

/** More lines are folded. */
const SHOWN = 12

const SPOKEN = { '-': 'should stand: ', '+': 'stands: ', ' ': '' } as const

/** What should stand and what stands, a line each. Their texts come from outside, and stay text. */
export function Diff({ lines, label }: { lines: Drift['diff']; label: string }) {
  const [isOpen, setOpen] = useState(false)
  if (lines.length === 0) return null
  const shown = isOpen ? lines : lines.slice(0, SHOWN)
  return (
    <div>
      <ul className={styles.diff} aria-label={label}>
        {shown.map(({ sign, text }, index) => (
          <li key={index} data-sign={sign}>
            <span className={styles.sign} aria-hidden="true">
              {sign}
            </span>
            <span className={styles.spoken}>{SPOKEN[sign]}</span>
            <code>{text === '' ? ' ' : text}</code>
          </li>
        ))}
      </ul>
      {lines.length > SHOWN && (
        <Button
          variant="subtle"
          size="compact-sm"
          mt={6}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? 'Show less' : `Show all ${lines.length} lines`}
        </Button>
      )}
    </div>
  )
}
