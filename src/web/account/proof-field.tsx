import { PasswordInput } from '@mantine/core'

interface ProofProps {
  hasPassword: boolean
  value: string
  onChange: (password: string) => void
}

/** Who changes how he signs in proves once more who he is. Those without a password have just signed in. */
export function ProofField({ hasPassword, value, onChange }: ProofProps) {
  if (!hasPassword) return null
  return (
    <PasswordInput
      label="Your password"
      description="Asked again, since this changes how you sign in."
      autoComplete="current-password"
      required
      withAsterisk={false}
      data-autofocus
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

export const proofOf = (password: string) => (password === '' ? {} : { password })
