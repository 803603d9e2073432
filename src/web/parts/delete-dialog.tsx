import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { ThrownNotice } from './problem-notice.tsx'

interface DeleteDialogProps {
  title: string
  /** What has to be typed. */
  name: string
  isPending: boolean
  problem: unknown
  onConfirm: () => void
  onClose: () => void
  /** What will be gone, and what stays. */
  children: ReactNode
}

/** A deletion is confirmed by typing the name. Mount it to open it. */
export function DeleteDialog({ title, name, children, ...rest }: DeleteDialogProps) {
  const { isPending, problem, onConfirm, onClose } = rest
  const [typed, setTyped] = useState('')
  const confirm = (event: FormEvent) => {
    event.preventDefault()
    if (typed === name && !isPending) onConfirm()
  }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={confirm}>
        <Stack gap="md">
          <Text size="sm">{children}</Text>
          <TextInput
            label={`Type ${name} to confirm`}
            value={typed}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <ThrownNotice thrown={problem} />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" loading={isPending} disabled={typed !== name}>
              Delete
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
