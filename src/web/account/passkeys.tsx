import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Passkey } from '../../contract/shapes/passkeys.ts'
import { usePasskeys } from '../data/account.ts'
import { api } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { Icon } from '../icons.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { TimeAgo } from '../parts/time.tsx'
import styles from './account.module.css'
import { Section } from './parts.tsx'
import { knowsPasskeys, makePasskey } from './passkey.ts'
import { ProofField, proofOf } from './proof-field.tsx'

type Dialog = { kind: 'add' } | { kind: 'rename' | 'remove'; passkey: Passkey }

interface PasskeysProps {
  hasPassword: boolean
  onCodes: (codes: string[] | null) => void
}

/** Keys in a phone, a laptop or a password manager: they sign in by a touch, and can't be phished. */
export function Passkeys({ hasPassword, onCodes }: PasskeysProps) {
  const passkeys = usePasskeys()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => setDialog(null)
  const added = (codes: string[] | null) => {
    close()
    onCodes(codes)
  }
  return (
    <Section
      title="Passkeys"
      text={
        knowsPasskeys()
          ? 'In a phone, a laptop or a password manager: a touch signs in, and no false page can ask for it.'
          : 'They work behind HTTPS, or at localhost; this page is reached in another way.'
      }
      action={
        knowsPasskeys() && (
          <Button
            size="sm"
            leftSection={<Icon name="plus" size={16} />}
            onClick={() => setDialog({ kind: 'add' })}
          >
            Add a passkey
          </Button>
        )
      }
    >
      <ThrownNotice thrown={passkeys.error} />
      <ul className={styles.rows}>
        {passkeys.data?.map((passkey) => (
          <PasskeyRow key={passkey.id} passkey={passkey} onDialog={(kind) => setDialog({ kind, passkey })} />
        ))}
      </ul>
      {dialog?.kind === 'add' && <AddDialog hasPassword={hasPassword} onAdded={added} onClose={close} />}
      {dialog?.kind === 'rename' && <RenameDialog passkey={dialog.passkey} onClose={close} />}
      {dialog?.kind === 'remove' && (
        <RemoveDialog passkey={dialog.passkey} hasPassword={hasPassword} onClose={close} />
      )}
    </Section>
  )
}

interface PasskeyRowProps {
  passkey: Passkey
  onDialog: (kind: 'rename' | 'remove') => void
}

function PasskeyRow({ passkey: { name, backedUp, createdAt, lastUsedAt }, onDialog }: PasskeyRowProps) {
  return (
    <li className={styles.row}>
      <div className={styles.main}>
        <span className={styles.name}>{name}</span>
        <p className={styles.more}>
          {backedUp ? 'Kept in a cloud or password manager' : 'On one device only'} · added{' '}
          <TimeAgo at={createdAt} /> ·{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              used <TimeAgo at={lastUsedAt} />
            </>
          )}
        </p>
      </div>
      <div className={styles.buttons}>
        <Button
          variant="default"
          size="sm"
          aria-label={`Rename the passkey ${name}`}
          onClick={() => onDialog('rename')}
        >
          Rename
        </Button>
        <Button
          variant="default"
          size="sm"
          aria-label={`Remove the passkey ${name}`}
          onClick={() => onDialog('remove')}
        >
          Remove
        </Button>
      </div>
    </li>
  )
}

interface AddDialogProps {
  hasPassword: boolean
  onAdded: (codes: string[] | null) => void
  onClose: () => void
}

function AddDialog({ hasPassword, onAdded, onClose }: AddDialogProps) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const add = useChange(async () => {
    const options = (await api.call('passkeys.options', { json: proofOf(password) })).value
    const response = await makePasskey(options)
    return (await api.call('passkeys.create', { json: { name, response } })).value.recoveryCodes
  })
  return (
    <FormDialog
      title="Add a passkey"
      action="Go on"
      isPending={add.isPending}
      problem={add.error}
      onSubmit={() => add.mutate(undefined, { onSuccess: onAdded })}
      onClose={onClose}
    >
      <p>The browser asks next. Your other sessions end.</p>
      <PasskeyName value={name} onChange={setName} />
      <ProofField hasPassword={hasPassword} value={password} onChange={setPassword} />
    </FormDialog>
  )
}

function RenameDialog({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const [name, setName] = useState(passkey.name)
  const rename = useChange(() => api.call('passkeys.update', { params: { id: passkey.id }, json: { name } }))
  return (
    <FormDialog
      title="Rename the passkey"
      action="Rename"
      isPending={rename.isPending}
      problem={rename.error}
      onSubmit={() => rename.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <PasskeyName value={name} onChange={setName} />
    </FormDialog>
  )
}

function PasskeyName({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  return (
    <TextInput
      label="Its name"
      placeholder="Laptop"
      required
      withAsterisk={false}
      data-autofocus
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

interface RemoveDialogProps {
  passkey: Passkey
  hasPassword: boolean
  onClose: () => void
}

function RemoveDialog({ passkey, hasPassword, onClose }: RemoveDialogProps) {
  const [password, setPassword] = useState('')
  const remove = useChange(() =>
    api.call('passkeys.delete', { params: { id: passkey.id }, json: proofOf(password) }),
  )
  return (
    <FormDialog
      title={`Remove ${passkey.name}`}
      action="Remove"
      isGrave
      isPending={remove.isPending}
      problem={remove.error}
      onSubmit={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>It signs in no longer. Your other sessions end.</p>
      <ProofField hasPassword={hasPassword} value={password} onChange={setPassword} />
    </FormDialog>
  )
}
