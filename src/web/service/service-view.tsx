import { Button, Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { Service } from '../../contract/shapes.ts'
import { useCreateEnvironment, useDeleteService, useRenameService } from '../data/changes.ts'
import { useService } from '../data/queries.ts'
import { useMayIn } from '../data/session.ts'
import { EnvironmentMenu } from '../environment/environment-menu.tsx'
import { EnvironmentRow } from '../environment/environment-row.tsx'
import { Icon } from '../icons.tsx'
import { DeleteDialog } from '../parts/delete-dialog.tsx'
import { NameDialog } from '../parts/name-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Trail } from '../parts/trail.tsx'
import { go, pathTo, useTitle } from '../router.tsx'
import styles from './service.module.css'

type Dialog = 'add' | 'rename' | 'delete'

/** One service: its environments can be added, ordered, changed and deleted here. */
export function ServiceView({ name }: { name: string }) {
  const heading = useTitle(name)
  const service = useService(name)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const may = useMayIn(service.data)
  const isFixed = !service.data || service.data.deleting
  return (
    <>
      <Trail ways={[{ text: 'Services', href: pathTo.services() }]} />
      <div className={styles.title}>
        <h1 ref={heading} tabIndex={-1}>
          {name}
        </h1>
        <div className={styles.buttons}>
          {may('services:update') && (
            <Button variant="default" disabled={!service.data} onClick={() => setDialog('rename')}>
              Rename
            </Button>
          )}
          {may('services:delete') && (
            <Button variant="default" disabled={isFixed} onClick={() => setDialog('delete')}>
              Delete
            </Button>
          )}
          {may('environments:create') && (
            <Button leftSection={<Icon name="plus" />} disabled={isFixed} onClick={() => setDialog('add')}>
              Add environment
            </Button>
          )}
        </div>
      </div>
      {!service.data && <ThrownNotice thrown={service.error} />}
      {!service.data && !service.error && <Skeleton height={154} radius={12} />}
      {service.data && <Environments service={service.data} />}
      {service.data && <Dialogs service={service.data} dialog={dialog} onClose={() => setDialog(null)} />}
    </>
  )
}

function Environments({ service }: { service: Service }) {
  return (
    <section className={`${styles.card} ${styles.flush}`} aria-label="Environments">
      {service.environments.map((environment, index) => (
        <EnvironmentRow key={environment.id} service={service} environment={environment}>
          <EnvironmentMenu
            service={service}
            environment={environment}
            canMoveUp={index > 0}
            canMoveDown={index < service.environments.length - 1}
            index={index}
          />
        </EnvironmentRow>
      ))}
      {service.environments.length === 0 && (
        <p className={styles.none}>No environment is left. Add one, and drop a site on it.</p>
      )}
    </section>
  )
}

interface DialogsProps {
  service: Service
  dialog: Dialog | null
  onClose: () => void
}

function Dialogs({ service, dialog, onClose }: DialogsProps) {
  if (dialog === 'add') return <AddEnvironment service={service} onClose={onClose} />
  if (dialog === 'rename') return <RenameService service={service} onClose={onClose} />
  if (dialog === 'delete') return <DeleteService service={service} onClose={onClose} />
  return null
}

type DialogProps = Omit<DialogsProps, 'dialog'>

function AddEnvironment({ service, onClose }: DialogProps) {
  const create = useCreateEnvironment(service)
  return (
    <NameDialog
      title={`Add an environment to ${service.name}`}
      label="Name, such as staging"
      action="Add"
      isPending={create.isPending}
      problem={create.error}
      onSubmit={(name) => create.mutate(name, { onSuccess: onClose })}
      onClose={onClose}
    />
  )
}

function RenameService({ service, onClose }: DialogProps) {
  const rename = useRenameService(service)
  const submit = (name: string) =>
    rename.mutate(name, {
      onSuccess(renamed) {
        onClose()
        go(pathTo.service(renamed.name), 'replace')
      },
    })
  return (
    <NameDialog
      title={`Rename ${service.name}`}
      label="New name"
      action="Rename"
      initial={service.name}
      isPending={rename.isPending}
      problem={rename.error}
      onSubmit={submit}
      onClose={onClose}
    />
  )
}

function DeleteService({ service, onClose }: DialogProps) {
  const remove = useDeleteService(service)
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess() {
        onClose()
        go(pathTo.services())
      },
    })
  return (
    <DeleteDialog
      title={`Delete ${service.name}`}
      name={service.name}
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      Visitors of all its environments will no longer be answered. The uploaded bundles and the history stay.
    </DeleteDialog>
  )
}
