import { Button, Skeleton } from '@mantine/core'
import type { Deployment, Service } from '../../contract/shapes.ts'
import { useDeployments } from '../data/queries.ts'
import { Icon } from '../icons.tsx'
import { ShortDigest } from '../parts/digest.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { StatusPill } from '../parts/status-pill.tsx'
import { TimeAgo } from '../parts/time.tsx'
import { Link, pathTo } from '../router.tsx'
import { CAUSE_WORDS } from './cause.ts'
import styles from './deployment-history.module.css'
import { DeploymentMenu } from './deployment-menu.tsx'

interface DeploymentHistoryProps {
  service: Service
  environment: string
}

/** All deployments of an environment, newest first. */
export function DeploymentHistory({ service, environment }: DeploymentHistoryProps) {
  const history = useDeployments(service.name, environment)
  const all = history.data?.pages.flatMap((page) => page.items)
  return (
    <section aria-labelledby="history" className={styles.history}>
      <h2 id="history">Deployments</h2>
      {!all && <ThrownNotice thrown={history.error} />}
      {!all && !history.error && <Skeleton height={210} radius={12} aria-busy="true" />}
      {all?.length === 0 && <p className={styles.none}>There has been no deployment yet.</p>}
      {all && all.length > 0 && (
        <ol className={styles.list}>
          {all.map((deployment) => (
            <Entry key={deployment.id} deployment={deployment} service={service} />
          ))}
        </ol>
      )}
      {history.hasNextPage && (
        <Button
          variant="default"
          fullWidth
          mt="sm"
          loading={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Show older deployments
        </Button>
      )}
    </section>
  )
}

function Entry({ deployment, service }: { deployment: Deployment; service: Service }) {
  return (
    <li className={styles.entry} data-live={deployment.live || undefined}>
      <div className={styles.status}>
        <StatusPill status={deployment.status} isLive={deployment.live} />
      </div>
      <div className={styles.texts}>
        <Link href={pathTo.deployment(deployment.id)} className={styles.message}>
          {deployment.message ?? CAUSE_WORDS[deployment.cause]}
        </Link>
        <p className={styles.facts}>
          {deployment.bundle && <ShortDigest digest={deployment.bundle} />}
          <span>{causeOf(deployment, service)}</span>
          <span>by {deployment.actor.name}</span>
          {deployment.approval?.state === 'pending' && deployment.status === 'queued' && (
            <span>waits for approval</span>
          )}
          <TimeAgo at={deployment.createdAt} />
        </p>
      </div>
      <DeploymentMenu deployment={deployment} service={service}>
        <Icon name="more" />
      </DeploymentMenu>
    </li>
  )
}

/** "promotion from staging"; the source of a rollback is a deployment, which says little in a line. */
function causeOf({ cause, source }: Deployment, { environments }: Service): string {
  return cause === 'promotion' && environments.some((each) => each.name === source)
    ? `promotion from ${source}`
    : cause
}
