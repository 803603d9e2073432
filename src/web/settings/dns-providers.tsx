import { Button, Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { DnsProvider } from '../../contract/shapes/dns-providers.ts'
import accountStyles from '../account/account.module.css'
import { Section } from '../account/parts.tsx'
import { api, ifMatch } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { useMay } from '../data/session.ts'
import { useDnsProviderKinds, useDnsProviders } from '../data/settings.ts'
import { Icon } from '../icons.tsx'
import { DeleteDialog } from '../parts/delete-dialog.tsx'
import { ProblemNotice, ThrownNotice } from '../parts/problem-notice.tsx'
import { ProviderDialog } from './provider-dialog.tsx'
import styles from './settings.module.css'

type Dialog = { kind: 'new' } | { kind: 'change' | 'delete'; id: string }

/** Who makes records. */
export function DnsProviders() {
  const providers = useDnsProviders()
  const kinds = useDnsProviderKinds()
  const mayChange = useMay()('settings:update')
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const close = () => setDialog(null)
  // As it is now: somebody else may have changed it since.
  const chosen = dialog && 'id' in dialog ? providers.data?.find(({ id }) => id === dialog.id) : undefined
  return (
    <Section
      title="DNS providers"
      text="Each holds zones. A new URL's records are made by the one whose zone fits its name best; without any, by hand."
      action={
        mayChange && (
          <Button
            variant="default"
            leftSection={<Icon name="plus" />}
            disabled={!kinds.data}
            onClick={() => setDialog({ kind: 'new' })}
          >
            Add provider
          </Button>
        )
      }
    >
      <ThrownNotice thrown={providers.error ?? kinds.error} />
      {providers.isPending && <Skeleton height={72} />}
      {providers.data?.length === 0 && (
        <p className={accountStyles.none}>None yet: records of URLs are made by hand.</p>
      )}
      {providers.data && providers.data.length > 0 && (
        <ul className={accountStyles.rows} aria-label="DNS providers">
          {providers.data.map((provider) => (
            <ProviderRow
              key={provider.id}
              provider={provider}
              kind={kinds.data?.find(({ kind }) => kind === provider.kind)?.label ?? provider.kind}
              onDialog={(kind) => setDialog({ kind, id: provider.id })}
            />
          ))}
        </ul>
      )}
      {dialog?.kind === 'new' && kinds.data && <ProviderDialog kinds={kinds.data} onClose={close} />}
      {chosen && dialog?.kind === 'change' && kinds.data && (
        <ProviderDialog kinds={kinds.data} provider={chosen} onClose={close} />
      )}
      {chosen && dialog?.kind === 'delete' && <DeleteProvider provider={chosen} onClose={close} />}
    </Section>
  )
}

interface ProviderRowProps {
  provider: DnsProvider
  /** Its kind in words. */
  kind: string
  onDialog: (kind: 'change' | 'delete') => void
}

function ProviderRow({ provider, kind, onDialog }: ProviderRowProps) {
  const { id, label, secrets } = provider
  const mayChange = useMay()('settings:update')
  const test = useChange(async () => (await api.call('dns-providers.test', { params: { id } })).value)
  const isWithoutSecret = Object.values(secrets).some((isKept) => !isKept)
  return (
    <li className={accountStyles.row}>
      <div className={accountStyles.main}>
        <span className={accountStyles.name}>{label}</span>
        <p className={accountStyles.more}>
          {kind}
          {isWithoutSecret && ' · its secret has to be entered again'}
        </p>
      </div>
      {mayChange && (
        <div className={accountStyles.buttons}>
          <Button
            variant="default"
            loading={test.isPending}
            aria-label={`Test ${label}`}
            onClick={() => test.mutate(undefined)}
          >
            Test
          </Button>
          <Button variant="default" aria-label={`Change ${label}`} onClick={() => onDialog('change')}>
            Change
          </Button>
          <Button variant="default" aria-label={`Delete ${label}`} onClick={() => onDialog('delete')}>
            Delete
          </Button>
        </div>
      )}
      <div className={styles.test} role="status" hidden={!test.data && !test.error}>
        <ThrownNotice thrown={test.error} />
        {test.data?.problem && <ProblemNotice problem={test.data.problem} />}
        {test.data?.ok && <Zones zones={test.data.zones} />}
      </div>
    </li>
  )
}

function Zones({ zones }: { zones: readonly string[] }) {
  if (zones.length === 0) return <p className={accountStyles.more}>It answers, and holds no zone.</p>
  return (
    <>
      <p className={styles.good}>
        <Icon name="check" /> It answers, and holds {zones.length === 1 ? 'this zone' : 'these zones'}:
      </p>
      <ul className={styles.zones} aria-label="Zones">
        {zones.map((zone) => (
          <li key={zone}>{zone === '' ? 'every name' : zone}</li>
        ))}
      </ul>
    </>
  )
}

function DeleteProvider({ provider, onClose }: { provider: DnsProvider; onClose: () => void }) {
  const remove = useChange(() =>
    api.call('dns-providers.delete', { params: { id: provider.id }, headers: ifMatch(provider) }),
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
      Fairlead forgets how to reach it. Records that it holds stay as they are; a provider whose zones URLs
      use can not be deleted.
    </DeleteDialog>
  )
}
