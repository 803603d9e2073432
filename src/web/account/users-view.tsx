import { Button, Group, Skeleton, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Invitation, NewInvitation, User } from '../../contract/shapes/account.ts'
import { useInvitations, useUsers } from '../data/account.ts'
import { api } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { useMay } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { TimeAgo } from '../parts/time.tsx'
import { Trail } from '../parts/trail.tsx'
import { go, Link, pathTo, useTitle } from '../router.tsx'
import styles from './account.module.css'
import { Once, Section } from './parts.tsx'
import { type ChosenPlace, PlaceField, placeText } from './place-field.tsx'
import { RoleField } from './role-field.tsx'

type Dialog = 'invite' | 'machine'

/** Everybody who has an account, and who is invited to one. */
export function UsersView() {
  const heading = useTitle('Users')
  const may = useMay()
  const users = useUsers()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const all = users.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <>
      <Trail ways={[{ text: 'Services', href: pathTo.services() }]} />
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1}>
          Users
        </h1>
        <div className={styles.buttons}>
          {may('roles:read') && (
            <Button variant="default" leftSection={<Icon name="shield" />} onClick={() => go(pathTo.roles())}>
              Roles
            </Button>
          )}
          {may('settings:read') && (
            <Button
              variant="default"
              leftSection={<Icon name="leave" />}
              onClick={() => go(pathTo.identityProviders())}
            >
              Providers
            </Button>
          )}
          {may('users:create') && (
            <>
              <Button
                variant="default"
                leftSection={<Icon name="key" />}
                onClick={() => setDialog('machine')}
              >
                New machine
              </Button>
              <Button leftSection={<Icon name="plus" />} onClick={() => setDialog('invite')}>
                Invite
              </Button>
            </>
          )}
        </div>
      </div>
      <ThrownNotice thrown={users.error} />
      {users.isPending && <Skeleton height={220} radius={12} />}
      {users.data && (
        <div className={styles.sections}>
          <ul className={styles.list} aria-label="Users">
            {all.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </ul>
          {users.hasNextPage && (
            <Group justify="center">
              <Button
                variant="default"
                loading={users.isFetchingNextPage}
                onClick={() => void users.fetchNextPage()}
              >
                Show more
              </Button>
            </Group>
          )}
          <Invitations isAllowed={may('users:read')} mayWithdraw={may('users:create')} />
        </div>
      )}
      <Dialogs dialog={dialog} onClose={() => setDialog(null)} />
    </>
  )
}

function Dialogs({ dialog, onClose }: { dialog: Dialog | null; onClose: () => void }) {
  const [invited, setInvited] = useState<NewInvitation | null>(null)
  const show = (invitation: NewInvitation) => {
    onClose()
    setInvited(invitation)
  }
  if (dialog === 'invite') return <InviteDialog onClose={onClose} onInvited={show} />
  if (dialog === 'machine')
    return <MachineDialog onClose={onClose} onMade={({ id }) => go(pathTo.user(id))} />
  return (
    invited && (
      <Once
        title={`The invitation of ${invited.login}`}
        text="Send this link to the person: it is shown this once, works once, and for seven days."
        secret={invited.url}
        onClose={() => setInvited(null)}
      />
    )
  )
}

function UserRow({ user }: { user: User }) {
  const grants = user.grants.map((grant) => `${grant.role} ${placeText(grant)}`)
  return (
    <li className={styles.row}>
      <div className={styles.main}>
        <Link href={pathTo.user(user.id)}>{user.name}</Link> <span className={styles.more}>{user.login}</span>
        <p className={styles.more}>
          {grants.join('; ') || 'no role'} ·{' '}
          {user.lastSeenAt === null ? (
            'never seen'
          ) : (
            <>
              seen <TimeAgo at={user.lastSeenAt} />
            </>
          )}
        </p>
      </div>
      <UserTags user={user} />
    </li>
  )
}

