import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Settings } from '../../contract/shapes/settings.ts'
import { Section } from '../account/parts.tsx'
import { useMay } from '../data/session.ts'
import { isStale, useChangeSettings } from '../data/settings.ts'
import { FormDialog } from '../parts/form-dialog.tsx'
import { HttpsFields } from '../url/https-fields.tsx'
import { formOfHttps, hstsText, httpsWishOf, MODE_WORDS, TLS_WORDS } from '../url/https-form.ts'
import { Facts } from './facts.tsx'

/** How URLs to come answer over HTTPS. */
export function HttpsSection({ settings }: { settings: Settings }) {
  const mayChange = useMay()('settings:update')
  const [isChanging, setChanging] = useState(false)
  const { https } = settings
  return (
    <Section
      title="HTTPS"
      text="Of URLs to come, when nothing is said of it. Those that are there keep what they have."
      action={
        mayChange && (
          <Button variant="default" aria-label="Change HTTPS" onClick={() => setChanging(true)}>
            Change
          </Button>
        )
      }
    >
      <Facts
        facts={[
          ['HTTPS', MODE_WORDS[https.default]],
          ['Plain HTTP', https.redirect ? 'leads to HTTPS' : 'answers with the site as well'],
          ['Oldest TLS', TLS_WORDS[https.minimumTls]],
          ['Browsers are told', hstsText(https.hsts)],
        ]}
      />
      {isChanging && <HttpsDialog settings={settings} onClose={() => setChanging(false)} />}
    </Section>
  )
}

const formOf = ({ https }: Settings) => formOfHttps({ ...https, mode: https.default })

function HttpsDialog({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const [basis, setBasis] = useState(settings)
  const [form, setForm] = useState(() => formOf(settings))
  const save = useChangeSettings(basis)
  if (isStale(save.error) && settings.revision !== basis.revision) {
    setBasis(settings)
    setForm(formOf(settings))
  }
  const { https, redirectToHttps, ...rest } = httpsWishOf(form, formOf(basis))
  const wish = {
    ...rest,
    ...(https !== undefined && { default: https }),
    ...(redirectToHttps !== undefined && { redirect: redirectToHttps }),
  }
  return (
    <FormDialog
      title="HTTPS of URLs to come"
      action="Save"
      size="lg"
      isReady={Object.keys(wish).length > 0}
      isPending={save.isPending}
      problem={save.error}
      onSubmit={() => save.mutate({ https: wish }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <HttpsFields form={form} hasUsual={false} ways="always" onChange={setForm} />
    </FormDialog>
  )
}
