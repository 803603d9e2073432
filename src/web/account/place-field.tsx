import { NativeSelect } from '@mantine/core'
import { usePlaces } from '../data/account.ts'

export interface ChosenPlace {
  service?: string
  environment?: string
}

interface PlaceFieldProps {
  label: string
  everywhere: string
  value: ChosenPlace
  onChange: (place: ChosenPlace) => void
}

/** Where something is to hold: everywhere, in a service, or in one of its environments. */
export function PlaceField({ label, everywhere, value, onChange }: PlaceFieldProps) {
  const places = usePlaces()
  const environments = places.data?.find(({ name }) => name === value.service)?.environments ?? []
  return (
    <>
      <NativeSelect
        label={label}
        value={value.service ?? ''}
        data={[
          { value: '', label: everywhere },
          ...(places.data ?? []).map(({ name }) => ({ value: name, label: `In the service ${name}` })),
        ]}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.value ? { service: currentTarget.value } : {})
        }
      />
      {value.service !== undefined && (
        <NativeSelect
          label="Environment"
          value={value.environment ?? ''}
          data={[
            { value: '', label: 'All of its environments' },
            ...environments.map(({ name }) => ({ value: name, label: `Only ${name}` })),
          ]}
          onChange={({ currentTarget }) =>
            onChange({
              ...(value.service !== undefined && { service: value.service }),
              ...(currentTarget.value && { environment: currentTarget.value }),
            })
          }
        />
      )}
    </>
  )
}

export const placeText = ({
  service,
  environment,
}: {
  service: string | null
  environment: string | null
}) =>
  service === null ? 'everywhere' : environment === null ? `in ${service}` : `in ${service}, ${environment}`
