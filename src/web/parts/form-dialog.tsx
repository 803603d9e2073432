import { Button, Group, Modal, Stack } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import styles from './parts.module.css'
import { ThrownNotice } from './problem-notice.tsx'

interface FormDialogProps {
  title: string
  action: string
  /** Red, for what can't be taken back. */
  isGrave?: boolean
  /** False: there is nothing to submit yet. */
  isReady?: boolean
  size?: 'md' | 'lg'
  isPending: boolean
  problem: unknown
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}

/** A form in a dialog. Mount it to open it. */
export function FormDialog({
  title,
  action,
  size = 'md',
  isGrave = false,
  children,
  ...rest
}: FormDialogProps) {
  const isReady = rest.isReady ?? true
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!rest.isPending && isReady) rest.onSubmit()
  }
  return (
    <Modal
      opened
      onClose={rest.onClose}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          {children}
          <ThrownNotice thrown={rest.problem} />
          <Group justify="flex-end" gap="sm" wrap="wrap-reverse" className={styles.foot}>
            <Button variant="default" onClick={rest.onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={rest.isPending}
              disabled={!isReady}
              {...(isGrave && { color: 'red.9' })}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
