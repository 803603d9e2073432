import { ActionIcon, Menu } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { Deployment, Service } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { api } from '../data/api.ts'
import { useRedeploy } from '../data/changes.ts'
import { environmentOf } from '../data/queries.ts'
import { useMay } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import { go, pathTo } from '../router.tsx'
import { EraseDialog } from './erase-dialog.tsx'

interface DeploymentMenuProps {
  deployment: Deployment
  service: Service
  children: ReactNode
}

/** What can be done with a deployment of the past. */
export function DeploymentMenu({ deployment, service: around, children }: DeploymentMenuProps) {
  const { service, environment, bundle } = deployment
  const redeploy = useRedeploy()
  const [erasing, setErasing] = useState<'deployment' | 'bundle' | null>(null)
  const may = useMay()
  const at = (environmentId: string | null) => ({ serviceId: around.id, environmentId })
  const here = at(environmentOf(around, environment)?.id ?? null)
  const toOther = deployment.live ? 'deployments:promote' : 'deployments:deploy'
  const others = around.environments.filter(
    (each) => each.name !== environment && !each.deleting && may(toOther, at(each.id)),
  )
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={230} withinPortal>
        <Menu.Target>
          <ActionIcon
            variant="default"
            size={34}
            loading={redeploy.isPending}
            aria-label={`More for deployment ${deployment.id}`}
          >
            {children}
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Icon name="settings" />}
            onClick={() => go(pathTo.deployment(deployment.id))}
          >
            Steps and log
          </Menu.Item>
          {canRollBackTo(deployment) && may('deployments:rollback', here) && (
            <Menu.Item
              leftSection={<Icon name="rollback" />}
              onClick={() => redeploy.mutate({ service, environment, source: { rollbackTo: deployment.id } })}
            >
              Roll back to this
            </Menu.Item>
          )}
          {bundle &&
            deployment.status === 'succeeded' &&
            others.map((other) => (
              <Menu.Item
                key={other.id}
                leftSection={<Icon name="promote" />}
                onClick={() =>
                  redeploy.mutate({
                    service,
                    environment: other.name,
                    source: promotionOf(deployment, bundle),
                  })
                }
              >
                {deployment.live ? 'Promote' : 'Deploy'} to {other.name}
              </Menu.Item>
            ))}
          {bundle && may('bundles:read', at(null)) && (
            <Menu.Item
              component="a"
              href={api.path('bundles.archive', { params: { service, digest: bundle } })}
              download
              leftSection={<Icon name="download" />}
            >
              Download the bundle
            </Menu.Item>
          )}
          <EraseItems
            mayDelete={canDelete(deployment) && may('deployments:delete', here)}
            mayErase={bundle !== null && !deployment.live && may('bundles:delete', at(null))}
            onChosen={setErasing}
          />
        </Menu.Dropdown>
      </Menu>
      {erasing && <EraseDialog what={erasing} deployment={deployment} onClose={() => setErasing(null)} />}
      <ProblemDialog thrown={redeploy.error} onClose={redeploy.reset} />
    </>
  )
}

interface EraseItemsProps {
  mayDelete: boolean
  mayErase: boolean
  onChosen: (what: 'deployment' | 'bundle') => void
}

function EraseItems({ mayDelete, mayErase, onChosen }: EraseItemsProps) {
  return (
    <>
      {mayDelete && (
        <Menu.Item leftSection={<Icon name="trash" />} onClick={() => onChosen('deployment')}>
          Delete from the history…
        </Menu.Item>
      )}
      {mayErase && (
        <Menu.Item leftSection={<Icon name="trash" />} onClick={() => onChosen('bundle')}>
          Erase the bundle…
        </Menu.Item>
      )}
    </>
  )
}

const canDelete = ({ live, status }: Deployment): boolean => !live && isEnded(status) && status !== 'stuck'

export const canRollBackTo = ({ live, status, bundle }: Deployment): boolean =>
  !live && status === 'succeeded' && bundle !== null

/** What is live is promoted; of the past, the bundle is deployed. */
export const promotionOf = ({ live, environment, message }: Deployment, bundle: string) =>
  live ? { promoteFrom: environment } : { bundle, message }
