import { Skeleton } from '@mantine/core'
import type { Deployment } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { api } from '../data/api.ts'
import { useBundle, useDeployment } from '../data/queries.ts'
import { Icon } from '../icons.tsx'
import { Steps } from '../operation/steps.tsx'
import { ProblemNotice, ThrownNotice } from '../parts/problem-notice.tsx'
import { StatusPill } from '../parts/status-pill.tsx'
import { durationOf, FullTime, sizeOf, TimeAgo } from '../parts/time.tsx'
import { Trail } from '../parts/trail.tsx'
import { Link, pathTo, useTitle, webAddress } from '../router.tsx'
import { CAUSE_WORDS } from './cause.ts'
import { DeploymentActions } from './deployment-actions.tsx'
import { DeploymentLog } from './deployment-log.tsx'
import styles from './deployment-view.module.css'

/** One deployment: how it went, step by step, with its log. */
export function DeploymentView({ id }: { id: string }) {
  const deployment = useDeployment(id)
  const { data } = deployment
  const heading = useTitle(data ? `${titleOf(data)} · ${data.service} ${data.environment}` : 'Deployment')
  return (
    <>
      <Trail
        ways={[
          { text: 'Services', href: pathTo.services() },
          ...(data
            ? [
                { text: data.service, href: pathTo.service(data.service) },
                { text: data.environment, href: pathTo.environment(data.service, data.environment) },
              ]
            : []),
        ]}
      />
      <div className={styles.title}>
        <h1 ref={heading} tabIndex={-1}>
          {data ? titleOf(data) : 'Deployment'}
        </h1>
        {data && <StatusPill status={data.status} isLive={data.live} />}
        {data && <DeploymentActions deployment={data} />}
      </div>
      {!data && <ThrownNotice thrown={deployment.error} />}
      {!data && !deployment.error && <Skeleton height={420} radius={12} />}
      {data && <Body deployment={data} />}
    </>
  )
}

const titleOf = (deployment: Deployment) => deployment.message ?? CAUSE_WORDS[deployment.cause]

function Body({ deployment }: { deployment: Deployment }) {
  return (
    <>
      {deployment.approval && deployment.approval.by === null && !isEnded(deployment.status) && (
        <p className={styles.waits} role="status">
          It waits until a second person approves it. What is live stays live until then.
        </p>
      )}
      {deployment.problem && (
        <div className={styles.problem}>
          <ProblemNotice problem={deployment.problem} />
        </div>
      )}
      <div className={styles.columns}>
        <section className={styles.card} aria-labelledby="steps">
          <h2 id="steps">Steps</h2>
          <Steps steps={deployment.steps} />
        </section>
        <section className={styles.card} aria-labelledby="facts">
          <h2 id="facts">Facts</h2>
          <Facts deployment={deployment} />
        </section>
      </div>
      <DeploymentLog id={deployment.id} isEnded={isEnded(deployment.status)} />
    </>
  )
}

function Facts({ deployment }: { deployment: Deployment }) {
  const { service, bundle, startedAt, finishedAt } = deployment
  const site = webAddress(deployment.urls[0] ?? '')
  return (
    <dl className={styles.facts}>
      <dt>Cause</dt>
      <dd>
        <Cause deployment={deployment} /> by {deployment.actor.name}
      </dd>
      <dt>Begun</dt>
      <dd>
        <FullTime at={deployment.createdAt} /> (<TimeAgo at={deployment.createdAt} />)
      </dd>
      <dt>Took</dt>
      <dd>{startedAt && finishedAt ? durationOf(startedAt, finishedAt) : '–'}</dd>
      <dt>Site</dt>
      <dd>
        {deployment.live && site ? (
          <a href={site} target="_blank" rel="noreferrer">
            {site} <Icon name="open" size={14} />
          </a>
        ) : (
          'not live from this deployment'
        )}
      </dd>
      {deployment.approval?.by && (
        <>
          <dt>Approved</dt>
          <dd>by {deployment.approval.by.name}</dd>
        </>
      )}
      <BundleFacts service={service} digest={bundle} />
    </dl>
  )
}

function Cause({ deployment: { cause, source } }: { deployment: Deployment }) {
  if (cause === 'rollback' && source)
    return (
      <>
        rollback to <Link href={pathTo.deployment(source)}>{source.slice(0, 8)}</Link>
      </>
    )
  return cause === 'promotion' && source ? `promotion from ${source}` : cause
}

/** Three lines at any time, so that nothing moves when the manifest comes. */
function BundleFacts({ service, digest }: { service: string; digest: string | null }) {
  const bundle = useBundle(service, digest).data
  const dropped = bundle && bundle.droppedCount > 0 ? `, ${bundle.droppedCount} left out` : ''
  return (
    <>
      <dt>Bundle</dt>
      <dd>
        {digest ? (
          <a href={api.path('bundles.archive', { params: { service, digest } })} download title={digest}>
            <span className="mono">{digest.slice(0, 16)}</span> <Icon name="download" size={14} />
          </a>
        ) : (
          'none was kept'
        )}
      </dd>
      <dt>Archive</dt>
      <dd>{bundle ? `${bundle.format}, ${sizeOf(bundle.size)}` : '–'}</dd>
      <dt>Files</dt>
      <dd>{bundle ? `${bundle.fileCount}, ${sizeOf(bundle.unpackedSize)} unpacked${dropped}` : '–'}</dd>
    </>
  )
}
