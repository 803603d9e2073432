import { Button, Menu, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ApiKey, NewApiKey } from '../../contract/shapes/api-key.ts'
import { useApiKeys } from '../data/account.ts'
import { api, ifMatch } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { Icon } from '../icons.tsx'
import { DeleteDialog } from '../parts/delete-dialog.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { FullTime, TimeAgo } from '../parts/time.tsx'
import styles from './account.module.css'
import { Once, Section } from './parts.tsx'
import { type ChosenPlace, PlaceField, placeText } from './place-field.tsx'
import { RoleField } from './role-field.tsx'

interface ApiKeysProps {
  user: string
  isOwn?: boolean
}

/** The API keys of a user: made, rotated, revoked. A new one is shown this once. */
export function ApiKeys({ user, isOwn = false }: ApiKeysProps) {
  const keys = useApiKeys(user)
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<NewApiKey | null>(null)
  return (
    <Section
      title="API keys"
      text={`For programs: CI jobs, scripts, the command line. A key never does more than ${isOwn ? 'you' : user} may.`}
      action={
        <Button size="sm" leftSection={<Icon name="plus" size={16} />} onClick={() => setMaking(true)}>
          New key
        </Button>
      }
    >
      <ThrownNotice thrown={keys.error} />
      {keys.data?.length === 0 && <p className={styles.none}>No keys yet.</p>}
      <ul className={styles.rows}>
        {keys.data?.map((key) => (
          <KeyRow key={key.id} apiKey={key} onMade={setMade} />
        ))}
      </ul>
      {isMaking && (
        <NewKeyDialog
          user={user}
          onMade={(key) => {
            setMaking(false)
            setMade(key)
          }}
          onClose={() => setMaking(false)}
        />
      )}
      {made && (
        <Once
          title={`The key "${made.name}"`}
          text="Copy it now: it is shown this once. Keep it where the program that uses it keeps its secrets."
          secret={made.key}
          onClose={() => setMade(null)}
        />
      )}
    </Section>
  )
}

function KeyRow({ apiKey, onMade }: { apiKey: ApiKey; onMade: (key: NewApiKey) => void }) {
  const [isRevoking, setRevoking] = useState(false)
  const params = { id: apiKey.id }
  const rotate = useChange(async () => (await api.call('api-keys.rotate', { params, json: {} })).value)
  const revoke = useChange(() => api.call('api-keys.delete', { params, headers: ifMatch(apiKey) }))
  return (
    <li className={styles.row}>
      <div className={styles.main}>
        <span className={styles.name}>{apiKey.name}</span> <code>{apiKey.prefix}…</code>
        <KeyFacts apiKey={apiKey} />
      </div>
      <Menu position="bottom-end" shadow="md" width={230} withinPortal>
        <Menu.Target>
          <Button
            variant="default"
            size="sm"
            loading={rotate.isPending}
            aria-label={`Change the key ${apiKey.name}`}
          >
            Change
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Icon name="retry" />}
            disabled={apiKey.replacedBy !== null}
            onClick={() => rotate.mutate(undefined, { onSuccess: onMade })}
          >
            Rotate (the old one works for another day)
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="trash" />} onClick={() => setRevoking(true)}>
            Revoke…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ProblemDialog thrown={rotate.error} onClose={rotate.reset} />
      {isRevoking && (
        <DeleteDialog
          title={`Revoke ${apiKey.name}`}
          name={apiKey.prefix}
          isPending={revoke.isPending}
          problem={revoke.error}
          onConfirm={() => revoke.mutate(undefined, { onSuccess: () => setRevoking(false) })}
          onClose={() => setRevoking(false)}
        >
          Whatever uses it is refused from then on.
        </DeleteDialog>
      )}
    </li>
  )
}

function KeyFacts({ apiKey }: { apiKey: ApiKey }) {
  const { permissions, scopes, addresses, expiresAt, lastUsedAt, lastUsedFrom, replacedBy } = apiKey
  return (
    <p className={styles.more}>
      {permissions === null ? 'All that its user may' : <Permissions words={permissions} />} ·{' '}
      {scopes === null ? 'everywhere' : scopes.map(placeText).join('; ') || 'nowhere any more'}
      {addresses && ` · from ${addresses.join(', ')}`}
      <br />
      {lastUsedAt === null ? (
        'Never used'
      ) : (
        <>
          Used <TimeAgo at={lastUsedAt} /> from {lastUsedFrom}
        </>
      )}{' '}
      ·{' '}
      {expiresAt === null ? (
        'never expires'
      ) : (
        <>
          {replacedBy ? 'replaced, ends' : 'expires'} <FullTime at={expiresAt} />
        </>
      )}
    </p>
  )
}

/** Those of a role are many, and seldom asked for. */
function Permissions({ words }: { words: readonly string[] }) {
  if (words.length <= 3) return words.join(', ')
  return <abbr title={words.join(', ')}>{words.length} permissions</abbr>
}

const LIVES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: '', label: 'Never' },
]
const DAY_MS = 86_400_000

function NewKeyDialog(props: { user: string; onMade: (key: NewApiKey) => void; onClose: () => void }) {
  const [name, setName] = useState('')
  const [role, setRole] = useState('')
  const [place, setPlace] = useState<ChosenPlace>({})
  const [addresses, setAddresses] = useState('')
  const [days, setDays] = useState('90')
  const make = useChange(async () => {
    const json = {
      name,
      user: props.user,
      ...(role && { permissions: [role] }),
      ...(place.service !== undefined && { scopes: [{ ...place, service: place.service }] }),
      ...(addresses.trim() && { addresses: addresses.split(',').map((text) => text.trim()) }),
      expiresAt: days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null,
    }
    return (await api.call('api-keys.create', { json })).value
  })
  return (
    <FormDialog
      title="New API key"
      action="Make the key"
      isPending={make.isPending}
      problem={make.error}
      onSubmit={() => make.mutate(undefined, { onSuccess: props.onMade })}
      onClose={props.onClose}
    >
      <TextInput
        label="What it is for"
        required
        withAsterisk={false}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RoleField label="What it may do" none="All that its user may" value={role} onChange={setRole} />
      <PlaceField label="Where" everywhere="Wherever its user may" value={place} onChange={setPlace} />
      <TextInput
        label="From these addresses only"
        description="Addresses or blocks with commas between, such as 192.0.2.0/24. Empty: from anywhere."
        value={addresses}
        onChange={(event) => setAddresses(event.currentTarget.value)}
      />
      <NativeSelect
        label="Expires after"
        data={LIVES}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
    </FormDialog>
  )
}
