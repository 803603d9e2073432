import { ActionIcon } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Environment, Service } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { useMayIn } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { announce } from '../parts/announcer.tsx'
import { ProblemNotice } from '../parts/problem-notice.tsx'
import { Link, pathTo, webAddress } from '../router.tsx'
import { DropZone } from '../upload/drop-zone.tsx'
import type { Dropped } from '../upload/dropped.ts'
import { isOnItsWay, uploads } from '../upload/uploads.ts'
import { WorryMark } from '../url/worry-mark.tsx'
import { useActivity } from './activity.ts'
import { DeployMenu } from './deploy-menu.tsx'
import styles from './environment-row.module.css'
import { EnvironmentState } from './environment-state.tsx'

interface EnvironmentRowProps {
  service: Service
  environment: Environment
  /** More buttons at the end. */
  children?: ReactNode
}

/** One environment in a line of fixed height: what is live, what is going on, and a place to drop the next. */
export function EnvironmentRow({ service, environment, children }: EnvironmentRowProps) {
  const activity = useActivity(environment)
  const { upload } = activity
  const may = useMayIn(service, environment)
  const place = { service: service.name, environment: environment.name }
  const isBusy = environment.deleting || (upload !== null && isOnItsWay(upload))
  const site = webAddress(environment.urls.first?.url ?? environment.url)
  const deploy = (dropped: Dropped) => {
    announce(`Uploading ${dropped.name} to ${service.name} ${environment.name}.`)
    void uploads.start(place, dropped)
  }
  return (
    <DropZone
      label={`Drop to deploy to ${environment.name}`}
      isDisabled={isBusy || !may('deployments:deploy')}
      onDropped={deploy}
      onRefused={announce}
      className={styles.row}
    >
      <div className={styles.line}>
        <div className={styles.name}>
          <Link href={pathTo.environment(service.name, environment.name)}>{environment.name}</Link>
          <FirstUrl environment={environment}>
            <WorryMark service={service} environment={environment} />
          </FirstUrl>
        </div>
        <EnvironmentState environment={environment} activity={activity} />
        <div className={styles.actions}>
          {site && environment.live && (
            <ActionIcon
              component="a"
              href={site}
              target="_blank"
              rel="noreferrer"
              variant="default"
              size={34}
              aria-label={`Open ${environment.name} of ${service.name}`}
              title={site}
            >
              <Icon name="open" size={17} />
            </ActionIcon>
          )}
          <DeployMenu service={service} environment={environment} isDisabled={isBusy} onChosen={deploy} />
          {children}
        </div>
      </div>
      <ActivityProblem activity={activity} />
    </DropZone>
  )
}

/** The name that visitors know it by, and how many more there are. */
function FirstUrl({
  environment: { urls, live },
  children,
}: {
  environment: Environment
  children: ReactNode
}) {
  if (!urls.first) return null
  const address = live && webAddress(urls.first.url)
  const more = urls.count - 1
  return (
    <p className={styles.address}>
      {address ? (
        <a href={address} target="_blank" rel="noreferrer" title={urls.first.unicode}>
          {urls.first.unicode}
        </a>
      ) : (
        <span title={urls.first.unicode}>{urls.first.unicode}</span>
      )}
      {more > 0 && (
        <small title={more === 1 ? 'and one more URL' : `and ${more} more URLs`}>
          <span aria-hidden="true">+{more}</span>
          <span className={styles.spoken}>and {more} more</span>
        </small>
      )}
      {children}
    </p>
  )
}

/** Why the last thing that we tried here did not work. */
export function ActivityProblem({
  activity: { upload, deployment },
}: {
  activity: ReturnType<typeof useActivity>
}) {
  if (!upload) return null
  const hasEnded = deployment !== null && isEnded(deployment.status)
  const problem = upload.problem ?? (hasEnded ? deployment.problem : null)
  if (!problem) return null
  return (
    <div className={styles.problem}>
      <ProblemNotice problem={problem} onClose={() => uploads.dismiss(upload.place)}>
        {upload.deployment && <Link href={pathTo.deployment(upload.deployment)}>See the log</Link>}
      </ProblemNotice>
    </div>
  )
}
