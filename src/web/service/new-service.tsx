import { Button, Group, Modal } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { useCreateService } from '../data/changes.ts'
import { Icon } from '../icons.tsx'
import { announce } from '../parts/announcer.tsx'
import { isName, NameField } from '../parts/name-field.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { sizeOf } from '../parts/time.tsx'
import { DropZone } from '../upload/drop-zone.tsx'
import { type Dropped, suggestName } from '../upload/dropped.ts'
import { chooseArchive, chooseFolder } from '../upload/file-dialog.ts'
import { uploads } from '../upload/uploads.ts'
import styles from './new-service.module.css'

/** The environment with which every service begins. */
const FIRST_ENVIRONMENT = 'production'

/** From nothing to live in two gestures: drop the site, confirm its name. */
export function NewService({ onCreated }: { onCreated: (service: string, isDeploying: boolean) => void }) {
  const [dropped, setDropped] = useState<Dropped | null>(null)
  const [refusal, setRefusal] = useState('')
  const [name, setName] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const create = useCreateService()
  const take = (taken: Dropped) => {
    setDropped(taken)
    setRefusal('')
    if (name === '') setName(suggestName(taken))
    announce(`${taken.name} is ready. Choose a name.`)
    // The field appears filled in the next frame, ready for Enter.
    requestAnimationFrame(() => field.current?.select())
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isName(name) || create.isPending) return
    create.mutate(name, {
      onSuccess(service) {
        if (dropped) void uploads.start({ service: service.name, environment: FIRST_ENVIRONMENT }, dropped)
        onCreated(service.name, dropped !== null)
      },
    })
  }
  return (
    <form onSubmit={submit} className={styles.form}>
      <DropZone label="Drop the site here" onDropped={take} onRefused={setRefusal} className={styles.zone}>
        {dropped ? <Taken dropped={dropped} /> : <Invitation onChosen={take} />}
      </DropZone>
      {refusal && <p role="alert">{refusal}</p>}
      <NameField label="Name of the service" value={name} onChange={setName} inputRef={field} />
      <ThrownNotice thrown={create.error} />
      <Group justify="flex-end">
        <Button type="submit" size="md" loading={create.isPending} disabled={!isName(name)}>
          {dropped ? 'Create and deploy' : 'Create without a site'}
        </Button>
      </Group>
    </form>
  )
}

function Invitation({ onChosen }: { onChosen: (dropped: Dropped) => void }) {
  return (
    <div className={styles.invitation}>
      <span className={styles.badge}>
        <Icon name="upload" size={26} />
      </span>
      <p className={styles.lead}>Drop a ZIP or a folder with your built site</p>
      <p className={styles.note}>tar, tar.gz and tar.zst are fine too.</p>
      <Group gap="sm" justify="center">
        <Button
          variant="default"
          leftSection={<Icon name="archive" />}
          onClick={() => chooseArchive(onChosen)}
        >
          Choose an archive
        </Button>
        <Button variant="default" leftSection={<Icon name="folder" />} onClick={() => chooseFolder(onChosen)}>
          Choose a folder
        </Button>
      </Group>
    </div>
  )
}

function Taken({ dropped }: { dropped: Dropped }) {
  const facts =
    dropped.kind === 'archive' ? sizeOf(dropped.file.size) : `a folder of ${dropped.files.length} files`
  return (
    <div className={styles.invitation}>
      <span className={styles.badge} data-taken>
        <Icon name="check" size={26} />
      </span>
      <p className={styles.lead}>{dropped.name}</p>
      <p className={styles.note}>
        {facts}, will go live in {FIRST_ENVIRONMENT}
      </p>
    </div>
  )
}

interface NewServiceDialogProps {
  onCreated: (service: string, isDeploying: boolean) => void
  onClose: () => void
}

export function NewServiceDialog({ onCreated, onClose }: NewServiceDialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="New service"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <NewService onCreated={onCreated} />
    </Modal>
  )
}
