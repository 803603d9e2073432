import { ActionIcon, Button, Menu } from '@mantine/core'
import { lazy, Suspense, useId, useState } from 'react'
import type { Url } from '../../contract/shapes/urls.ts'
import type { Problem } from '../../contract/shapes.ts'
import type { Permission } from '../../domain/access.ts'
import { isEnded } from '../../domain/operation.ts'
import { useRetry } from '../data/changes.ts'
import { useProbeUrl, useRenewUrl } from '../data/urls.ts'
import { Icon } from '../icons.tsx'
import { announce } from '../parts/announcer.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import { Pill } from '../parts/status-pill.tsx'
import { TimeAgo, useNow } from '../parts/time.tsx'
import { webAddress } from '../router.tsx'
import { httpsState } from './https-words.ts'
import { UrlDetails } from './url-details.tsx'
import { EndedBadly, Running } from './url-operation.tsx'
import styles from './url-row.module.css'
import { dnsState, probeState, redirectText, siteState } from './url-words.ts'

/** Loaded when it is first asked for. */
const HttpsDialog = lazy(() => import('./https-dialog.tsx'))

interface UrlRowProps {
  url: Url
  may: (permission: Permission) => boolean
  onDetach: () => void
}

/** One URL: its name, the state of its site, its records and its last probe, and what is going on with it. */
export function UrlRow({ url, may, onDetach }: UrlRowProps) {
  const [isOpen, setOpen] = useState(false)
  const details = useId()
  const [ended, dismiss] = useBadEnd(url)
  return (
    <li className={styles.row}>
      <div className={styles.line}>
        <div className={styles.texts}>
          <UrlName url={url} />
          {url.redirectTo !== null && (
            <p className={styles.target}>
              sends visitors to <span>{redirectText(url.redirectTo, url.redirectStatus ?? 308)}</span>
            </p>
          )}
          <div className={styles.states}>
            <States url={url} />
            <button
              type="button"
              className={styles.toggle}
              aria-expanded={isOpen}
              aria-controls={details}
              onClick={() => setOpen(!isOpen)}
            >
              Details<span className={styles.spoken}> of {url.unicode}</span>
              <Icon name="chevron" size={15} />
            </button>
          </div>
          {url.lastProbe?.ok === false && <p className={styles.bad}>{url.lastProbe.detail}</p>}
          {ended === null && <HttpsProblem https={url.https} />}
        </div>
        <Actions url={url} may={may} onDetach={onDetach} />
      </div>
      <Doing url={url} may={may} ended={ended} onDismiss={dismiss} onDetach={onDetach} />
      <div id={details} hidden={!isOpen}>
        {isOpen && <UrlDetails url={url} />}
      </div>
    </li>
  )
}

function UrlName({ url: { unicode, hostname, url, state } }: { url: Url }) {
  const address = hostname.startsWith('*.') || state !== 'attached' ? null : webAddress(url)
  return (
    <p className={styles.name}>
      {address ? (
        <a href={address} target="_blank" rel="noreferrer">
          {unicode} <Icon name="open" size={15} />
        </a>
      ) : (
        <span>{unicode}</span>
      )}
      {hostname !== unicode && <code className={styles.ascii}>{hostname}</code>}
    </p>
  )
}

function States({ url }: { url: Url }) {
  const states = [siteState(url), dnsState(url), httpsState(url.https, useNow()), probeState(url)]
  const isBusy = url.operation !== null && !isEnded(url.operation.status)
  if (url.state !== 'attached')
    return <Pill tone={isBusy ? 'busy' : 'bad'}>{isBusy ? url.state : `${url.state}, stuck`}</Pill>
  return (
    <>
      {states
        .flatMap((one) => one ?? [])
        .map(({ tone, text, title }) => (
          <Pill key={text} tone={tone} title={title}>
            {text}
          </Pill>
        ))}
      {url.lastProbe && (
        <span className={styles.at}>
          <TimeAgo at={url.lastProbe.at} />
        </span>
      )}
    </>
  )
}

/** Why there is no new certificate, and what to do about it. */
function HttpsProblem({ https: { problem } }: Pick<Url, 'https'>) {
  if (problem === null) return null
  return (
    <p className={styles.bad}>
      {problem.message} {problem.hint}
    </p>
  )
}

