import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Whoami } from '../../contract/shapes/session.ts'
import type { Problem } from '../../contract/shapes.ts'
import { useProviders } from '../data/account.ts'
import { api, problemOf } from '../data/api.ts'
import { useEnter, useLookAgain, usePendingSignIn } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { ProblemNotice, ThrownNotice } from '../parts/problem-notice.tsx'
import { go } from '../router.tsx'
import { Door } from './door.tsx'
import { askPasskey, knowsPasskeys } from './passkey.ts'
import { SecondProof } from './second-proof.tsx'

/** Asks who somebody is; the page that he wanted is there when he has come in. */
export function SignIn({ note }: { note: string | null }) {
  const [isAnew, setAnew] = useState(false)
  const enter = useEnter()
  const pending = usePendingSignIn()
  const lookAgain = useLookAgain()
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
    lookAgain()
  }
  return <FirstProof note={note} problem={pending.data?.problem ?? null} onEntered={enter} onBegun={goOn} />
}

interface FirstProofProps {
  note: string | null
  /** Why coming in by a provider has failed. */
  problem: Problem | null
  onEntered: (who: Whoami) => void
  /** The password was right, and more is asked for. */
  onBegun: () => void
}

function FirstProof({ note, problem, onEntered, onBegun }: FirstProofProps) {
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
          {problem && signIn.isIdle && byPasskey.isIdle && <ProblemNotice problem={problem} />}
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
          <Providers />
        </Stack>
      </form>
    </Door>
  )
}

/** Leads away to a provider, which leads back to where somebody wanted to be. */
function Providers() {
  const providers = useProviders()
  const begin = useMutation({
    mutationFn: async (id: string) =>
      (await api.call('sign-in.begin', { params: { id }, json: { next: location.pathname } })).value.url,
    onSuccess: (url) => location.assign(url),
  })
  return (
    <>
      {providers.data?.map(({ id, label }) => (
        <Button
          key={id}
          variant="default"
          fullWidth
          loading={begin.isPending && begin.variables === id}
          onClick={() => begin.mutate(id)}
        >
          Sign in with {label}
        </Button>
      ))}
      <ThrownNotice thrown={begin.error} />
    </>
  )
}
