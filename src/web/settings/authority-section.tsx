import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Settings } from '../../contract/shapes/settings.ts'
import { KNOWN_AUTHORITIES } from '../../domain/authorities.ts'
import { Section } from '../account/parts.tsx'
import { useMay } from '../data/session.ts'
import { useTestAuthority } from '../data/settings.ts'
import { ProblemNotice, ThrownNotice } from '../parts/problem-notice.tsx'
import { Answers, CHALLENGE_WORDS } from './authority-answers.tsx'
import { AuthorityDialog } from './authority-dialog.tsx'
import { Facts } from './facts.tsx'
import styles from './settings.module.css'

/** Who gives certificates. */
export function AuthoritySection({ settings }: { settings: Settings }) {
  const mayChange = useMay()('settings:update')
  const [isChanging, setChanging] = useState(false)
  const test = useTestAuthority()
  const { certificates } = settings
  const verb = certificates.directoryUrl === null ? 'Set up' : 'Change'
  return (
    <Section
      title="Certificate authority"
      text="It gives the certificates of URLs with HTTPS, and new ones before they expire, by itself (ACME)."
      action={
        mayChange && (
          <div className={styles.buttons}>
            {certificates.directoryUrl !== null && (
              <Button
                variant="default"
                loading={test.isPending}
                aria-label="Test the certificate authority"
                onClick={() => test.mutate({})}
              >
                Test
              </Button>
            )}
            <Button
              variant="default"
              aria-label={`${verb} the certificate authority`}
              onClick={() => setChanging(true)}
            >
              {verb}
            </Button>
          </div>
        )
      }
    >
      <Facts facts={factsOf(certificates)} />
      <div className={styles.answer} role="status" hidden={!test.data && !test.error}>
        <ThrownNotice thrown={test.error} />
        {test.data?.problem && <ProblemNotice problem={test.data.problem} />}
        {test.data?.ok && <Answers test={test.data} />}
      </div>
      {isChanging && <AuthorityDialog settings={settings} onClose={() => setChanging(false)} />}
    </Section>
  )
}

type Facts = Parameters<typeof Facts>[0]['facts']

function factsOf(given: Settings['certificates']): Facts {
  const { directoryUrl, contact, termsAgreed, challenge, profile, externalKeyId, externalHmacKeySet } = given
  if (directoryUrl === null)
    return [['Asked', 'none yet: URLs answer over plain HTTP, or with certificates of yours']]
  const known = KNOWN_AUTHORITIES.find((one) => one.directoryUrl === directoryUrl)
  return [
    ['Asked', known?.label ?? directoryUrl],
    ['Its terms', termsAgreed ? 'agreed to' : 'not agreed to: nothing is asked of it'],
    ['Writes to', contact ?? 'nobody'],
    ['Is shown names', CHALLENGE_WORDS[challenge]],
    ...(profile === null ? [] : [['Profile', profile] as const]),
    ...(externalKeyId === null
      ? []
      : [
          [
            'Account',
            externalHmacKeySet ? externalKeyId : `${externalKeyId}: its key has to be entered again`,
          ] as const,
        ]),
  ]
}
