import { Button, Skeleton } from '@mantine/core'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { Url } from '../../contract/shapes/urls.ts'
import type { Environment, Service } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { useMayIn } from '../data/session.ts'
import { type UrlPlace, useOperation, useUrls } from '../data/urls.ts'
import { Icon } from '../icons.tsx'
import { announce } from '../parts/announcer.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { type Attempt, attempts, useAttempts } from './attempts.ts'
import { DetachDialog } from './detach-dialog.tsx'
import type { UrlForm } from './url-form.ts'
import { EndedBadly } from './url-operation.tsx'
import { UrlRow } from './url-row.tsx'
import styles from './url-section.module.css'

/** Loaded when it is first asked for: most visits add no URL. */
const AttachDialog = lazy(() => import('./attach-dialog.tsx'))

type Dialog = { kind: 'attach'; start?: UrlForm } | { kind: 'detach'; url: Url }

interface UrlSectionProps {
  service: Service
  environment: Environment
}

/** The host names that lead to an environment. */
export function UrlSection({ service, environment }: UrlSectionProps) {
  const may = useMayIn(service, environment)
  const place = { service: service.name, environment: environment.name }
  const urls = useUrls(place, may('urls:read'))
  const all = urls.data?.pages.flatMap((page) => page.items)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  useNews(all)
  if (!may('urls:read')) return null
  const add = may('urls:create') && !environment.deleting && (
    <Button
      variant="default"
      leftSection={<Icon name="plus" />}
      onClick={() => setDialog({ kind: 'attach' })}
    >
      Add URL
    </Button>
  )
  return (
    <section aria-labelledby="urls" className={styles.section}>
      <div className={styles.head}>
        <h2 id="urls">URLs</h2>
        {add}
      </div>
      <Failed
        place={place}
        mayRead={may('operations:read')}
        onAgain={(start) => setDialog({ kind: 'attach', start })}
      />
      {!all && <ThrownNotice thrown={urls.error} />}
      {!all && !urls.error && <Skeleton height={96} radius={12} aria-busy="true" />}
      {all?.length === 0 && <NoneYet environment={environment} />}
      {all && all.length > 0 && (
        <ul className={styles.list} aria-labelledby="urls">
          {all.map((url) => (
            <UrlRow key={url.id} url={url} may={may} onDetach={() => setDialog({ kind: 'detach', url })} />
          ))}
        </ul>
      )}
      {urls.hasNextPage && (
        <Button
          variant="default"
          fullWidth
          mt="sm"
          loading={urls.isFetchingNextPage}
          onClick={() => void urls.fetchNextPage()}
        >
          Show more URLs
        </Button>
      )}
      <Dialogs
        place={place}
        dialog={dialog}
        mayWildcard={may('urls:wildcard')}
        onClose={() => setDialog(null)}
      />
    </section>
  )
}

function NoneYet({ environment }: { environment: Environment }) {
  return (
    <div className={styles.none}>
      <p>
        A URL is a host name of yours, such as <b>docs.example.com</b>, under which visitors find what{' '}
        {environment.name} has live.
      </p>
      <p>
        Adding one puts up its site, makes its DNS records and asks both whether they answer. All it takes is
        a name: one of a zone that a DNS provider set up here holds, or one whose records you can make
        yourself.
      </p>
    </div>
  )
}

interface DialogsProps {
  place: UrlPlace
  dialog: Dialog | null
  mayWildcard: boolean
  onClose: () => void
}

function Dialogs({ place, dialog, mayWildcard, onClose }: DialogsProps) {
  if (dialog?.kind === 'detach') return <DetachDialog url={dialog.url} onClose={onClose} />
  if (dialog?.kind !== 'attach') return null
  const begin = (url: Url, form: UrlForm) => {
    if (url.operation) attempts.begin({ place, form, name: url.unicode, operation: url.operation.id })
    onClose()
  }
  return (
    <Suspense>
      <AttachDialog
        place={place}
        mayWildcard={mayWildcard}
        {...(dialog.start && { start: dialog.start })}
        onAttaching={begin}
        onClose={onClose}
      />
    </Suspense>
  )
}

interface FailedProps {
  place: UrlPlace
  mayRead: boolean
  onAgain: (form: UrlForm) => void
}

/** Names that could not be attached: nothing is left of them but what was filled in. */
function Failed({ place, mayRead, onAgain }: FailedProps) {
  return useAttempts(place).map((attempt) => (
    <FailedAttempt key={attempt.operation} attempt={attempt} mayRead={mayRead} onAgain={onAgain} />
  ))
}

function FailedAttempt({ attempt, mayRead, onAgain }: Omit<FailedProps, 'place'> & { attempt: Attempt }) {
  const { data } = useOperation(attempt.operation)
  // A stuck one is still in the list, and told there.
  const isOver = data !== undefined && isEnded(data.status)
  const isFailed = data?.problem && (data.status === 'failed' || data.status === 'reverted')
  useEffect(() => {
    if (isOver && !isFailed) attempts.forget(attempt)
  }, [isOver, isFailed, attempt])
  if (!data?.problem || !isFailed) return null
  const forget = () => attempts.forget(attempt)
  return (
    <div className={styles.failed}>
      <EndedBadly
        id={attempt.operation}
        problem={data.problem}
        lead={`${attempt.name} could not be attached; nothing of it is left`}
        mayRead={mayRead}
        onDismiss={forget}
      >
        <Button
          size="sm"
          onClick={() => {
            forget()
            onAgain(attempt.form)
          }}
        >
          Change and try again…
        </Button>
      </EndedBadly>
    </div>
  )
}

/** Tells assistive technology when a URL has come to be attached, or has gone. */
function useNews(all: Url[] | undefined) {
  const before = useRef(new Map<string, Url>())
  useEffect(() => {
    if (!all) return
    const now = new Map(all.map((url) => [url.id, url]))
    for (const [id, { state, unicode }] of before.current) {
      if (state === 'attaching' && now.get(id)?.state === 'attached') announce(`${unicode} is attached.`)
      if (state === 'detaching' && !now.has(id)) announce(`${unicode} is detached.`)
    }
    before.current = now
  }, [all])
}
