import { Button, Checkbox, Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { Drift } from '../../contract/shapes/drift.ts'
import accountStyles from '../account/account.module.css'
import { useDrift, useLookForDrift } from '../data/drift.ts'
import { Icon } from '../icons.tsx'
import { announce } from '../parts/announcer.tsx'
import { Notice } from '../parts/notice.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Trail } from '../parts/trail.tsx'
import { pathTo, useTitle } from '../router.tsx'
import styles from './drift.module.css'
import { DriftRow } from './drift-row.tsx'
import { useMayAbout } from './may-about.ts'

/** What stands otherwise than the database says, and the ways out of it. */
export default function DriftView() {
  const heading = useTitle('Drift')
  const [hasEnded, setEnded] = useState(false)
  const found = useDrift(hasEnded)
  const all = found.isPlaceholderData ? undefined : found.data?.pages.flatMap((page) => page.items)
  const mayAbout = useMayAbout()
  return (
    <>
      <Trail ways={[{ text: 'Services', href: pathTo.services() }]} />
      <div className={accountStyles.head}>
        <h1 ref={heading} tabIndex={-1}>
          Drift
        </h1>
        {mayAbout('drift:update', { service: null, environment: null }) && <Look />}
      </div>
      <p className={styles.intro}>
        What somebody, or something, has changed behind Fairlead’s back: files of the gateway, DNS records,
        what is live, certificates. Fairlead looks every minute and overwrites nothing in silence.
      </p>
      <Checkbox
        label="Show those that have ended"
        checked={hasEnded}
        mb="md"
        onChange={(event) => setEnded(event.currentTarget.checked)}
      />
      <ThrownNotice thrown={found.error} />
      {!all && !found.error && <Skeleton height={160} radius={12} aria-busy="true" />}
      {all?.length === 0 && <Nothing hasEnded={hasEnded} />}
      {all && all.length > 0 && (
        <ul className={styles.list} aria-label={hasEnded ? 'Drift that has ended' : 'Drift'}>
          {all.map((drift: Drift) => (
            <DriftRow key={drift.id} drift={drift} may={mayAbout} />
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <Button
          variant="default"
          fullWidth
          mt="sm"
          loading={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  )
}

function Nothing({ hasEnded }: { hasEnded: boolean }) {
  if (hasEnded) return <p className={styles.nothing}>Nothing has ended yet.</p>
  return (
    <p className={styles.nothing} data-good>
      <Icon name="check" /> Everything stands as it should.
    </p>
  )
}

/** Asks the whole world now, and says what could not be asked. */
function Look() {
  const look = useLookForDrift()
  const failures = look.data?.failures ?? []
  const now = () =>
    look.mutate(undefined, {
      onSuccess: ({ items }) =>
        announce(items.length === 0 ? 'Everything stands as it should.' : `${items.length} found.`),
    })
  return (
    <>
      <Button variant="default" leftSection={<Icon name="retry" />} loading={look.isPending} onClick={now}>
        Look now
      </Button>
      {(look.error !== null || failures.length > 0) && (
        <div className={styles.failures}>
          <ThrownNotice thrown={look.error} />
          {failures.map(({ part, message, hint }) => (
            <Notice key={part} tone="odd" title={`Could not look at ${part}`}>
              <p>
                {message} {hint}
              </p>
            </Notice>
          ))}
        </div>
      )}
    </>
  )
}
