import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { Identity } from '../../contract/shapes/identities.ts'
import { useIdentities, useProviders } from '../data/account.ts'
import { api } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { Icon } from '../icons.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { TimeAgo } from '../parts/time.tsx'
import styles from './account.module.css'
import { Section } from './parts.tsx'
import { ProofField, proofOf } from './proof-field.tsx'

type Dialog = { kind: 'link' } | { kind: 'unlink'; identity: Identity }

/** Who one is at identity providers. Nothing is shown where there are none. */
export function Identities({ hasPassword }: { hasPassword: boolean }) {
  const identities = useIdentities()
  const providers = useProviders()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => setDialog(null)
  if (!identities.data?.length && !providers.data?.length) return null
  return (
    <Section
      title="Identities elsewhere"
      text="Accounts at the identity providers of this instance, with which you sign in."
      action={
        providers.data !== undefined &&
        providers.data.length > 0 && (
          <Button
            size="sm"
            leftSection={<Icon name="plus" size={16} />}
            onClick={() => setDialog({ kind: 'link' })}
          >
            Link one
          </Button>
        )
      }
    >
      <ThrownNotice thrown={identities.error} />
      <ul className={styles.rows}>
        {identities.data?.map((identity) => (
          <IdentityRow
            key={identity.id}
            identity={identity}
            onUnlink={() => setDialog({ kind: 'unlink', identity })}
          />
        ))}
      </ul>
      {dialog?.kind === 'link' && (
        <LinkDialog providers={providers.data ?? []} hasPassword={hasPassword} onClose={close} />
      )}
      {dialog?.kind === 'unlink' && (
        <UnlinkDialog identity={dialog.identity} hasPassword={hasPassword} onClose={close} />
      )}
    </Section>
  )
}

function IdentityRow({ identity, onUnlink }: { identity: Identity; onUnlink: () => void }) {
  const { label, provider, issuer, createdAt, lastUsedAt } = identity
  return (
    <li className={styles.row}>
      <div className={styles.main}>
        <span className={styles.name}>{label}</span> at {provider?.label ?? issuer}
        <p className={styles.more}>
          {provider === null && 'The provider is not set up any more · '}
          linked <TimeAgo at={createdAt} /> ·{' '}
          {lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              used <TimeAgo at={lastUsedAt} />
            </>
          )}
        </p>
      </div>
      <Button variant="default" size="sm" aria-label={`Unlink ${label}`} onClick={onUnlink}>
        Unlink
      </Button>
    </li>
  )
}

interface LinkDialogProps {
  providers: { id: string; label: string }[]
  hasPassword: boolean
  onClose: () => void
}

function LinkDialog({ providers, hasPassword, onClose }: LinkDialogProps) {
  const [provider, setProvider] = useState(providers[0]?.id ?? '')
  const [password, setPassword] = useState('')
  const link = useChange(async () => {
    const json = { provider, next: '/profile', ...proofOf(password) }
    return (await api.call('identities.link', { json })).value.url
  })
  return (
    <FormDialog
      title="Link an identity"
      action="Go there"
      isPending={link.isPending}
      problem={link.error}
      onSubmit={() => link.mutate(undefined, { onSuccess: (url) => location.assign(url) })}
      onClose={onClose}
    >
      <p>The provider asks who you are, and leads back here. Your other sessions end.</p>
      <NativeSelect
        label="Provider"
        data={providers.map(({ id, label }) => ({ value: id, label }))}
        value={provider}
        onChange={(event) => setProvider(event.currentTarget.value)}
      />
      <ProofField hasPassword={hasPassword} value={password} onChange={setPassword} />
    </FormDialog>
  )
}

interface UnlinkDialogProps {
  identity: Identity
  hasPassword: boolean
  onClose: () => void
}

function UnlinkDialog({ identity, hasPassword, onClose }: UnlinkDialogProps) {
  const [password, setPassword] = useState('')
  const unlink = useChange(() =>
    api.call('identities.delete', { params: { id: identity.id }, json: proofOf(password) }),
  )
  return (
    <FormDialog
      title={`Unlink ${identity.label}`}
      action="Unlink"
      isGrave
      isPending={unlink.isPending}
      problem={unlink.error}
      onSubmit={() => unlink.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>It signs in no longer. Your other sessions end.</p>
      <ProofField hasPassword={hasPassword} value={password} onChange={setPassword} />
    </FormDialog>
  )
}
