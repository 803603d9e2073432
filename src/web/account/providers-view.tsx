import { Button, Checkbox, PasswordInput, Skeleton, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { IdentityProvider } from '../../contract/shapes/identities.ts'
import { useIdentityProviders } from '../data/account.ts'
import { api, ifMatch } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { useMay } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { DeleteDialog } from '../parts/delete-dialog.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Trail } from '../parts/trail.tsx'
import { pathTo, useTitle } from '../router.tsx'
import styles from './account.module.css'
import { RoleField } from './role-field.tsx'

type Dialog = { kind: 'new' } | { kind: 'change' | 'delete'; provider: IdentityProvider }

/** OpenID providers that people may sign in with. */
export function ProvidersView() {
  const heading = useTitle('Identity providers')
  const providers = useIdentityProviders()
  const may = useMay()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => setDialog(null)
  return (
    <>
      <Trail
        ways={[
          { text: 'Services', href: pathTo.services() },
          { text: 'Users', href: pathTo.users() },
        ]}
      />
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1}>
          Identity providers
        </h1>
        {may('settings:update') && (
          <Button leftSection={<Icon name="plus" />} onClick={() => setDialog({ kind: 'new' })}>
            New provider
          </Button>
        )}
      </div>
      <ThrownNotice thrown={providers.error} />
      {providers.isPending && <Skeleton height={140} radius={12} />}
      {providers.data?.length === 0 && (
        <p>
          None yet. With an OpenID provider, such as Keycloak, Entra ID or Google, people sign in with the
          account that they have there already.
        </p>
      )}
      {providers.data && providers.data.length > 0 && (
        <ul className={styles.list} aria-label="Identity providers">
          {providers.data.map((provider) => (
            <ProviderRow
              key={provider.id}
              provider={provider}
              onDialog={(kind) => setDialog({ kind, provider })}
            />
          ))}
        </ul>
      )}
      {dialog?.kind === 'new' && <ProviderDialog onClose={close} />}
      {dialog?.kind === 'change' && <ProviderDialog provider={dialog.provider} onClose={close} />}
      {dialog?.kind === 'delete' && <DeleteProvider provider={dialog.provider} onClose={close} />}
    </>
  )
}

interface ProviderRowProps {
  provider: IdentityProvider
  onDialog: (kind: 'change' | 'delete') => void
}

function ProviderRow({ provider, onDialog }: ProviderRowProps) {
  const { label, issuer, redirectUri, createUsers, defaultRole, hasClientSecret } = provider
  const may = useMay()
  return (
    <li className={styles.row}>
      <div className={styles.main}>
        <span className={styles.name}>{label}</span> <span className={styles.more}>{issuer}</span>
        <p className={styles.more}>
          {createUsers
            ? `Whoever it knows gets an account, ${defaultRole === null ? 'without a role' : `as ${defaultRole}`}`
            : 'Only people who have linked it'}
          {!hasClientSecret && ' · its client secret has to be entered again'}
        </p>
        <p className={styles.more}>
          Redirect URI: <code>{redirectUri}</code>
        </p>
      </div>
      <div className={styles.buttons}>
        <CopyButton text={redirectUri} />
        {may('settings:update') && (
          <>
            <Button
              variant="default"
              size="sm"
              aria-label={`Change ${label}`}
              onClick={() => onDialog('change')}
            >
              Change
            </Button>
            <Button
              variant="default"
              size="sm"
              aria-label={`Delete ${label}`}
              onClick={() => onDialog('delete')}
            >
              Delete
            </Button>
          </>
        )}
      </div>
    </li>
  )
}

const formOf = (provider?: IdentityProvider) => ({
  label: provider?.label ?? '',
  issuer: provider?.issuer ?? '',
  clientId: provider?.clientId ?? '',
  clientSecret: '',
  createUsers: provider?.createUsers ?? false,
  defaultRole: provider?.defaultRole ?? '',
  emailDomains: provider?.emailDomains.join(', ') ?? '',
  allowPrivateNetwork: provider?.allowPrivateNetwork ?? false,
})
type Form = ReturnType<typeof formOf>

function settingsOf({ clientSecret, defaultRole, emailDomains, ...rest }: Form) {
  return {
    ...rest,
    ...(clientSecret && { clientSecret }),
    defaultRole: defaultRole || null,
    emailDomains: emailDomains
      .split(',')
      .map((domain) => domain.trim())
      .filter((domain) => domain !== ''),
  }
}

function ProviderDialog({ provider, onClose }: { provider?: IdentityProvider; onClose: () => void }) {
  const [form, setForm] = useState(() => formOf(provider))
  const set = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }))
  const save = useChange(async () => {
    const json = settingsOf(form)
    return provider
      ? (
          await api.call('identity-providers.update', {
            params: { id: provider.id },
            headers: ifMatch(provider),
            json,
          })
        ).value
      : (await api.call('identity-providers.create', { json: { ...json, clientSecret: form.clientSecret } }))
          .value
  })
  return (
    <FormDialog
      title={provider ? `Change ${provider.label}` : 'New identity provider'}
      action={provider ? 'Save' : 'Set it up'}
      isPending={save.isPending}
      problem={save.error}
      onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Text label="What the sign-in page calls it" value={form.label} onChange={(label) => set({ label })} />
      <Text
        label="Issuer"
        value={form.issuer}
        placeholder="https://login.example.com"
        onChange={(issuer) => set({ issuer })}
      />
      <Text label="Client ID" value={form.clientId} onChange={(clientId) => set({ clientId })} />
      <PasswordInput
        label="Client secret"
        description={
          provider ? 'Empty: as it is. It is never shown.' : 'It is sealed, and never shown again.'
        }
        autoComplete="off"
        required={!provider}
        withAsterisk={false}
        value={form.clientSecret}
        onChange={(event) => set({ clientSecret: event.currentTarget.value })}
      />
      <Checkbox
        label="Make an account for whoever signs in there"
        description="By a verified e-mail address. Without it, only people who have linked it on their profile get in."
        checked={form.createUsers}
        onChange={(event) => set({ createUsers: event.currentTarget.checked })}
      />
      {form.createUsers && (
        <>
          <RoleField
            label="Their role, everywhere"
            none="None yet"
            value={form.defaultRole}
            onChange={(defaultRole) => set({ defaultRole })}
          />
          <TextInput
            label="Of these domains only"
            description="With commas between. Empty: of any."
            placeholder="example.com"
            value={form.emailDomains}
            onChange={(event) => set({ emailDomains: event.currentTarget.value })}
          />
        </>
      )}
      <Checkbox
        label="It is in a private network, or on this machine"
        checked={form.allowPrivateNetwork}
        onChange={(event) => set({ allowPrivateNetwork: event.currentTarget.checked })}
      />
    </FormDialog>
  )
}

interface TextProps {
  label: string
  value: string
  placeholder?: string
  onChange: (value: string) => void
}

function Text({ onChange, ...rest }: TextProps) {
  return (
    <TextInput
      {...rest}
      required
      withAsterisk={false}
      autoCapitalize="off"
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

function DeleteProvider({ provider, onClose }: { provider: IdentityProvider; onClose: () => void }) {
  const remove = useChange(() =>
    api.call('identity-providers.delete', { params: { id: provider.id }, headers: ifMatch(provider) }),
  )
  return (
    <DeleteDialog
      title={`Delete ${provider.label}`}
      name={provider.label}
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Nobody signs in by it any more. Accounts stay, and so do the links to them, should it be set up again.
    </DeleteDialog>
  )
}
