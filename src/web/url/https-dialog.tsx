import { Text } from '@mantine/core'
import { useState } from 'react'
import type { Url } from '../../contract/shapes/urls.ts'
import { useChangeUrl } from '../data/urls.ts'
import { announce } from '../parts/announcer.tsx'
import { FormDialog } from '../parts/form-dialog.tsx'
import { HttpsFields } from './https-fields.tsx'
import { formOfHttps, httpsWishOf } from './https-form.ts'

/** Changes how a name answers over HTTPS. Mount it to open it. */
export default function HttpsDialog({ url, onClose }: { url: Url; onClose: () => void }) {
  const [before] = useState(() => formOfHttps(url.https))
  const [form, setForm] = useState(before)
  const change = useChangeUrl(url.id)
  const wish = httpsWishOf(form, before)
  const submit = () =>
    change.mutate(wish, {
      onSuccess() {
        announce(`Changing ${url.unicode}.`)
        onClose()
      },
    })
  return (
    <FormDialog
      title={`HTTPS of ${url.unicode}`}
      action="Save"
      size="lg"
      isReady={Object.keys(wish).length > 0}
      isPending={change.isPending}
      problem={change.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <HttpsFields form={form} hasUsual={false} ways="wanted" onChange={setForm} />
      <Text size="sm">
        If it takes another certificate, that is got first; then the site is put up anew. Visitors are
        answered all the while.
      </Text>
    </FormDialog>
  )
}
