import { NativeSelect } from '@mantine/core'
import { useRoles } from '../data/account.ts'

interface RoleFieldProps {
  label: string
  /** What choosing no role stands for; without it one has to be chosen. */
  none?: string
  value: string
  onChange: (role: string) => void
}

const USUAL = ['owner', 'admin', 'deployer', 'viewer']

/** A role by its name: those that can be read here, else those that every instance has. */
export function RoleField({ label, none, value, onChange }: RoleFieldProps) {
  const roles = useRoles()
  const names = roles.data?.map(({ name }) => name) ?? USUAL
  return (
    <NativeSelect
      label={label}
      value={value}
      data={[
        ...(none === undefined ? [] : [{ value: '', label: none }]),
        ...names.map((name) => ({ value: name, label: name })),
      ]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
