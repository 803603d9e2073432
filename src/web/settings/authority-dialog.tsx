import { Button, Checkbox, NativeSelect, PasswordInput, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Settings } from '../../contract/shapes/settings.ts'
import { KNOWN_AUTHORITIES } from '../../domain/authorities.ts'
import { CHALLENGE_WAYS } from '../../domain/https.ts'
import { isStale, useChangeSettings, useTestAuthority } from '../data/settings.ts'
import { FormDialog } from '../parts/form-dialog.tsx'
import { ProblemNotice, ThrownNotice } from '../parts/problem-notice.tsx'
import { Answers, CHALLENGE_WORDS } from './authority-answers.tsx'
import { Line } from './line.tsx'
import styles from './settings.module.css'

const OTHER = 'other'
const NONE = 'none'

const formOf = ({
  certificates: { directoryUrl, contact, root, externalKeyId, profile, ...rest },
}: Settings) => ({
  who:
    directoryUrl === null
      ? NONE
      : (KNOWN_AUTHORITIES.find((one) => one.directoryUrl === directoryUrl)?.word ?? OTHER),
  address: directoryUrl ?? '',
  contact: contact ?? '',
  root: root ?? '',
  externalKeyId: externalKeyId ?? '',
  externalHmacKey: '',
  profile: profile ?? '',
  challenge: rest.challenge,
  termsAgreed: rest.termsAgreed,
})
type Form = ReturnType<typeof formOf>

const directoryOf = ({ who, address }: Form): string | null => {
  if (who === NONE) return null
  return KNOWN_AUTHORITIES.find(({ word }) => word === who)?.directoryUrl ?? (address.trim() || null)
}

const textOrNull = (text: string): string | null => text.trim() || null

const wishOf = (form: Form): Partial<Settings['certificates']> & { externalHmacKey?: string } => ({
  directoryUrl: directoryOf(form),
  contact: textOrNull(form.contact),
  termsAgreed: form.termsAgreed,
  root: form.who === OTHER ? textOrNull(form.root) : null,
  externalKeyId: textOrNull(form.externalKeyId),
  profile: textOrNull(form.profile),
  challenge: form.challenge,
  ...(form.externalHmacKey !== '' && { externalHmacKey: form.externalHmacKey }),
})

/** Who is asked for certificates. Mount it to open it. */
export function AuthorityDialog({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  // What the form was filled from. What others save meanwhile must not be overwritten unseen.
  const [basis, setBasis] = useState(settings)
  const [form, setForm] = useState(() => formOf(settings))
  const set = (part: Partial<Form>) => setForm((before) => ({ ...before, ...part }))
  const save = useChangeSettings(basis)
  if (isStale(save.error) && settings.revision !== basis.revision) {
    setBasis(settings)
    setForm(formOf(settings))
  }
  return (
    <FormDialog
      title="Certificate authority"
      action="Save"
      size="lg"
      isReady={form.who === NONE || directoryOf(form) !== null}
      isPending={save.isPending}
      problem={save.error}
      onSubmit={() => save.mutate({ certificates: wishOf(form) }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <NativeSelect
        label="Asked"
        value={form.who}
        data={[
          { value: NONE, label: 'none' },
          ...KNOWN_AUTHORITIES.map(({ word, label }) => ({ value: word, label })),
          { value: OTHER, label: 'another one, by its directory' },
        ]}
        // Terms are those of one CA.
        onChange={({ currentTarget: { value } }) => set({ who: value, termsAgreed: false })}
      />
      {form.who === OTHER && <Other form={form} onChange={set} />}
      {form.who !== NONE && <About form={form} basis={basis} onChange={set} />}
    </FormDialog>
  )
}

interface PartProps {
  form: Form
  onChange: (part: Partial<Form>) => void
}

function Other({ form, onChange }: PartProps) {
  return (
    <>
      <Line
        label="Directory"
        description="Its ACME directory (RFC 8555)."
        placeholder="https://ca.example.com/acme/directory"
        value={form.address}
        onChange={(address) => onChange({ address, termsAgreed: false })}
      />
      <Textarea
        label="Root"
        description="PEM: what its own HTTPS is trusted by. Empty: as everybody's is."
        classNames={{ input: styles.pem }}
        rows={3}
        spellCheck={false}
        value={form.root}
        onChange={(event) => onChange({ root: event.currentTarget.value })}
      />
    </>
  )
}

function About({ form, basis, onChange }: PartProps & { basis: Settings }) {
  return (
    <>
      <Terms form={form} onChange={onChange} />
      <Line
        label="It writes to"
        description="An email address, if it is to write to anybody."
        placeholder="ops@example.com"
        value={form.contact}
        onChange={(contact) => onChange({ contact })}
      />
      <NativeSelect
        label="It is shown names"
        description="By a DNS record also for names that it can not reach. It takes a DNS provider that makes records."
        value={form.challenge}
        data={CHALLENGE_WAYS.map((value) => ({ value, label: CHALLENGE_WORDS[value] }))}
        onChange={({ currentTarget: { value } }) =>
          onChange({ challenge: CHALLENGE_WAYS.find((one) => one === value) ?? 'auto' })
        }
      />
      <Line
        label="Profile"
        description="The kind of certificate, by the name that the CA gives it. Empty: the usual one."
        placeholder="shortlived"
        value={form.profile}
        onChange={(profile) => onChange({ profile })}
      />
      <Line
        label="External account"
        description="Its key id, if the CA has given out one."
        placeholder=""
        value={form.externalKeyId}
        onChange={(externalKeyId) => onChange({ externalKeyId })}
      />
      <PasswordInput
        label="Key of the external account"
        description={
          basis.certificates.externalHmacKeySet
            ? 'Empty: as it is. It is never shown.'
            : 'It is sealed, and never shown again.'
        }
        autoComplete="off"
        value={form.externalHmacKey}
        onChange={(event) => onChange({ externalHmacKey: event.currentTarget.value })}
      />
    </>
  )
}

/** Read where the CA keeps them, and agreed to by a person. */
function Terms({ form, onChange }: PartProps) {
  const test = useTestAuthority()
  const directoryUrl = directoryOf(form)
  const ask = () => {
    if (directoryUrl !== null)
      test.mutate({ directoryUrl, ...(form.who === OTHER && { root: textOrNull(form.root) }) })
  }
  return (
    <div className={styles.terms}>
      <Button
        variant="default"
        size="sm"
        loading={test.isPending}
        disabled={directoryUrl === null}
        onClick={ask}
      >
        Ask it for its terms
      </Button>
      <div role="status" hidden={!test.data && !test.error}>
        <ThrownNotice thrown={test.error} />
        {test.data?.problem && <ProblemNotice problem={test.data.problem} />}
        {test.data?.ok && <Answers test={test.data} />}
      </div>
      <Checkbox
        label="I agree to its terms of service. No certificate is asked for before."
        checked={form.termsAgreed}
        onChange={(event) => onChange({ termsAgreed: event.currentTarget.checked })}
      />
    </div>
  )
}
