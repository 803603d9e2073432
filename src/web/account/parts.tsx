/** What the views of accounts have in common. */
import { Button, Group, Modal } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { CopyButton } from '../parts/copy-button.tsx'
import styles from './account.module.css'

interface SectionProps {
  title: string
  text?: ReactNode
  action?: ReactNode
  children: ReactNode
}

export function Section({ title, text, action, children }: SectionProps) {
  const id = useId()
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.sectionHead}>
        <h2 id={id}>{title}</h2>
        {action}
        {text && <p>{text}</p>}
      </div>
      {children}
    </section>
  )
}

interface OnceProps {
  title: string
  text: ReactNode
  secret: string
  onClose: () => void
}

/** A link or key that is told this once. It closes by its button alone, so that a slip does not lose it. */
export function Once({ title, text, secret, onClose }: OnceProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <div className={styles.once}>
        <p>{text}</p>
        <p className={styles.secret}>{secret}</p>
        <Group justify="flex-end" gap="sm">
          <CopyButton text={secret} />
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </div>
    </Modal>
  )
}
