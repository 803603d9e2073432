import { Button, NativeSelect } from '@mantine/core'
import { useId, useState } from 'react'
import { Notice } from '../parts/notice.tsx'
import styles from './attach-dialog.module.css'
import {
  HSTS_WORDS,
  type HstsChoice,
  type HttpsForm,
  MODE_WORDS,
  MODES,
  TLS_WORDS,
  USUAL,
  VERSIONS,
} from './https-form.ts'

interface HttpsFieldsProps {
  form: HttpsForm
  /** Whether a field may be left to the settings. */
  hasUsual: boolean
  /** What browsers are told: behind a button, whenever there is HTTPS, or always. */
  ways: 'asked' | 'wanted' | 'always'
  onChange: (form: HttpsForm) => void
}

/** Where the certificate comes from, and what browsers are told. */
export function HttpsFields({ form, hasUsual, ways, onChange }: HttpsFieldsProps) {
  const [isOpen, setOpen] = useState(ways !== 'asked')
  const more = useId()
  const modes = MODES.filter((mode) => hasUsual || mode !== 'usual')
  return (
    <>
      <div className={styles.pair}>
        <NativeSelect
          label="HTTPS"
          value={form.mode}
          data={modes.map((value) => ({ value, label: MODE_WORDS[value] }))}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...form, mode: modes.find((mode) => mode === value) ?? 'usual' })
          }
        />
        {ways === 'asked' && form.mode !== 'none' && (
          <div className={styles.more}>
            <Button
              variant="subtle"
              size="compact-sm"
              aria-expanded={isOpen}
              aria-controls={more}
              onClick={() => setOpen(!isOpen)}
            >
              {isOpen ? 'Less about HTTPS' : 'More about HTTPS'}
            </Button>
          </div>
        )}
      </div>
      <div id={more} hidden={!isOpen || (form.mode === 'none' && ways !== 'always')}>
        {isOpen && <Ways form={form} hasUsual={hasUsual} onChange={onChange} />}
      </div>
    </>
  )
}

const CHOICES: readonly HstsChoice[] = ['off', 'month', 'year', 'subdomains', 'preload']

function Ways({ form, hasUsual, onChange }: Omit<HttpsFieldsProps, 'ways'>) {
  const usual = hasUsual ? [{ value: 'usual', label: MODE_WORDS.usual }] : []
  const choices: readonly HstsChoice[] = form.hsts === 'kept' ? ['kept', ...CHOICES] : CHOICES
  return (
    <div className={styles.ways}>
      <NativeSelect
        label="Plain HTTP"
        value={form.redirect}
        data={[
          ...usual,
          { value: 'yes', label: 'leads to HTTPS' },
          { value: 'no', label: 'answers with the site as well' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...form, redirect: value === 'yes' || value === 'no' ? value : USUAL.redirect })
        }
      />
      <NativeSelect
        label="Oldest TLS"
        value={form.minimumTls}
        data={[...usual, ...VERSIONS.map((value) => ({ value, label: TLS_WORDS[value] }))]}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...form, minimumTls: VERSIONS.find((one) => one === value) ?? USUAL.minimumTls })
        }
      />
      <NativeSelect
        label="Browsers are told (HSTS)"
        value={form.hsts}
        data={[...usual, ...choices.map((value) => ({ value, label: HSTS_WORDS[value] }))]}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...form, hsts: choices.find((one) => one === value) ?? USUAL.hsts })
        }
      />
      {form.hsts !== 'usual' && form.hsts !== 'off' && <Warning choice={form.hsts} />}
    </div>
  )
}

/** Browsers can't be told otherwise once they no longer come. */
const Warning = ({ choice }: { choice: HstsChoice }) => (
  <div className={styles.warning}>
    <Notice tone="odd" title="Browsers remember this">
      <p>
        Whoever has come by once reaches this name{choice === 'subdomains' && ', and every name below it,'}
        {choice === 'preload' && ', and every name below it,'} over HTTPS alone until the time is over,
        whatever is changed here. Begin with 30 days.
      </p>
    </Notice>
  </div>
)
