import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { Settings, SettingsPatch } from '../../contract/shapes/settings.ts'
import { GATEWAY_KINDS, type GatewayKind } from '../../domain/url.ts'
import { isStale, useChangeSettings } from '../data/settings.ts'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Line } from './line.tsx'
import { lineOf, NGINX_FIELDS, type NginxName, valueOf } from './nginx-fields.ts'

export const GATEWAY_WORDS: Record<GatewayKind, string> = {
  builtin: 'The builtin gateway',
  nginx: 'NGINX of this machine',
}

type Lines = Partial<Record<NginxName, string>>

/** Mount it to open it. */
export function GatewayDialog({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  // What the lines were filled from. What others save meanwhile must not be overwritten unseen.
  const [basis, setBasis] = useState(settings)
  const [kind, setKind] = useState(basis.gateway.kind)
  // Of the fields that were touched.
  const [lines, setLines] = useState<Lines>({})
  const save = useChangeSettings(basis)
  if (isStale(save.error) && settings.revision !== basis.revision) {
    setBasis(settings)
    setKind(settings.gateway.kind)
    setLines({})
  }
  const nginx = nginxOf(lines)
  const submit = () => {
    if (!nginx) return
    save.mutate({ gateway: { kind, ...(kind === 'nginx' && { nginx }) } }, { onSuccess: onClose })
  }
  return (
    <FormDialog
      title="Change the gateway"
      action="Save"
      size="lg"
      isReady={nginx !== null}
      isPending={save.isPending}
      problem={save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <NativeSelect
        label="Used for URLs"
        value={kind}
        data={GATEWAY_KINDS.map((value) => ({ value, label: GATEWAY_WORDS[value] }))}
        onChange={({ currentTarget }) =>
          setKind(GATEWAY_KINDS.find((each) => each === currentTarget.value) ?? 'builtin')
        }
      />
      {kind === 'nginx' &&
        NGINX_FIELDS.map((field) => {
          const { name, label, help, usual, example } = field
          const line = lines[name] ?? lineOf(basis.gateway.nginx, field)
          return (
            <Line
              key={name}
              label={label}
              description={field.kind === 'listens' ? help : `${help} Empty: ${usual}.`}
              placeholder={example}
              value={line}
              error={valueOf(field, line) === undefined && `This can't be read. It looks like: ${example}`}
              onChange={(text) => setLines((before) => ({ ...before, [name]: text }))}
            />
          )
        })}
    </FormDialog>
  )
}

/** What the lines say; null while one of them can't be read. */
function nginxOf(lines: Lines): NonNullable<SettingsPatch['gateway']>['nginx'] | null {
  const said = NGINX_FIELDS.filter(({ name }) => lines[name] !== undefined).map(
    (field) => [field.name, valueOf(field, lines[field.name] ?? '')] as const,
  )
  return said.some(([, value]) => value === undefined) ? null : Object.fromEntries(said)
}
