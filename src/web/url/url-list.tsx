import { Button, Skeleton } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import type { Url } from '../../contract/shapes/urls.ts'
import type { Permission } from '../../domain/access.ts'
import { isEnded } from '../../domain/operation.ts'
import { useOperation, useUrls, type Where } from '../data/urls.ts'
import { Icon } from '../icons.tsx'
import { announce } from '../parts/announcer.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { type Attempt, attempts, useAttempts } from './attempts.ts'
import { DetachDialog } from './detach-dialog.tsx'
import type { UrlForm } from './url-form.ts'
import styles from './url-list.module.css'
import { EndedBadly } from './url-operation.tsx'
import { UrlRow } from './url-row.tsx'

/** Loaded when it is first asked for: most visits add no URL. */
const AttachDialog = lazy(() => import('./attach-dialog.tsx'))

type Dialog = { kind: 'again'; start: UrlForm } | { kind: 'detach'; url: Url }

interface UrlListProps {
  where: Where
  may: (permission: Permission) => boolean
  /** The id of the heading. */
  labelledBy: string
  /** Whether another is being added. */
  isAdding: boolean
  onAdded: () => void
  /** What is said while there is none. */
  children: ReactNode
}

/** URLs, and all that can be done with them. */
export function UrlList({ where, may, labelledBy, isAdding, onAdded, children }: UrlListProps) {
  const urls = useUrls(where, may('urls:read'))
  const all = urls.data?.pages.flatMap((page) => page.items)
  const [dialog, setDialog] = useState<Dialog | null>(null)
  useNews(all)
  const close = () => {
    setDialog(null)
    onAdded()
  }
  return (
    <>
      <Failed
        where={where}
        mayRead={may('operations:read')}
        onAgain={(start) => setDialog({ kind: 'again', start })}
      />
      {!all && <ThrownNotice thrown={urls.error} />}
      {!all && !urls.error && <Skeleton height={96} radius={12} aria-busy="true" />}
      {all?.length === 0 && <div className={styles.none}>{children}</div>}
      {all && all.length > 0 && (
        <ul className={styles.list} aria-labelledby={labelledBy}>
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
      {dialog?.kind === 'detach' && <DetachDialog url={dialog.url} onClose={close} />}
      {(isAdding || dialog?.kind === 'again') && (
        <Attaching
          where={where}
          mayWildcard={may('urls:wildcard')}
          start={dialog?.kind === 'again' ? dialog.start : null}
          onClose={close}
        />
      )}
    </>
  )
}

export function AddButton({ onClick, isDisabled }: { onClick: () => void; isDisabled?: boolean }) {
  return (
    <Button
      variant="default"
      leftSection={<Icon name="plus" />}
      disabled={isDisabled ?? false}
      onClick={onClick}
    >
      Add URL
    </Button>
  )
}

interface AttachingProps {
  where: Where
  mayWildcard: boolean
  start: UrlForm | null
  onClose: () => void
}

function Attaching({ where, start, onClose, ...rest }: AttachingProps) {
  const begin = (url: Url, form: UrlForm) => {
    if (url.operation) attempts.begin({ where, form, name: url.unicode, operation: url.operation.id })
    onClose()
  }
  return (
    <Suspense>
      <AttachDialog {...rest} where={where} {...(start && { start })} onAttaching={begin} onClose={onClose} />
    </Suspense>
  )
}

interface FailedProps {
  where: Where
  mayRead: boolean
  onAgain: (form: UrlForm) => void
}

/** Names that could not be attached: nothing is left of them but what was filled in. */
function Failed({ where, mayRead, onAgain }: FailedProps) {
  return useAttempts(where).map((attempt) => (
    <FailedAttempt key={attempt.operation} attempt={attempt} mayRead={mayRead} onAgain={onAgain} />
  ))
}

function FailedAttempt({ attempt, mayRead, onAgain }: Omit<FailedProps, 'where'> & { attempt: Attempt }) {
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
