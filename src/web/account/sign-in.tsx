import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Whoami } from '../../contract/shapes/session.ts'
import { api, problemOf } from '../data/api.ts'
import { useEnter } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { go } from '../router.tsx'
import { Door } from './door.tsx'
import { askPasskey, knowsPasskeys } from './passkey.ts'
import { SecondProof } from './second-proof.tsx'

const PENDING = ['pending'] as const

/** Asks who somebody is; the page that he wanted is there when he has come in. */
export function SignIn({ note }: { note: string | null }) {
  const queries = useQueryClient()
  const [isAnew, setAnew] = useState(false)
  const enter = useEnter()
  const pending = useQuery({
    queryKey: PENDING,
    queryFn: async ({ signal }) => (await api.call('sign-in.show', { signal })).value,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const begun = !isAnew && pending.data?.login ? pending.data : null
  if (begun)
    return (
      <SecondProof
        pending={begun}
        onEntered={(who) => {
          enter(who)
          if (begun.next !== '/') go(begun.next, 'replace')
        }}
        onAnew={() => setAnew(true)}
      />
    )
  const goOn = () => {
    setAnew(false)
    void queries.invalidateQueries({ queryKey: PENDING })
  }
  return <FirstProof note={note} onEntered={enter} onBegun={goOn} />
}

interface FirstProofProps {
  note: string | null
  onEntered: (who: Whoami) => void
  /** The password was right, and more is asked for. */
  onBegun: () => void
}

function FirstProof({ note, onEntered, onBegun }: FirstProofProps) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: async () => {
      const { value } = await api.call('session.open', { json: { login, password } })
      return value as Whoami // with a cookie it is one; a token is answered to programs only
    },
    onSuccess: onEntered,
    onError: (thrown) => problemOf(thrown)['factors'] !== undefined && onBegun(),
  })
  const byPasskey = useMutation({
    mutationFn: async () => {
      const options = (await api.call('sign-in.passkey-options', {})).value
      return (await api.call('sign-in.passkey', { json: { response: await askPasskey(options) } })).value
    },
    onSuccess: onEntered,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    byPasskey.reset()
    signIn.mutate()
  }
  return (
    <Door title="Sign in" note={note}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="E-mail address"
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            data-autofocus
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <ThrownNotice thrown={byPasskey.error ?? signIn.error} />
          <Button type="submit" fullWidth loading={signIn.isPending}>
            Sign in
          </Button>
          {knowsPasskeys() && (
            <Button
              variant="default"
              fullWidth
              leftSection={<Icon name="key" />}
              loading={byPasskey.isPending}
              onClick={() => byPasskey.mutate()}
            >
              Sign in with a passkey
            </Button>
          )}
        </Stack>
      </form>
    </Door>
  )
}
