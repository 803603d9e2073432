import { TextInput } from '@mantine/core'
import type { RefObject } from 'react'
import { NAME_PATTERN, NAME_RULE } from '../../domain/names.ts'

interface NameFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  inputRef?: RefObject<HTMLInputElement | null>
}

/** The name of a service or an environment; says the rule as soon as it is broken. */
export function NameField({ label, value, onChange, inputRef }: NameFieldProps) {
  const isWrong = value !== '' && !NAME_PATTERN.test(value)
  return (
    <TextInput
      ref={inputRef}
      label={label}
      value={value}
      required
      withAsterisk={false}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      maxLength={60}
      data-autofocus
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      description={isWrong ? undefined : `A name has ${NAME_RULE}.`}
      error={isWrong && `A name has ${NAME_RULE}.`}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

export const isName = (text: string) => NAME_PATTERN.test(text)
