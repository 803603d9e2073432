/** The three links that lead to a password: the set-up, an invitation, and a reset. */
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { api } from '../data/api.ts'
import { useEnter } from '../data/session.ts'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { go, Link, pathTo } from '../router.tsx'
import { Door } from './door.tsx'

interface Fields {
  login: string
  name: string
  password: string
}

/** The code stands behind # and so in no log; from the address bar it is gone at once. */
function useCode(): string {
  const [code] = useState(() => location.hash.slice(1))
  if (location.hash !== '') history.replaceState(null, '', location.pathname)
  return code
}

/** The first account. */
export function SetUpView() {
  const code = useCode()
  const enter = useEnter()
  const make = useMutation({
    mutationFn: async ({ name, ...fields }: Fields) =>
      (await api.call('setup.complete', { json: { code, ...fields, ...(name && { name }) } })).value,
    onSuccess(who) {
      enter(who)
      go(pathTo.services(), 'replace')
    },
  })
  return (
    <AccountForm
      title="Make the first account"
      intro="It is an owner: it may do everything, and invites the others."
      asks={['login', 'name']}
      action="Make the account"
      hasCode={code !== ''}
      change={make}
    />
  )
}

export function InvitationView() {
  const code = useCode()
  const enter = useEnter()
  const accept = useMutation({
    mutationFn: async ({ name, password }: Fields) =>
      (await api.call('invitations.accept', { json: { code, password, ...(name && { name }) } })).value,
    onSuccess(who) {
      enter(who)
      go(pathTo.services(), 'replace')
    },
  })
  return (
    <AccountForm
      title="Welcome to Fairlead"
      intro="Choose a password; the invitation does the rest."
      asks={['name']}
      action="Accept the invitation"
      hasCode={code !== ''}
      change={accept}
    />
  )
}

export function PasswordResetView() {
  const code = useCode()
  const accept = useMutation({
    mutationFn: async ({ password }: Fields) =>
      (await api.call('password-resets.accept', { json: { code, password } })).value,
  })
  if (accept.data)
    return (
      <Door title="The password is set" intro={`All sessions of ${accept.data.login} have ended.`}>
        <Button component="a" href={pathTo.services()} fullWidth>
          Sign in
        </Button>
      </Door>
    )
  return (
    <AccountForm
      title="Choose a new password"
      asks={[]}
      action="Set the password"
      hasCode={code !== ''}
      change={accept}
    />
  )
}

interface AccountFormProps {
  title: string
  intro?: ReactNode
  asks: ('login' | 'name')[]
  action: string
  hasCode: boolean
  change: { mutate: (fields: Fields) => void; isPending: boolean; error: unknown }
}

function AccountForm({ title, intro, asks, action, hasCode, change }: AccountFormProps) {
  const [fields, setFields] = useState<Fields>({ login: '', name: '', password: '' })
  const set = (part: Partial<Fields>) => setFields((before) => ({ ...before, ...part }))
  if (!hasCode)
    return (
      <Door title={title}>
        <p>
          This address is only a part of the link. Open the whole link, with what stands behind <code>#</code>
          . <Link href={pathTo.services()}>To the page</Link>
        </p>
      </Door>
    )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate(fields)
  }
  return (
    <Door title={title} intro={intro}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {asks.includes('login') && (
            <TextInput
              label="E-mail address"
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              value={fields.login}
              onChange={(event) => set({ login: event.currentTarget.value })}
            />
          )}
          {asks.includes('name') && (
            <TextInput
              label="Your name"
              autoComplete="name"
              value={fields.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
          )}
          <NewPasswordField value={fields.password} onChange={(password) => set({ password })} />
          <ThrownNotice thrown={change.error} />
          <Button type="submit" fullWidth loading={change.isPending}>
            {action}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}

interface NewPasswordFieldProps {
  value: string
  onChange: (value: string) => void
  label?: string
}

export function NewPasswordField({ value, onChange, label = 'Password' }: NewPasswordFieldProps) {
  return (
    <PasswordInput
      label={label}
      description="8 characters or more. Four or five words in a row are good and easy to keep."
      autoComplete="new-password"
      required
      withAsterisk={false}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
