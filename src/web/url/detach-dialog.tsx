import { Text } from '@mantine/core'
import type { Url } from '../../contract/shapes/urls.ts'
import { useDetachUrl } from '../data/urls.ts'
import { announce } from '../parts/announcer.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import styles from './detach-dialog.module.css'
import { ByHand, Records } from './records.tsx'

interface DetachDialogProps {
  url: Url
  onClose: () => void
}

/** Says what will happen to the records and the site, in that order. Mount it to open it. */
export function DetachDialog({ url, onClose }: DetachDialogProps) {
  const detach = useDetachUrl()
  const { unicode, service, dns } = url
  const submit = () =>
    detach.mutate(url.id, {
      onSuccess() {
        announce(`Detaching ${unicode}.`)
        onClose()
      },
    })
  return (
    <FormDialog
      title={`Detach ${unicode}`}
      action="Detach"
      size="lg"
      isGrave
      isPending={detach.isPending}
      problem={detach.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <ol className={styles.steps}>
        <DnsSteps url={url} />
        <li>{AFTERWARDS[url.kind]}</li>
      </ol>
      <Text size="sm" c="dimmed">
        {dns.records.length > 0 && service !== null
          ? `Resolvers may know the records for a while longer: until then no other service than ${service} gets the name. `
          : ''}
        If a step fails, the URL stays attached, and its problem is shown here.
      </Text>
    </FormDialog>
  )
}

const AFTERWARDS = {
  site: 'Its site is taken down: under this name nothing answers any more. What is live stays live under its other addresses.',
  redirect: 'The redirect is taken down: under this name nothing answers any more.',
  self: 'The name does not lead to this page any more. If you came by it, come by another one.',
}

function DnsSteps({ url: { dns } }: { url: Url }) {
  if (dns.state === 'none' || dns.records.length === 0)
    return <li>No DNS records are touched: Fairlead has made none.</li>
  if (dns.state === 'by-hand')
    return (
      <li>
        The DNS records were made by hand and stay, until you take them away where the name is kept:
        <ByHand sets={dns.records} label="Records that stay" />
      </li>
    )
  return (
    <>
      <li>
        <b>{dns.provider?.label ?? 'The DNS provider'}</b> removes these records
        {dns.zone && <> from the zone {dns.zone}</>}; one that somebody has changed meanwhile stays, and stops
        it:
        <Records sets={dns.records} label="Records that are removed" />
      </li>
      <li>The name servers are asked until none of them answers the records any more.</li>
    </>
  )
}
