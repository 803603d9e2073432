import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Profile } from '../../contract/shapes/account.ts'
import type { TotpProposal } from '../../contract/shapes/factors.ts'
import { api } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { FormDialog } from '../parts/form-dialog.tsx'
import styles from './account.module.css'
import { Section } from './parts.tsx'
import { ProofField, proofOf } from './proof-field.tsx'
import { QrCode } from './qr-code.tsx'

type Dialog = 'set-up' | 'remove' | 'codes'

interface SecondFactorProps {
  profile: Profile
  onCodes: (codes: string[] | null) => void
}

/** Codes of an authenticator app, and those for the day on which it is lost. */
export function SecondFactor({ profile: { factors }, onCodes }: SecondFactorProps) {
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => setDialog(null)
  const shown = (made: string[] | null) => {
    close()
    onCodes(made)
  }
  const hasSecond = factors.totp || factors.passkeys > 0
  return (
    <Section title="Second factor" text={factsOf(factors)}>
      <div className={styles.body}>
        <div className={styles.buttons}>
          {factors.totp ? (
            <Button variant="default" onClick={() => setDialog('remove')}>
              Remove the app
            </Button>
          ) : (
            <Button variant="default" onClick={() => setDialog('set-up')}>
              Set up an authenticator app
            </Button>
          )}
          {hasSecond && (
            <Button variant="default" onClick={() => setDialog('codes')}>
              New recovery codes
            </Button>
          )}
        </div>
      </div>
      {dialog === 'set-up' && <SetUpDialog hasPassword={factors.password} onDone={shown} onClose={close} />}
      {dialog === 'remove' && <RemoveDialog hasPassword={factors.password} onClose={close} />}
      {dialog === 'codes' && <CodesDialog hasPassword={factors.password} onDone={shown} onClose={close} />}
    </Section>
  )
}

function factsOf({ totp, passkeys, recoveryCodes }: Profile['factors']): string {
  if (!totp && passkeys === 0)
    return 'A password alone can be guessed or overheard. An app on your phone makes it two things.'
  const left =
    recoveryCodes === 1 ? 'One recovery code is left.' : `${recoveryCodes} recovery codes are left.`
  return totp ? `You are asked for a code of your app when you sign in. ${left}` : left
}

interface DialogProps {
  hasPassword: boolean
  onClose: () => void
}

function RemoveDialog({ hasPassword, onClose }: DialogProps) {
  const [password, setPassword] = useState('')
  const remove = useChange(() => api.call('totp.remove', { json: proofOf(password) }))
  return (
    <FormDialog
      title="Remove the authenticator app"
      action="Remove"
      isGrave
      isPending={remove.isPending}
      problem={remove.error}
      onSubmit={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>From then on it is not asked for. Your other sessions end.</p>
      <ProofField hasPassword={hasPassword} value={password} onChange={setPassword} />
    </FormDialog>
  )
}

function CodesDialog({ hasPassword, onDone, onClose }: DialogProps & { onDone: (codes: string[]) => void }) {
  const [password, setPassword] = useState('')
  const make = useChange(
    async () => (await api.call('recovery-codes.create', { json: proofOf(password) })).value.recoveryCodes,
  )
  return (
    <FormDialog
      title="New recovery codes"
      action="Make them"
      isPending={make.isPending}
      problem={make.error}
      onSubmit={() => make.mutate(undefined, { onSuccess: onDone })}
      onClose={onClose}
    >
      <p>The earlier ones work no longer. Your other sessions end.</p>
      <ProofField hasPassword={hasPassword} value={password} onChange={setPassword} />
    </FormDialog>
  )
}

function SetUpDialog({
  hasPassword,
  onDone,
  onClose,
}: DialogProps & { onDone: (codes: string[] | null) => void }) {
  const [password, setPassword] = useState('')
  const [proposal, setProposal] = useState<TotpProposal | null>(null)
  const propose = useChange(async () => (await api.call('totp.propose', { json: proofOf(password) })).value)
  if (proposal) return <ConfirmDialog proposal={proposal} onDone={onDone} onClose={onClose} />
  return (
    <FormDialog
      title="Set up an authenticator app"
      action="Go on"
      isPending={propose.isPending}
      problem={propose.error}
      onSubmit={() => propose.mutate(undefined, { onSuccess: setProposal })}
      onClose={onClose}
    >
      <p>Any app for one-time codes will do: Aegis, 1Password, Google Authenticator and many more.</p>
      <ProofField hasPassword={hasPassword} value={password} onChange={setPassword} />
    </FormDialog>
  )
}

interface ConfirmDialogProps {
  proposal: TotpProposal
  onDone: (codes: string[] | null) => void
  onClose: () => void
}

function ConfirmDialog({ proposal, onDone, onClose }: ConfirmDialogProps) {
  const [code, setCode] = useState('')
  const confirm = useChange(
    async () =>
      (await api.call('totp.confirm', { json: { code: code.replaceAll(' ', '') } })).value.recoveryCodes,
  )
  return (
    <FormDialog
      title="Scan this with the app"
      action="Set it up"
      isPending={confirm.isPending}
      problem={confirm.error}
      onSubmit={() => confirm.mutate(undefined, { onSuccess: onDone })}
      onClose={onClose}
    >
      <QrCode text={proposal.uri} label="The secret for the app, as a QR code" />
      <p className={styles.more}>
        Or type it in: <code>{proposal.secret}</code>
      </p>
      <TextInput
        label="What the app shows now"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        withAsterisk={false}
        data-autofocus
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
