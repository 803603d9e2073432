import type { Environment } from '../../contract/shapes.ts'
import { useDeleteEnvironment, useUpdateEnvironment } from '../data/changes.ts'
import { DeleteDialog } from '../parts/delete-dialog.tsx'
import { NameDialog } from '../parts/name-dialog.tsx'
import { EnvironmentSettingsDialog } from './environment-settings.tsx'

export type EnvironmentDialog = 'rename' | 'settings' | 'delete'

interface EnvironmentDialogsProps {
  environment: Environment
  dialog: EnvironmentDialog | null
  onClose: () => void
  /** For the view of the environment itself, whose address changes. */
  onRenamed?: (name: string) => void
  onDeleted?: () => void
}

export function EnvironmentDialogs({ dialog, ...rest }: EnvironmentDialogsProps) {
  if (dialog === 'rename') return <Rename {...rest} />
  if (dialog === 'delete') return <Delete {...rest} />
  if (dialog === 'settings')
    return <EnvironmentSettingsDialog environment={rest.environment} onClose={rest.onClose} />
  return null
}

type DialogProps = Omit<EnvironmentDialogsProps, 'dialog'>

function Rename({ environment, onClose, onRenamed }: DialogProps) {
  const rename = useUpdateEnvironment(environment)
  const submit = (name: string) =>
    rename.mutate(
      { name },
      {
        onSuccess() {
          onClose()
          onRenamed?.(name)
        },
      },
    )
  return (
    <NameDialog
      title={`Rename ${environment.name}`}
      label="New name"
      action="Rename"
      initial={environment.name}
      isPending={rename.isPending}
      problem={rename.error}
      onSubmit={submit}
      onClose={onClose}
    />
  )
}

function Delete({ environment, onClose, onDeleted }: DialogProps) {
  const remove = useDeleteEnvironment(environment)
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess() {
        onClose()
        onDeleted?.()
      },
    })
  return (
    <DeleteDialog
      title={`Delete ${environment.name}`}
      name={environment.name}
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      Its visitors will no longer be answered. The uploaded bundles and the history stay.
    </DeleteDialog>
  )
}
