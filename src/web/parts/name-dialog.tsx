import { Button, Group, Modal, Stack } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { isName, NameField } from './name-field.tsx'
import { ThrownNotice } from './problem-notice.tsx'

interface NameDialogProps {
  title: string
  label: string
  action: string
  initial?: string
  isPending: boolean
  problem: unknown
  onSubmit: (name: string) => void
  onClose: () => void
}

/** Asks for one name: to create or to rename. Mount it to open it. */
export function NameDialog({ title, label, action, initial = '', ...rest }: NameDialogProps) {
  const { isPending, problem, onSubmit, onClose } = rest
  const [name, setName] = useState(initial)
  const isReady = isName(name) && name !== initial
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReady && !isPending) onSubmit(name)
  }
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <NameField label={label} value={name} onChange={setName} />
          <ThrownNotice thrown={problem} />
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isPending} disabled={!isReady}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
