import type { AuthorityTest, Settings } from '../../contract/shapes/settings.ts'
import { Icon } from '../icons.tsx'
import { webAddress } from '../router.tsx'
import styles from './settings.module.css'

export const CHALLENGE_WORDS = {
  auto: 'over HTTP, and wildcards by a DNS record',
  'http-01': 'over HTTP',
  'dns-01': 'by a DNS record',
} as const satisfies Record<Settings['certificates']['challenge'], string>

/** What a CA says of itself. */
export function Answers({ test }: { test: AuthorityTest }) {
  const terms = test.termsOfService === null ? null : webAddress(test.termsOfService)
  const profiles = Object.keys(test.profiles)
  return (
    <>
      <p className={styles.good}>
        <Icon name="check" /> It answers.{' '}
        {terms === null ? (
          'It names no terms.'
        ) : (
          <a href={terms} target="_blank" rel="noreferrer">
            Its terms
          </a>
        )}
      </p>
      {test.externalAccountRequired && <p>It takes an external account: enter its key id and its key.</p>}
      {profiles.length > 0 && <p>Profiles: {profiles.join(', ')}.</p>}
    </>
  )
}