function Actions({ url, may, onDetach }: UrlRowProps) {
  const probe = useProbeUrl()
  const renew = useRenewUrl()
  const [isChanging, setChanging] = useState(false)
  const ask = () =>
    probe.mutate(url.id, {
      onSuccess: ({ lastProbe }) => lastProbe && announce(`${url.unicode}: ${lastProbe.detail}`),
    })
  if (url.state !== 'attached') return null
  return (
    <div className={styles.actions}>
      <Button
        variant="default"
        h={34}
        px={14}
        loading={probe.isPending}
        aria-label={`Ask now: ${url.unicode}`}
        onClick={ask}
      >
        Ask now
      </Button>
      {(may('urls:delete') || may('urls:update')) && (
        <Menu position="bottom-end" shadow="md" width={220} withinPortal>
          <Menu.Target>
            <ActionIcon variant="default" size={34} aria-label={`More for ${url.unicode}`}>
              <Icon name="more" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {may('urls:update') && (
              <Menu.Item leftSection={<Icon name="shield" />} onClick={() => setChanging(true)}>
                HTTPS…
              </Menu.Item>
            )}
            {may('urls:update') && url.https.mode === 'auto' && (
              <Menu.Item leftSection={<Icon name="retry" />} onClick={() => renew.mutate(url.id)}>
                Renew the certificate
              </Menu.Item>
            )}
            {may('urls:delete') && (
              <Menu.Item leftSection={<Icon name="trash" />} onClick={onDetach}>
                Detach…
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {isChanging && (
        <Suspense>
          <HttpsDialog url={url} onClose={() => setChanging(false)} />
        </Suspense>
      )}
      <ProblemDialog thrown={probe.error} onClose={probe.reset} />
      <ProblemDialog thrown={renew.error} onClose={renew.reset} />
    </div>
  )
}

const DONE: Partial<Record<NonNullable<Url['operation']>['kind'], string>> = {
  'url-detach': 'detached',
  'url-change': 'changed',
  'certificate-renewal': 'given a new certificate',
}

/** Whose bad end was read, on this page. */
const dismissed = new Set<string>()

type BadEnd = NonNullable<Url['operation']> & { problem: Problem }

/** What has not worked, until that was read; a change that was refused, or one that is stuck. */
function useBadEnd({ operation }: Url): [BadEnd | null, dismiss: () => void] {
  const [, setDismissed] = useState('')
  if (operation === null || dismissed.has(operation.id)) return [null, () => undefined]
  const { id, status, problem } = operation
  if (!isEnded(status) || status === 'succeeded' || status === 'cancelled' || problem === null)
    return [null, () => undefined]
  const dismiss = () => {
    dismissed.add(id)
    setDismissed(id)
  }
  return [{ ...operation, problem }, dismiss]
}

interface DoingProps extends UrlRowProps {
  ended: BadEnd | null
  onDismiss: () => void
}

/** What is going on with it, or has not worked. */
function Doing({ url: { operation, unicode }, ended, may, onDismiss, onDetach }: DoingProps) {
  const retry = useRetry()
  if (operation !== null && !isEnded(operation.status))
    return <Running id={operation.id} mayCancel={may('operations:cancel')} mayRead={may('operations:read')} />
  if (ended === null) return null
  const { id, status, problem, kind } = ended
  const isStuck = status === 'stuck'
  return (
    <EndedBadly
      id={id}
      problem={problem}
      lead={isStuck ? `${unicode} is stuck half-way` : `${unicode} could not be ${DONE[kind] ?? 'attached'}`}
      mayRead={may('operations:read')}
      {...(!isStuck && { onDismiss })}
    >
      {isStuck && may('operations:update') && (
        <Button
          size="sm"
          leftSection={<Icon name="retry" size={16} />}
          loading={retry.isPending}
          onClick={() => retry.mutate(id)}
        >
          Try again
        </Button>
      )}
      {!isStuck && kind === 'url-detach' && may('urls:delete') && (
        <Button size="sm" variant="default" onClick={onDetach}>
          Try again…
        </Button>
      )}
      <ProblemDialog thrown={retry.error} onClose={retry.reset} />
    </EndedBadly>
  )
}
