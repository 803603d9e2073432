import { Button, Group, Skeleton } from '@mantine/core'
import { useState } from 'react'
import type { Environment, Service } from '../../contract/shapes.ts'
import { environmentOf, useDeployments, useService } from '../data/queries.ts'
import { useMayIn } from '../data/session.ts'
import { useUrls } from '../data/urls.ts'
import { DeploymentHistory } from '../deployment/deployment-history.tsx'
import { DriftNotice } from '../drift/drift-notice.tsx'
import { Icon } from '../icons.tsx'
import { announce } from '../parts/announcer.tsx'
import { ThrownNotice } from '../parts/problem-notice.tsx'
import { Trail } from '../parts/trail.tsx'
import { go, pathTo, useTitle, webAddress } from '../router.tsx'
import { DropZone } from '../upload/drop-zone.tsx'
import type { Dropped } from '../upload/dropped.ts'
import { chooseArchive, chooseFolder } from '../upload/file-dialog.ts'
import { isOnItsWay, uploads } from '../upload/uploads.ts'
import { UrlSection } from '../url/url-section.tsx'
import { useActivity } from './activity.ts'
import { type EnvironmentDialog, EnvironmentDialogs } from './environment-dialogs.tsx'
import { ActivityProblem } from './environment-row.tsx'
import { EnvironmentState } from './environment-state.tsx'
import styles from './environment-view.module.css'

interface EnvironmentViewProps {
  service: string
  environment: string
}

/** One environment: what is live, a place to drop the next, and all that was. */
export function EnvironmentView({ service: serviceName, environment: name }: EnvironmentViewProps) {
  const heading = useTitle(`${serviceName} ${name}`)
  const service = useService(serviceName)
  // Asked for at the same time; shown below once the panel above has its height.
  useDeployments(serviceName, name)
  const environment = service.data && environmentOf(service.data, name)
  const [dialog, setDialog] = useState<EnvironmentDialog | null>(null)
  const may = useMayIn(service.data, environment)
  const urls = useUrls(
    { service: serviceName, environment: name },
    environment !== undefined && may('urls:read'),
  )
  return (
    <>
      <Trail
        ways={[
          { text: 'Services', href: pathTo.services() },
          { text: serviceName, href: pathTo.service(serviceName) },
        ]}
      />
      <div className={styles.title}>
        <h1 ref={heading} tabIndex={-1}>
          {name}
        </h1>
        <Group gap={8}>
          {DIALOGS.filter(({ permission }) => may(permission)).map(({ kind, text }) => (
            <Button
              key={kind}
              variant="default"
              disabled={!environment || environment.deleting}
              onClick={() => setDialog(kind)}
            >
              {text}
            </Button>
          ))}
        </Group>
      </div>
      {!service.data && <ThrownNotice thrown={service.error} />}
      {service.data && !environment && (
        <p>
          {serviceName} has no environment {name}.
        </p>
      )}
      {service.data && environment ? (
        <LivePanel service={service.data} environment={environment} />
      ) : (
        !service.error && !service.data && <Skeleton height={262} radius={12} />
      )}
      {service.data && environment && <DriftNotice service={service.data} environment={environment} />}
      {service.data && environment && <UrlSection service={service.data} environment={environment} />}
      {service.data && !urls.isLoading && <DeploymentHistory service={service.data} environment={name} />}
      {environment && (
        <EnvironmentDialogs
          environment={environment}
          dialog={dialog}
          onClose={() => setDialog(null)}
          onRenamed={(renamed) => go(pathTo.environment(serviceName, renamed), 'replace')}
          onDeleted={() => go(pathTo.service(serviceName))}
        />
      )}
    </>
  )
}

const DIALOGS = [
  { kind: 'settings', text: 'Settings', permission: 'environments:update' },
  { kind: 'rename', text: 'Rename', permission: 'environments:update' },
  { kind: 'delete', text: 'Delete', permission: 'environments:delete' },
] as const

function LivePanel({ service, environment }: { service: Service; environment: Environment }) {
  const activity = useActivity(environment)
  const [refusal, setRefusal] = useState('')
  const may = useMayIn(service, environment)
  const place = { service: service.name, environment: environment.name }
  const isBusy = environment.deleting || (activity.upload !== null && isOnItsWay(activity.upload))
  const deploy = (dropped: Dropped) => {
    setRefusal('')
    announce(`Uploading ${dropped.name} to ${service.name} ${environment.name}.`)
    void uploads.start(place, dropped)
  }
  return (
    <section className={styles.panel} aria-label="What is live">
      <div className={styles.state}>
        <EnvironmentState environment={environment} activity={activity} />
      </div>
      <Address environment={environment} />
      <ActivityProblem activity={activity} />
      {may('deployments:deploy') && (
        <DropZone
          label={`Drop to deploy to ${environment.name}`}
          isDisabled={isBusy}
          onDropped={deploy}
          onRefused={setRefusal}
          className={styles.zone}
        >
          <Icon name="upload" size={22} />
          <p className={styles.invitation}>Drop a ZIP or a folder here</p>
          <Group gap={8} justify="center">
            <Button variant="default" disabled={isBusy} onClick={() => chooseArchive(deploy)}>
              Choose an archive
            </Button>
            <Button variant="default" disabled={isBusy} onClick={() => chooseFolder(deploy)}>
              Choose a folder
            </Button>
          </Group>
        </DropZone>
      )}
      {refusal && <p role="alert">{refusal}</p>}
    </section>
  )
}

function Address({ environment }: { environment: Environment }) {
  const { urls, live } = environment
  const builtin = webAddress(environment.url)
  const first = urls.first && webAddress(urls.first.url)
  return (
    <div className={styles.address}>
      {urls.first && (
        <p>
          {live && first ? <SiteLink address={first} text={urls.first.unicode} /> : urls.first.unicode}
          {urls.count > 1 && ` and ${urls.count - 1} more`}
        </p>
      )}
      <p className={urls.first ? styles.hostForm : undefined}>
        {live && builtin ? <SiteLink address={builtin} text={builtin} /> : environment.url}
      </p>
      {!urls.first && builtin && <HostForm address={new URL(builtin)} />}
    </div>
  )
}

function SiteLink({ address, text }: { address: string; text: string }) {
  return (
    <a href={address} target="_blank" rel="noreferrer">
      {text} <Icon name="open" size={15} />
    </a>
  )
}

/** Browsers find names below .localhost by themselves; some programs have to be told. */
function HostForm({ address }: { address: URL }) {
  if (!address.hostname.endsWith('.localhost')) return null
  const server = `${address.protocol}//${location.hostname}:${address.port}/`
  return (
    <p className={styles.hostForm}>
      Programs that do not know such names: <code>{`curl -H 'Host: ${address.hostname}' ${server}`}</code>
    </p>
  )
}
