import { Button, Textarea } from '@mantine/core'
import { type ChangeEvent, useRef, useState } from 'react'
import { problemOf } from '../data/api.ts'
import { useAddCertificate } from '../data/settings.ts'
import { announce } from '../parts/announcer.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import styles from './settings.module.css'

/** Brings a certificate with its key. Mount it to open it. */
export function CertificateDialog({ onClose }: { onClose: () => void }) {
  const [certificate, setCertificate] = useState('')
  const [key, setKey] = useState('')
  const add = useAddCertificate()
  const faults = faultsOf(add.error)
  const submit = () =>
    add.mutate(
      { certificate, key },
      {
        onSuccess({ names }) {
          announce(`The certificate of ${names.join(', ')} is kept.`)
          onClose()
        },
        onError: (thrown) => announce(Object.values(faultsOf(thrown)).join(' ')),
      },
    )
  return (
    <FormDialog
      title="Add a certificate"
      action="Add"
      size="lg"
      isReady={certificate.trim() !== '' && key.trim() !== ''}
      isPending={add.isPending}
      problem={Object.keys(faults).length > 0 ? null : add.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Pem
        label="Certificate"
        description="PEM: the certificate first, then those that lead to a root (fullchain.pem)."
        value={certificate}
        error={faults.certificate}
        onChange={setCertificate}
      />
      <Pem
        label="Key"
        description="PEM: its private key, without a passphrase. It is sealed, and never shown again."
        value={key}
        error={faults.key}
        onChange={setKey}
      />
    </FormDialog>
  )
}

/** Every reason, at the field that it blames. */
function faultsOf(thrown: unknown): Partial<Record<string, string>> {
  const errors = thrown === null ? [] : problemOf(thrown).errors
  const ofFields = Object.groupBy(
    errors.filter(({ field }) => field === 'certificate' || field === 'key'),
    ({ field }) => field,
  )
  return Object.fromEntries(
    Object.entries(ofFields).map(([field, blamed]) => [
      field,
      blamed?.map(({ message }) => message).join(' '),
    ]),
  )
}

interface PemProps {
  label: string
  description: string
  value: string
  error: string | undefined
  onChange: (text: string) => void
}

function Pem({ onChange, ...field }: PemProps) {
  const file = useRef<HTMLInputElement>(null)
  const read = async ({ currentTarget: { files } }: ChangeEvent<HTMLInputElement>) => {
    const [chosen] = files ?? []
    if (chosen) onChange(await chosen.text())
  }
  return (
    <div className={styles.pemField}>
      <Textarea
        {...field}
        classNames={{ input: styles.pem }}
        rows={5}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <input ref={file} type="file" hidden onChange={(event) => void read(event)} />
      <Button variant="default" size="compact-sm" onClick={() => file.current?.click()}>
        {field.label} from a file…
      </Button>
    </div>
  )
}
