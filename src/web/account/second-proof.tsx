import { Button, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Whoami } from '../../contract/shapes/session.ts'
import type { PendingSignIn } from '../../contract/shapes/sign-in.ts'
import { api, problemOf } from '../data/api.ts'
import { Icon } from '../icons.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Door } from './door.tsx'
import { askPasskey } from './passkey.ts'

interface SecondProofProps {
  pending: PendingSignIn
  onEntered: (who: Whoami) => void
  /** Back to the first proof, as somebody else. */
  onAnew: () => void
}

/** The password was right; now a code, or a passkey. */
export function SecondProof({ pending: { login, factors }, onEntered, onAnew }: SecondProofProps) {
  const [code, setCode] = useState('')
  const byCode = useMutation({
    mutationFn: async () => (await api.call('sign-in.second-factor', { json: proofOf(code) })).value,
    onSuccess: onEntered,
  })
  const byPasskey = useMutation({
    mutationFn: async () => {
      const options = (await api.call('sign-in.second-factor-options', {})).value
      return (await api.call('sign-in.second-factor', { json: { passkey: await askPasskey(options) } })).value
    },
    onSuccess: onEntered,
  })
  const thrown = byPasskey.error ?? byCode.error
  const isOver = thrown !== null && problemOf(thrown).code === 'not_found'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    byPasskey.reset()
    byCode.mutate()
  }
  return (
    <Door title="One more proof" intro={login}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {factors.includes('passkey') && (
            <Button
              fullWidth
              leftSection={<Icon name="key" />}
              loading={byPasskey.isPending}
              onClick={() => byPasskey.mutate()}
            >
              Use a passkey
            </Button>
          )}
          <TextInput
            label={factors.includes('totp') ? 'Code' : 'Recovery code'}
            description={
              factors.includes('totp')
                ? 'What the authenticator app shows, or one of your recovery codes.'
                : 'For when the passkey is lost.'
            }
            autoComplete="one-time-code"
            autoCapitalize="off"
            spellCheck={false}
            required
            withAsterisk={false}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <ThrownNotice thrown={thrown} />
          <Button
            type="submit"
            fullWidth
            disabled={isOver}
            loading={byCode.isPending}
            variant={factors.includes('passkey') ? 'default' : 'filled'}
          >
            Sign in
          </Button>
          <Button variant="subtle" fullWidth onClick={onAnew}>
            {isOver ? 'Begin anew' : 'Sign in as somebody else'}
          </Button>
        </Stack>
      </form>
    </Door>
  )
}

function proofOf(code: string): { totp: string } | { recoveryCode: string } {
  const text = code.trim()
  return /^\d{3} ?\d{3}$/.test(text) ? { totp: text.replace(' ', '') } : { recoveryCode: text }
}