export function UserTags({ user: { kind, disabled, factors } }: { user: User }) {
  const hasSecond = factors.totp || factors.passkeys > 0
  return (
    <div className={styles.tags}>
      {kind === 'machine' && <span className={styles.tag}>Machine</span>}
      {hasSecond && (
        <span className={styles.tag} data-tone="good">
          Second factor
        </span>
      )}
      {disabled && (
        <span className={styles.tag} data-tone="bad">
          Disabled
        </span>
      )}
    </div>
  )
}

function Invitations({ isAllowed, mayWithdraw }: { isAllowed: boolean; mayWithdraw: boolean }) {
  const invitations = useInvitations(isAllowed)
  const withdraw = useChange((id: string) => api.call('invitations.delete', { params: { id } }))
  if (!invitations.data?.length) return <ThrownNotice thrown={invitations.error ?? withdraw.error} />
  return (
    <Section title="Invitations" text="Nobody has accepted these yet.">
      <ThrownNotice thrown={withdraw.error} />
      <ul className={styles.rows}>
        {invitations.data.map((invitation) => (
          <li key={invitation.id} className={styles.row}>
            <InvitationFacts invitation={invitation} />
            {mayWithdraw && (
              <Button
                variant="default"
                size="sm"
                aria-label={`Withdraw the invitation of ${invitation.login}`}
                onClick={() => withdraw.mutate(invitation.id)}
              >
                Withdraw
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  )
}

function InvitationFacts({ invitation }: { invitation: Invitation }) {
  return (
    <div className={styles.main}>
      <span className={styles.name}>{invitation.login}</span>
      <p className={styles.more}>
        {invitation.role} {placeText(invitation)} · by {invitation.invitedBy.name}, ends{' '}
        <TimeAgo at={invitation.expiresAt} />
        {!invitation.valid && ' · void: whoever sent it may not give this any more'}
      </p>
    </div>
  )
}

function InviteDialog(props: { onInvited: (invitation: NewInvitation) => void; onClose: () => void }) {
  const [login, setLogin] = useState('')
  const [role, setRole] = useState('deployer')
  const [place, setPlace] = useState<ChosenPlace>({})
  const invite = useChange(
    async () => (await api.call('invitations.create', { json: { login, role, ...place } })).value,
  )
  return (
    <FormDialog
      title="Invite a person"
      action="Make the link"
      isPending={invite.isPending}
      problem={invite.error}
      onSubmit={() => invite.mutate(undefined, { onSuccess: props.onInvited })}
      onClose={props.onClose}
    >
      <TextInput
        label="E-mail address"
        description="Fairlead sends no mail: you get a link, and pass it on."
        type="email"
        required
        withAsterisk={false}
        data-autofocus
        value={login}
        onChange={(event) => setLogin(event.currentTarget.value)}
      />
      <RoleField label="Role" value={role} onChange={setRole} />
      <PlaceField label="Where" everywhere="Everywhere" value={place} onChange={setPlace} />
    </FormDialog>
  )
}

const NO_ROLE = ''

function MachineDialog(props: { onMade: (user: User) => void; onClose: () => void }) {
  const [login, setLogin] = useState('')
  const [role, setRole] = useState('deployer')
  const [place, setPlace] = useState<ChosenPlace>({})
  const make = useChange(async () => {
    const json = { login, kind: 'machine', ...(role !== NO_ROLE && { role, ...place }) } as const
    return (await api.call('users.create', { json })).value
  })
  return (
    <FormDialog
      title="New machine"
      action="Make the account"
      isPending={make.isPending}
      problem={make.error}
      onSubmit={() => make.mutate(undefined, { onSuccess: props.onMade })}
      onClose={props.onClose}
    >
      <TextInput
        label="Name"
        description="A machine never signs in: it holds API keys, and stays when people leave."
        required
        withAsterisk={false}
        data-autofocus
        autoCapitalize="off"
        spellCheck={false}
        placeholder="shop-ci"
        value={login}
        onChange={(event) => setLogin(event.currentTarget.value)}
      />
      <RoleField label="Role" none="None yet" value={role} onChange={setRole} />
      {role !== NO_ROLE && (
        <PlaceField label="Where" everywhere="Everywhere" value={place} onChange={setPlace} />
      )}
    </FormDialog>
  )
}
