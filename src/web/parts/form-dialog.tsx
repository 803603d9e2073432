import { Button, Group, Modal, Stack } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { ThrownNotice } from './problem-notice.tsx'

interface FormDialogProps {
  title: string
  action: string
  /** Red, for what can't be taken back. */
  isGrave?: boolean
  isPending: boolean
  problem: unknown
  onSubmit: () => void
  onClose: () => void
  children: ReactNode
}

/** A form in a dialog. Mount it to open it. */
export function FormDialog({ title, action, isGrave = false, children, ...rest }: FormDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!rest.isPending) rest.onSubmit()
  }
  return (
    <Modal opened onClose={rest.onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {children}
          <ThrownNotice thrown={rest.problem} />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={rest.onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={rest.isPending} {...(isGrave && { color: 'red.9' })}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
