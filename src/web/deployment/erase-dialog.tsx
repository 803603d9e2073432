import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Deployment } from '../../contract/shapes.ts'
import { useErase } from '../data/changes.ts'
import { announce } from '../parts/announcer.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { go, pathTo } from '../router.tsx'

interface EraseDialogProps {
  what: 'deployment' | 'bundle'
  deployment: Deployment
  onClose: () => void
}

const WORDS = {
  deployment: {
    title: 'Delete from the history',
    text: 'Nobody sees this deployment any more, nor its log, and nothing can be rolled back to it. Its bundle stays.',
    action: 'Delete',
    done: 'The deployment is deleted.',
  },
  bundle: {
    title: 'Erase the bundle',
    text: 'Its bytes go from the disk for good, in all environments of the service: for a secret that got in. Backups made before still hold them, and what was public has to be changed in any case.',
    action: 'Erase for good',
    done: 'The bundle is erased.',
  },
}

/** Takes something out of the history; why is asked for, and stays in the audit. Mount it to open it. */
export function EraseDialog({
  what,
  deployment: { id, service, environment, bundle },
  onClose,
}: EraseDialogProps) {
  const { title, text, action, done } = WORDS[what]
  const [reason, setReason] = useState('')
  const erase = useErase()
  const submit = () => {
    const params = what === 'deployment' ? { id } : { service, digest: bundle ?? '' }
    erase.mutate(
      { params, reason },
      {
        onSuccess() {
          onClose()
          announce(done)
          const isGone = what === 'deployment' && location.pathname === pathTo.deployment(id)
          if (isGone) go(pathTo.environment(service, environment), 'replace')
        },
      },
    )
  }
  return (
    <FormDialog
      title={title}
      action={action}
      isGrave
      isPending={erase.isPending}
      problem={erase.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text size="sm">{text}</Text>
      <TextInput
        label="Why"
        description="It stays in the audit."
        maxLength={500}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
