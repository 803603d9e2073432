import { Checkbox, NativeSelect, NumberInput } from '@mantine/core'
import { useState } from 'react'
import type { Environment } from '../../contract/shapes.ts'
import {
  type EnvironmentSettings,
  HTML_HANDLING,
  type HtmlHandling,
  NOT_FOUND_HANDLING,
  type NotFoundHandling,
} from '../../domain/environment.ts'
import { problemOf } from '../data/api.ts'
import { useUpdateEnvironment } from '../data/changes.ts'
import { FormDialog } from '../parts/form-dialog.tsx'

type Form = Pick<
  EnvironmentSettings,
  'htmlHandling' | 'notFoundHandling' | 'retain' | 'assetGraceSeconds' | 'approval'
>

const HTML_WORDS: Record<HtmlHandling, string> = {
  'auto-trailing-slash': 'Automatic: /about and /blog/',
  'force-trailing-slash': 'Always with a slash: /about/',
  'drop-trailing-slash': 'Never with a slash: /about',
  none: 'As the files are named',
}
const NOT_FOUND_WORDS: Record<NotFoundHandling, string> = {
  '404-page': 'The nearest 404.html',
  'single-page-application': 'index.html, for single-page applications',
  none: 'A plain 404',
}

const formOf = ({
  htmlHandling,
  notFoundHandling,
  retain,
  assetGraceSeconds,
  approval,
}: Environment): Form => ({
  htmlHandling,
  notFoundHandling,
  retain,
  assetGraceSeconds,
  approval,
})

interface EnvironmentSettingsDialogProps {
  environment: Environment
  onClose: () => void
}

/** How visitors are answered and what is kept. Mount it to open it. */
export function EnvironmentSettingsDialog({ environment, onClose }: EnvironmentSettingsDialogProps) {
  // What the form was filled from. What others save meanwhile must not be overwritten unseen.
  const [basis, setBasis] = useState(environment)
  const [form, setForm] = useState(() => formOf(environment))
  const update = useUpdateEnvironment(basis)
  const isStale = update.error !== null && problemOf(update.error).code === 'precondition_failed'
  if (isStale && environment.revision !== basis.revision) {
    setBasis(environment)
    setForm(formOf(environment))
  }
  const set = (change: Partial<Form>) => setForm((before) => ({ ...before, ...change }))
  return (
    <FormDialog
      title={`Settings of ${environment.name}`}
      action="Save"
      isPending={update.isPending}
      problem={update.error}
      onSubmit={() => update.mutate(form, { onSuccess: onClose })}
      onClose={onClose}
    >
      <NativeSelect
        label="Addresses of pages"
        value={form.htmlHandling}
        data={HTML_HANDLING.map((value) => ({ value, label: HTML_WORDS[value] }))}
        onChange={({ currentTarget }) =>
          set({ htmlHandling: HTML_HANDLING.find((each) => each === currentTarget.value) ?? 'none' })
        }
      />
      <NativeSelect
        label="When no file answers"
        value={form.notFoundHandling}
        data={NOT_FOUND_HANDLING.map((value) => ({ value, label: NOT_FOUND_WORDS[value] }))}
        onChange={({ currentTarget }) =>
          set({
            notFoundHandling: NOT_FOUND_HANDLING.find((each) => each === currentTarget.value) ?? 'none',
          })
        }
      />
      <NumberInput
        label="Earlier versions kept unpacked"
        description="A rollback to one of these is immediate. Every bundle stays in any case."
        min={0}
        max={100}
        allowDecimal={false}
        value={form.retain}
        onChange={(value) => set({ retain: Number(value) || 0 })}
      />
      <NumberInput
        label="Asset grace, in seconds"
        description="For so long, fingerprinted files of earlier versions still answer open tabs."
        min={0}
        max={31_536_000}
        step={3_600}
        allowDecimal={false}
        thousandSeparator=","
        value={form.assetGraceSeconds}
        onChange={(value) => set({ assetGraceSeconds: Number(value) || 0 })}
      />
      <Checkbox
        label="A second person approves what is deployed"
        description="Deployments and promotions wait until then; a rollback waits for nobody."
        checked={form.approval}
        onChange={(event) => set({ approval: event.currentTarget.checked })}
      />
    </FormDialog>
  )
}
