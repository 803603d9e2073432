import { Button, Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { Grant, PasswordReset, User } from '../../contract/shapes/account.ts'
import { useUser } from '../data/account.ts'
import { api, ifMatch } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { useMay } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { announce } from '../parts/announcer.tsx'
import { DeleteDialog } from '../parts/delete-dialog.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { TimeAgo } from '../parts/time.tsx'
import { Trail } from '../parts/trail.tsx'
import { go, pathTo, useTitle } from '../router.tsx'
import styles from './account.module.css'
import { ApiKeys } from './api-keys.tsx'
import { Once, Section } from './parts.tsx'
import { type ChosenPlace, PlaceField, placeText } from './place-field.tsx'
import { RoleField } from './role-field.tsx'
import { UserTags } from './users-view.tsx'

/** One account: what it may do, how it signs in, and its keys. */
export function UserView({ id }: { id: string }) {
  const user = useUser(id)
  const may = useMay()
  const heading = useTitle(user.data?.name ?? 'User')
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
          {user.data?.name ?? 'User'}
        </h1>
        {user.data && <UserActions user={user.data} />}
      </div>
      {!user.data && <ThrownNotice thrown={user.error} />}
      {user.isPending && <Skeleton height={220} radius={12} />}
      {user.data && (
        <div className={styles.sections}>
          <Facts user={user.data} />
          <Grants user={user.data} mayChange={may('users:update')} />
          {user.data.kind === 'person' && may('users:update') && <WaysIn user={user.data} />}
          {may('api-keys:read') && <ApiKeys user={user.data.login} />}
        </div>
      )}
    </>
  )
}

function Facts({ user }: { user: User }) {
  return (
    <div className={styles.facts}>
      <span>{user.login}</span>
      <span>
        since <TimeAgo at={user.createdAt} />
      </span>
      <span>
        {user.lastSeenAt === null ? (
          'never seen'
        ) : (
          <>
            seen <TimeAgo at={user.lastSeenAt} />
          </>
        )}
      </span>
      <UserTags user={user} />
    </div>
  )
}

function UserActions({ user }: { user: User }) {
  const may = useMay()
  const params = { id: user.id }
  const headers = ifMatch(user)
  const disable = useChange(() =>
    api.call('users.update', { params, headers, json: { disabled: !user.disabled } }),
  )
  const remove = useChange(() => api.call('users.delete', { params, headers }))
  const [isDeleting, setDeleting] = useState(false)
  return (
    <div className={styles.buttons}>
      {may('users:update') && (
        <Button variant="default" loading={disable.isPending} onClick={() => disable.mutate(undefined)}>
          {user.disabled ? 'Enable' : 'Disable'}
        </Button>
      )}
      {may('users:delete') && (
        <Button variant="default" onClick={() => setDeleting(true)}>
          Delete
        </Button>
      )}
      <ProblemDialog thrown={disable.error} onClose={disable.reset} />
      {isDeleting && (
        <DeleteDialog
          title={`Delete ${user.name}`}
          name={user.login}
          isPending={remove.isPending}
          problem={remove.error}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => go(pathTo.users(), 'replace') })}
          onClose={() => setDeleting(false)}
        >
          The account, its roles, API keys and sessions are gone at once. What it has deployed stays live, and
          the audit keeps its name.
        </DeleteDialog>
      )}
    </div>
  )
}

function Grants({ user, mayChange }: { user: User; mayChange: boolean }) {
  const [isGiving, setGiving] = useState(false)
  const take = useChange((grant: Grant) =>
    api.call('grants.delete', { params: { id: user.id, grant: grant.id } }),
  )
  return (
    <Section
      title="Roles"
      action={
        mayChange && (
          <Button size="sm" leftSection={<Icon name="plus" size={16} />} onClick={() => setGiving(true)}>
            Give a role
          </Button>
        )
      }
    >
      <ThrownNotice thrown={take.error} />
      {user.grants.length === 0 && <p className={styles.none}>None: this account may do nothing.</p>}
      <ul className={styles.rows}>
        {user.grants.map((grant) => (
          <li key={grant.id} className={styles.row}>
            <div className={styles.main}>
              <span className={styles.name}>{grant.role}</span> {placeText(grant)}
            </div>
            {mayChange && (
              <Button
                variant="default"
                size="sm"
                aria-label={`Take away the role ${grant.role} ${placeText(grant)}`}
                onClick={() => take.mutate(grant)}
              >
                Take away
              </Button>
            )}
          </li>
        ))}
      </ul>
      {isGiving && <GiveDialog user={user} onClose={() => setGiving(false)} />}
    </Section>
  )
}

function GiveDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const [role, setRole] = useState('deployer')
  const [place, setPlace] = useState<ChosenPlace>({})
  const give = useChange(() =>
    api.call('grants.create', { params: { id: user.id }, json: { role, ...place } }),
  )
  return (
    <FormDialog
      title={`Give ${user.name} a role`}
      action="Give"
      isPending={give.isPending}
      problem={give.error}
      onSubmit={() => give.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      <RoleField label="Role" value={role} onChange={setRole} />
      <PlaceField label="Where" everywhere="Everywhere" value={place} onChange={setPlace} />
    </FormDialog>
  )
}

/** How a person signs in, and what to do when he can't, or must not any more. */
function WaysIn({ user }: { user: User }) {
  const params = { id: user.id }
  const [link, setLink] = useState<PasswordReset | null>(null)
  const reset = useChange(async () => (await api.call('password-resets.create', { params })).value)
  const resetFactors = useChange(() => api.call('factors.reset', { params }))
  const signOut = useChange(async () => (await api.call('users.sign-out', { params })).value)
  const { password, totp, passkeys, identities } = user.factors
  const ways = [
    password && 'a password',
    totp && 'codes of an app',
    passkeys > 0 && `${passkeys} ${passkeys === 1 ? 'passkey' : 'passkeys'}`,
    identities > 0 && `${identities} ${identities === 1 ? 'identity' : 'identities'} elsewhere`,
  ].filter((way) => way !== false)
  return (
    <Section title="Sign-in" text={`By ${ways.join(', ') || 'nothing yet'}.`}>
      <ThrownNotice thrown={reset.error ?? resetFactors.error ?? signOut.error} />
      <div className={styles.body}>
        <div className={styles.buttons}>
          <Button
            variant="default"
            loading={reset.isPending}
            onClick={() => reset.mutate(undefined, { onSuccess: setLink })}
          >
            Make a password link
          </Button>
          {(totp || passkeys > 0) && (
            <Button
              variant="default"
              loading={resetFactors.isPending}
              onClick={() =>
                resetFactors.mutate(undefined, { onSuccess: () => announce('The second factors are gone.') })
              }
            >
              Take the second factors
            </Button>
          )}
          <Button
            variant="default"
            loading={signOut.isPending}
            onClick={() =>
              signOut.mutate(undefined, {
                onSuccess: ({ ended }) => announce(`${ended} sessions have ended.`),
              })
            }
          >
            Sign out everywhere
          </Button>
        </div>
        {signOut.data && <p role="status">{endedText(signOut.data.ended)}</p>}
      </div>
      {link && (
        <Once
          title={`A new password for ${user.name}`}
          text="Send this link to the person: it is shown this once, works once, and for a day."
          secret={link.url}
          onClose={() => setLink(null)}
        />
      )}
    </Section>
  )
}

const endedText = (count: number) =>
  count === 1 ? 'One session has ended.' : `${count} sessions have ended.`
