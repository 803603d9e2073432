import { Button, NumberInput } from '@mantine/core'
import { useState } from 'react'
import type { Settings } from '../../contract/shapes/settings.ts'
import { Section } from '../account/parts.tsx'
import { useMay } from '../data/session.ts'
import { isStale, useChangeSettings } from '../data/settings.ts'
import { FormDialog } from '../parts/form-dialog.tsx'
import { Facts } from './facts.tsx'
import { Line } from './line.tsx'
import { listOf } from './words.ts'

/** What DNS records of URLs say. */
export function TargetSection({ settings }: { settings: Settings }) {
  const mayChange = useMay()('settings:update')
  const [isChanging, setChanging] = useState(false)
  const { addresses, cname, ttlSeconds } = settings.dns
  return (
    <Section
      title="DNS records"
      text="What the records of URLs say: where visitors find this server."
      action={
        mayChange && (
          <Button variant="default" aria-label="Change the DNS records" onClick={() => setChanging(true)}>
            Change
          </Button>
        )
      }
    >
      <Facts
        facts={[
          ['Addresses of this server', addresses.length === 0 ? 'none yet' : addresses.join(', ')],
          ['Name that leads here', cname ?? 'none: records are addresses'],
          ['TTL', `${ttlSeconds} s`],
        ]}
      />
      {isChanging && <TargetDialog settings={settings} onClose={() => setChanging(false)} />}
    </Section>
  )
}

const formOf = ({ dns }: Settings) => ({
  addresses: dns.addresses.join(' '),
  cname: dns.cname ?? '',
  ttlSeconds: dns.ttlSeconds,
})
type Form = ReturnType<typeof formOf>

function TargetDialog({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  // What the form was filled from. What others save meanwhile must not be overwritten unseen.
  const [basis, setBasis] = useState(settings)
  const [{ addresses, cname, ttlSeconds }, setForm] = useState(() => formOf(settings))
  const set = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }))
  const save = useChangeSettings(basis)
  if (isStale(save.error) && settings.revision !== basis.revision) {
    setBasis(settings)
    setForm(formOf(settings))
  }
  const submit = () =>
    save.mutate(
      { dns: { addresses: listOf(addresses), cname: cname.trim() || null, ttlSeconds } },
      { onSuccess: onClose },
    )
  return (
    <FormDialog
      title="Change the DNS records"
      action="Save"
      isPending={save.isPending}
      problem={save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Line
        label="Addresses of this server"
        description="As the outside reaches it, IPv4 and IPv6, with spaces between: A and AAAA records say them."
        placeholder="203.0.113.5 2001:db8::5"
        value={addresses}
        onChange={(text) => set({ addresses: text })}
      />
      <Line
        label="Name that leads here"
        description="Records are a CNAME to it then, except at the top of a zone. Empty: they are addresses."
        placeholder="server.example.com"
        value={cname}
        onChange={(text) => set({ cname: text })}
      />
      <NumberInput
        label="TTL, in seconds"
        description="For so long resolvers may keep a record."
        min={1}
        max={604_800}
        allowDecimal={false}
        thousandSeparator=","
        value={ttlSeconds}
        onChange={(value) => set({ ttlSeconds: Number(value) || 0 })}
      />
    </FormDialog>
  )
}
