import { Checkbox, NativeSelect, NumberInput, PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { DnsProvider, DnsProviderField, DnsProviderKind } from '../../contract/shapes/dns-providers.ts'
import { api, ifMatch } from '../data/api.ts'
import { useChange } from '../data/changes.ts'
import { FormDialog } from '../parts/form-dialog.tsx'
import { listOf } from './words.ts'

type Value = string | number | boolean | string[] | null
type Values = Record<string, Value>

interface ProviderDialogProps {
  kinds: readonly DnsProviderKind[]
  /** Without one, another is set up. */
  provider?: DnsProvider
  onClose: () => void
}

/** Asks for what a kind of provider has to be told; its fields come from the server. Mount it to open it. */
export function ProviderDialog({ kinds, provider, onClose }: ProviderDialogProps) {
  const [kind, setKind] = useState(provider?.kind ?? kinds[0]?.kind ?? '')
  const [given, setLabel] = useState<string | null>(null)
  const label = given ?? provider?.label ?? ''
  // What was filled in for another kind stays, should it be chosen again.
  const [filled, setFilled] = useState<Record<string, Values>>({})
  const fields = kinds.find((each) => each.kind === kind)?.fields ?? []
  const values = filled[kind] ?? {}
  const save = useChange(async () =>
    provider
      ? (
          await api.call('dns-providers.update', {
            params: { id: provider.id },
            headers: ifMatch(provider),
            json: { ...(given !== null && { label }), config: values },
          })
        ).value
      : (await api.call('dns-providers.create', { json: { kind, label, config: values } })).value,
  )
  return (
    <FormDialog
      title={provider ? `Change ${provider.label}` : 'Add a DNS provider'}
      action={provider ? 'Save' : 'Add'}
      size="lg"
      isPending={save.isPending}
      problem={save.error}
      onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      {!provider && (
        <NativeSelect
          label="Kind"
          value={kind}
          data={kinds.map((each) => ({ value: each.kind, label: each.label }))}
          onChange={({ currentTarget }) => setKind(currentTarget.value)}
        />
      )}
      <TextInput
        label="What people call it"
        required
        withAsterisk={false}
        maxLength={100}
        placeholder="The BIND in the cellar"
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      {fields.map((field) => (
        <Field
          key={`${kind} ${field.name}`}
          field={field}
          isKept={provider?.secrets[field.name] === true}
          value={values[field.name] ?? provider?.config[field.name] ?? field.default}
          onChange={(value) =>
            setFilled((before) => ({ ...before, [kind]: { ...before[kind], [field.name]: value } }))
          }
        />
      ))}
    </FormDialog>
  )
}

interface FieldProps {
  field: DnsProviderField
  /** Whether the server has its secret. */
  isKept: boolean
  value: Value
  onChange: (value: Value) => void
}

function Field({ field, isKept, value, onChange }: FieldProps) {
  const { label, help, required, example } = field
  const common = {
    label,
    description: help,
    withAsterisk: false,
    ...(example !== null && { placeholder: example }),
  }
  if (field.secret)
    return (
      <PasswordInput
        {...common}
        description={`${help ?? ''} ${isKept ? 'Empty: as it is. It is never shown.' : 'It is sealed, and never shown again.'}`.trim()}
        autoComplete="off"
        required={required && !isKept}
        value={typeof value === 'string' ? value : ''}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  switch (field.type) {
    case 'switch':
      return (
        <Checkbox
          label={label}
          description={help}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'choice':
      return (
        <NativeSelect
          label={label}
          description={help}
          value={String(value ?? '')}
          data={field.choices}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )
    case 'number':
      return (
        <NumberInput
          {...common}
          required={required}
          allowDecimal={false}
          value={typeof value === 'number' ? value : ''}
          onChange={(given) => onChange(given === '' ? null : Number(given))}
        />
      )
    case 'list':
      return <ListField common={common} required={required} value={value} onChange={onChange} />
    case 'text':
      return (
        <TextInput
          {...common}
          required={required}
          autoCapitalize="off"
          spellCheck={false}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      )
  }
}

interface ListFieldProps {
  common: { label: string; description: string | null; placeholder?: string }
  required: boolean
  value: Value
  onChange: (value: string[]) => void
}

/** The text stays as it is typed; the list is read from it. */
function ListField({ common, required, value, onChange }: ListFieldProps) {
  const [text, setText] = useState(Array.isArray(value) ? value.join(' ') : '')
  return (
    <TextInput
      {...common}
      description={`${common.description ?? ''} With spaces between.`.trim()}
      required={required}
      autoCapitalize="off"
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        onChange(listOf(event.currentTarget.value))
      }}
    />
  )
}
