import { Button, PasswordInput, Skeleton, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Profile, Session } from '../../contract/shapes/account.ts'
import { useOwnSessions, useProfile } from '../data/account.ts'
import { api, ifMatch } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { usePendingSignIn } from '../data/session.ts'
import { announce } from '../parts/announcer.tsx'
import { ProblemNotice, ThrownNotice } from '../parts/problem-notice.tsx'
import { TimeAgo } from '../parts/time.tsx'
import { Trail } from '../parts/trail.tsx'
import { pathTo, useTitle } from '../router.tsx'
import styles from './account.module.css'
import { ApiKeys } from './api-keys.tsx'
import { Identities } from './identities.tsx'
import { NewPasswordField } from './new-account.tsx'
import { Once, Section } from './parts.tsx'
import { Passkeys } from './passkeys.tsx'
import { SecondFactor } from './second-factor.tsx'

/** One's own account. */
export function ProfileView() {
  const heading = useTitle('Your profile')
  const profile = useProfile()
  const [codes, setCodes] = useState<string[] | null>(null)
  return (
    <>
      <Trail ways={[{ text: 'Services', href: pathTo.services() }]} />
      <div className={styles.head}>
        <h1 ref={heading} tabIndex={-1}>
          Your profile
        </h1>
      </div>
      <ComingBack />
      {!profile.data && <ThrownNotice thrown={profile.error} />}
      {!profile.data && !profile.error && <Skeleton height={220} radius={12} />}
      {profile.data && (
        <div className={styles.sections}>
          <Name key={profile.data.revision} profile={profile.data} />
          <Password login={profile.data.login} hasOne={profile.data.factors.password} />
          <SecondFactor profile={profile.data} onCodes={setCodes} />
          <Passkeys hasPassword={profile.data.factors.password} onCodes={setCodes} />
          <Identities hasPassword={profile.data.factors.password} />
          <Sessions />
          <ApiKeys user={profile.data.login} isOwn />
        </div>
      )}
      {codes && (
        <Once
          title="Recovery codes"
          text="For the day on which the phone is lost: each signs in once, and they are shown this once. Print them, or keep them where your passwords are."
          secret={codes.join('\n')}
          onClose={() => setCodes(null)}
        />
      )}
    </>
  )
}

/** Why linking an identity has failed, when the browser was led back from there. */
function ComingBack() {
  const [hasFailed] = useState(() => location.hash === '#problem')
  const pending = usePendingSignIn(hasFailed)
  return pending.data?.problem ? <ProblemNotice problem={pending.data.problem} /> : null
}

function Name({ profile }: { profile: Profile }) {
  const [name, setName] = useState(profile.name)
  const rename = useChange(() => api.call('profile.update', { json: { name }, headers: ifMatch(profile) }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    rename.mutate(undefined, { onSuccess: () => announce('The name is saved.') })
  }
  return (
    <Section title="Name" text={profile.login}>
      <form onSubmit={submit} className={styles.body}>
        <TextInput
          label="What people call you"
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <ThrownNotice thrown={rename.error} />
        <div>
          <Button type="submit" variant="default" loading={rename.isPending} disabled={name === profile.name}>
            Save
          </Button>
        </div>
      </form>
    </Section>
  )
}

function Password({ login, hasOne }: { login: string; hasOne: boolean }) {
  const blank = { current: '', new: '' }
  const [fields, setFields] = useState(blank)
  const change = useChange(() =>
    api.call('profile.password', { json: hasOne ? fields : { new: fields.new } }),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(undefined, { onSuccess: () => setFields(blank) })
  }
  return (
    <Section title="Password" text="A change ends all of your other sessions.">
      <form onSubmit={submit} className={styles.body}>
        {/* Tells a password manager whose password this is. */}
        <input hidden readOnly autoComplete="username" value={login} />
        {hasOne && (
          <PasswordInput
            label="Password until now"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={fields.current}
            onChange={(event) => setFields({ ...fields, current: event.currentTarget.value })}
          />
        )}
        <NewPasswordField
          label="New password"
          value={fields.new}
          onChange={(value) => setFields({ ...fields, new: value })}
        />
        <ThrownNotice thrown={change.error} />
        {change.isSuccess && fields.new === '' && <p role="status">The password is changed.</p>}
        <div>
          <Button type="submit" variant="default" loading={change.isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  )
}

function Sessions() {
  const sessions = useOwnSessions()
  const endOne = useChange((id: string) => api.call('profile.end-session', { params: { id } }))
  const endOthers = useChange(() => api.call('profile.end-sessions', {}))
  const others = sessions.data?.filter(({ current }) => !current) ?? []
  return (
    <Section
      title="Sessions"
      text="Where you are signed in."
      action={
        others.length > 0 && (
          <Button
            variant="default"
            size="sm"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate(undefined)}
          >
            End all others
          </Button>
        )
      }
    >
      <ThrownNotice thrown={sessions.error ?? endOne.error ?? endOthers.error} />
      <ul className={styles.rows}>
        {sessions.data?.map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => endOne.mutate(session.id)} />
        ))}
      </ul>
    </Section>
  )
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const { current, address, userAgent, seenAt, methods } = session
  return (
    <li className={styles.row}>
      <div className={styles.main}>
        <span className={styles.name}>{browserOf(userAgent)}</span> from {address}
        <p className={styles.more}>
          Seen <TimeAgo at={seenAt} /> · signed in by {methods.join(' and ')}
        </p>
      </div>
      {current ? (
        <span className={styles.tag} data-tone="good">
          This one
        </span>
      ) : (
        <Button variant="default" size="sm" onClick={onEnd} aria-label={`End the session from ${address}`}>
          End
        </Button>
      )}
    </li>
  )
}

/** What people would call it; the whole text of a browser says little to them. */
function browserOf(userAgent: string): string {
  const known = /(Firefox|Edg|OPR|Chrome|Safari|curl|fairlead)\/(\d+)/i.exec(
    userAgent.replace(/.*(Edg|OPR)\//, '$1/'),
  )
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' }
  return known ? `${names[known[1] ?? ''] ?? known[1]} ${known[2]}` : userAgent.slice(0, 60) || 'A program'
}
