import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Whoami } from '../../contract/shapes/session.ts'
import { api, problemOf } from '../data/api.ts'
import { useEnter } from '../data/session.ts'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Door } from './door.tsx'

/** Asks who somebody is; the page that he wanted is there when he has come in. */
export function SignIn({ note }: { note?: string | null }) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const enter = useEnter()
  const signIn = useMutation({
    mutationFn: async () => {
      const { value } = await api.call('session.open', { json: { login, password, ...secondFactor(code) } })
      return value as Whoami // with a cookie it is one; a token is answered to programs only
    },
    onSuccess: enter,
  })
  const factors = signIn.error ? problemOf(signIn.error)['factors'] : undefined
  const [wantsCode, setWantsCode] = useState(false)
  if (Array.isArray(factors) && !wantsCode) setWantsCode(true)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }
  const again = () => {
    setWantsCode(false)
    setCode('')
    setPassword('')
    signIn.reset()
  }
  return (
    <Door title={wantsCode ? 'One more proof' : 'Sign in'} note={note ?? null}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {wantsCode ? (
            <CodeField value={code} onChange={setCode} />
          ) : (
            <>
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
            </>
          )}
          {!(wantsCode && code === '') && <ThrownNotice thrown={signIn.error} />}
          <Button type="submit" fullWidth loading={signIn.isPending}>
            Sign in
          </Button>
          {wantsCode && (
            <Button variant="subtle" fullWidth onClick={again}>
              Sign in as somebody else
            </Button>
          )}
        </Stack>
      </form>
    </Door>
  )
}

function CodeField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      label="Code"
      description="What the authenticator app shows, or one of your recovery codes."
      autoComplete="one-time-code"
      autoCapitalize="off"
      spellCheck={false}
      required
      withAsterisk={false}
      autoFocus
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

function secondFactor(code: string): { totp?: string; recoveryCode?: string } {
  if (code === '') return {}
  return /^\d{3} ?\d{3}$/.test(code.trim()) ? { totp: code.trim() } : { recoveryCode: code.trim() }
}
