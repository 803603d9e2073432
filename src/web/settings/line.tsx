import { TextInput } from '@mantine/core'

interface LineProps {
  label: string
  description: string
  placeholder: string
  value: string
  error?: string | false
  onChange: (text: string) => void
}

/** A field for something that programs read. */
export function Line({ onChange, ...rest }: LineProps) {
  return (
    <TextInput
      {...rest}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
