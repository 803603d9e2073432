import { Button, Checkbox, Text } from '@mantine/core'
import { useState } from 'react'
import type { Settings } from '../../contract/shapes/settings.ts'
import { DRIFT_KINDS, type DriftKind } from '../../domain/drift.ts'
import { Section } from '../account/parts.tsx'
import { useMay } from '../data/session.ts'
import { isStale, useChangeSettings } from '../data/settings.ts'
import { KIND_WORDS } from '../drift/drift-words.ts'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Facts } from './facts.tsx'

/** What is put back as soon as it is found. */
export function DriftSection({ settings }: { settings: Settings }) {
  const mayChange = useMay()('settings:update')
  const [isChanging, setChanging] = useState(false)
  const { heal } = settings.drift
  return (
    <Section
      title="Drift"
      text="What somebody changes behind Fairlead’s back is found within a minute, and waits for a person, except for what is chosen here."
      action={
        mayChange && (
          <Button
            variant="default"
            aria-label="Change what heals by itself"
            onClick={() => setChanging(true)}
          >
            Change
          </Button>
        )
      }
    >
      <Facts facts={[['Put back by itself', heal.length === 0 ? 'nothing' : wordsOf(heal)]]} />
      {isChanging && <HealDialog settings={settings} onClose={() => setChanging(false)} />}
    </Section>
  )
}

/** In the order in which they can be chosen. */
const wordsOf = (heal: readonly DriftKind[]): string =>
  DRIFT_KINDS.filter((kind) => heal.includes(kind))
    .map((kind) => KIND_WORDS[kind])
    .join('; ')

/** What others answer with is never touched, so nothing heals there. */
const HEALABLE = DRIFT_KINDS.filter((kind) => kind !== 'site-foreign')

function HealDialog({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const [basis, setBasis] = useState(settings)
  const [heal, setHeal] = useState(settings.drift.heal)
  const save = useChangeSettings(basis)
  if (isStale(save.error) && settings.revision !== basis.revision) {
    setBasis(settings)
    setHeal(settings.drift.heal)
  }
  return (
    <FormDialog
      title="What heals by itself"
      action="Save"
      size="lg"
      isPending={save.isPending}
      problem={save.error}
      onSubmit={() => save.mutate({ drift: { heal } }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Text size="sm">
        What is chosen is put back as soon as it is found. What comes back again and again is left alone.
      </Text>
      {HEALABLE.map((kind) => (
        <Checkbox
          key={kind}
          label={KIND_WORDS[kind]}
          checked={heal.includes(kind)}
          onChange={({ currentTarget: { checked } }) =>
            setHeal((before) => DRIFT_KINDS.filter((one) => (one === kind ? checked : before.includes(one))))
          }
        />
      ))}
    </FormDialog>
  )
}
