import { Progress } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Deployment, Environment } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { isResting } from '../data/queries.ts'
import { CAUSE_WORDS } from '../deployment/cause.ts'
import { ShortDigest } from '../parts/digest.tsx'
import { Pill } from '../parts/status-pill.tsx'
import { sizeOf, TimeAgo } from '../parts/time.tsx'
import { Link, pathTo } from '../router.tsx'
import type { Upload } from '../upload/uploads.ts'
import { isOnItsWay } from '../upload/uploads.ts'
import type { Activity } from './activity.ts'
import styles from './environment-state.module.css'

interface EnvironmentStateProps {
  environment: Environment
  activity: Activity
}

/** Always two lines, so that nothing moves when the state changes. */
export function EnvironmentState({ environment, activity: { upload, deployment } }: EnvironmentStateProps) {
  if (environment.deleting)
    return <TwoLines pill={<Pill tone="odd">deleting</Pill>} first="The environment is being deleted." />
  if (upload && isOnItsWay(upload)) return <UploadState upload={upload} />
  if (deployment && !isResting(deployment)) return <RunningState deployment={deployment} />
  return (
    <RestingState
      environment={environment}
      waiting={deployment && !isEnded(deployment.status) ? deployment : null}
    />
  )
}

interface TwoLinesProps {
  pill: ReactNode
  first: ReactNode
  second?: ReactNode
}

function TwoLines({ pill, first, second }: TwoLinesProps) {
  return (
    <div className={styles.state}>
      <div className={styles.pill}>{pill}</div>
      <div className={styles.texts}>
        <div className={styles.first}>{first}</div>
        <div className={styles.second}>{second}</div>
      </div>
    </div>
  )
}

const PHASES = { reading: 'reading', sending: 'uploading', checking: 'checking', deploying: '', refused: '' }

function UploadState({ upload }: { upload: Upload }) {
  const percent = upload.total === 0 ? 100 : Math.min(100, (upload.done / upload.total) * 100)
  const isChecking = upload.phase === 'checking'
  return (
    <TwoLines
      pill={<Pill tone="busy">{PHASES[upload.phase]}</Pill>}
      first={
        <>
          <span className={styles.cut}>{upload.name}</span>
          <span className={styles.amount}>
            {isChecking ? 'received, being checked' : `${sizeOf(upload.done)} of ${sizeOf(upload.total)}`}
          </span>
          <button type="button" className={styles.cancel} onClick={upload.cancel}>
            Cancel
          </button>
        </>
      }
      second={
        <Progress
          value={percent}
          size={6}
          mt={7}
          animated={isChecking}
          aria-label={`Upload of ${upload.name}`}
          className={styles.bar}
        />
      }
    />
  )
}

function RunningState({ deployment }: { deployment: Deployment }) {
  const done = deployment.steps.filter((step) => step.status === 'done').length
  const current = deployment.steps.find((step) => step.status === 'running')
  return (
    <TwoLines
      pill={<Pill tone="busy">{deployment.status === 'queued' ? 'queued' : 'deploying'}</Pill>}
      first={
        <>
          <span className={styles.cut}>{deployment.message ?? CAUSE_WORDS[deployment.cause]}</span>
          <Link className={styles.amount} href={pathTo.deployment(deployment.id)}>
            {current?.name ?? deployment.status}
          </Link>
        </>
      }
      second={
        <Progress
          value={deployment.steps.length === 0 ? 5 : (done / deployment.steps.length) * 100}
          size={6}
          mt={7}
          aria-label="Steps of the deployment"
          className={styles.bar}
        />
      }
    />
  )
}

interface RestingStateProps {
  environment: Environment
  /** What a second person has to approve. */
  waiting: Deployment | null
}

function RestingState({ environment: { live, latest }, waiting }: RestingStateProps) {
  const isTroubled =
    latest && latest.id !== live?.id && latest.status !== 'succeeded' && isEnded(latest.status)
  const waits = waiting && (
    <span>
      {' '}
      <Link href={pathTo.deployment(waiting.id)} className={styles.trouble} data-status="queued">
        waits for approval
      </Link>
    </span>
  )
  const trouble =
    waits ??
    (isTroubled && (
      <span>
        {' '}
        <Link href={pathTo.deployment(latest.id)} className={styles.trouble} data-status={latest.status}>
          {live ? `newest ${latest.status}` : `${latest.status}: see why`}
        </Link>
      </span>
    ))
  if (!live)
    return (
      <TwoLines
        pill={<Pill tone="calm">empty</Pill>}
        first="Nothing is live here yet."
        second={trouble || 'Drop a ZIP or a folder on this line.'}
      />
    )
  return (
    <TwoLines
      pill={<Pill tone="good">live</Pill>}
      first={
        <Link href={pathTo.deployment(live.id)} className={styles.message}>
          {live.message ?? CAUSE_WORDS[live.cause]}
        </Link>
      }
      second={
        <>
          {live.bundle && <ShortDigest digest={live.bundle} />}
          {!trouble && live.message && <span>{live.cause}</span>}
          <TimeAgo at={live.finishedAt ?? live.createdAt} />
          {trouble}
        </>
      }
    />
  )
}
