import { Button, Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { Certificate } from '../../contract/shapes/https.ts'
import accountStyles from '../account/account.module.css'
import { Section } from '../account/parts.tsx'
import { useMay } from '../data/session.ts'
import { useCertificates, useDeleteCertificate } from '../data/settings.ts'
import { Icon } from '../icons.tsx'
import { DeleteDialog } from '../parts/delete-dialog.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Pill } from '../parts/status-pill.tsx'
import { useNow } from '../parts/time.tsx'
import { daysLeft, daysText, SOON_DAYS } from '../url/https-words.ts'
import { CertificateDialog } from './certificate-dialog.tsx'

/** Those that a CA gave, and those that somebody brought. */
export function CertificatesSection() {
  const certificates = useCertificates()
  const mayCreate = useMay()('certificates:create')
  const [isAdding, setAdding] = useState(false)
  return (
    <Section
      title="Certificates"
      text="Those of the CA come and go by themselves. Yours answer under every URL that wants one of yours and whose name they cover."
      action={
        mayCreate && (
          <Button variant="default" leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            Add certificate
          </Button>
        )
      }
    >
      <ThrownNotice thrown={certificates.error} />
      {certificates.isPending && <Skeleton height={72} />}
      {certificates.data?.length === 0 && <p className={accountStyles.none}>None yet.</p>}
      {certificates.data && certificates.data.length > 0 && (
        <ul className={accountStyles.rows} aria-label="Certificates">
          {certificates.data.map((certificate) => (
            <Row key={certificate.id} certificate={certificate} />
          ))}
        </ul>
      )}
      {isAdding && <CertificateDialog onClose={() => setAdding(false)} />}
    </Section>
  )
}

function Row({ certificate }: { certificate: Certificate }) {
  const { kind, names, issuer, notAfter, urls } = certificate
  const days = daysLeft(notAfter, useNow())
  const mayDelete = useMay()('certificates:delete')
  const [isDeleting, setDeleting] = useState(false)
  const name = names.join(', ')
  return (
    <li className={accountStyles.row}>
      <div className={accountStyles.main}>
        <span className={accountStyles.name}>{name}</span>
        <p className={accountStyles.more}>
          {kind === 'placeholder' ? 'made here, trusted by nobody' : `signed by ${issuer || 'nobody'}`}
          {' · '}
          {urls.length === 0
            ? 'no URL answers with it'
            : `answers under ${urls.map(({ hostname }) => hostname).join(', ')}`}
        </p>
      </div>
      <Pill tone={days < 0 ? 'bad' : days <= SOON_DAYS && kind === 'own' ? 'odd' : 'calm'}>
        {daysText(days)}
      </Pill>
      {mayDelete && kind === 'own' && urls.length === 0 && (
        <div className={accountStyles.buttons}>
          <Button
            variant="default"
            aria-label={`Delete the certificate of ${name}`}
            onClick={() => setDeleting(true)}
          >
            Delete
          </Button>
        </div>
      )}
      {isDeleting && <Deletion certificate={certificate} onClose={() => setDeleting(false)} />}
    </li>
  )
}

function Deletion({ certificate, onClose }: { certificate: Certificate; onClose: () => void }) {
  const remove = useDeleteCertificate(certificate.id)
  const [name = ''] = certificate.names
  return (
    <DeleteDialog
      title="Delete the certificate"
      name={name}
      isPending={remove.isPending}
      problem={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      The certificate and its key are gone then. No URL answers with it.
    </DeleteDialog>
  )
}
