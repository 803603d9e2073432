import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import type { Deployment } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { useApprove, useCancel, useRetry } from '../data/changes.ts'
import { environmentOf, useService } from '../data/queries.ts'
import { useMayIn, useSession } from '../data/session.ts'
import { Icon } from '../icons.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import { go, pathTo } from '../router.tsx'
import styles from './deployment-actions.module.css'
import { DeploymentMenu } from './deployment-menu.tsx'

const RETRYABLE: Deployment['status'][] = ['failed', 'reverted', 'cancelled', 'superseded', 'stuck']

/** For a second person: whoever started it is told to find one. */
function Approve({ deployment, isAllowed }: { deployment: Deployment; isAllowed: boolean }) {
  const approve = useApprove()
  const who = useSession().data
  if (deployment.approval?.state !== 'pending' || !isAllowed) return null
  const isOwn = deployment.actor.userId === who?.user?.id
  return (
    <>
      <Button
        leftSection={<Icon name="check" />}
        disabled={isOwn}
        title={isOwn ? 'Whoever started it can not approve it.' : undefined}
        loading={approve.isPending}
        onClick={() => approve.mutate(deployment.id)}
      >
        Approve
      </Button>
      <ProblemDialog thrown={approve.error} onClose={approve.reset} />
    </>
  )
}

const canRetry = ({ status, bundle }: Deployment) =>
  RETRYABLE.includes(status) && (bundle !== null || status === 'stuck')

/** Cancel while it can be, try again when it failed, and everything of the menu. */
export function DeploymentActions({ deployment }: { deployment: Deployment }) {
  const cancel = useCancel()
  const retry = useRetry()
  const service = useService(deployment.service).data
  const may = useMayIn(service, service && environmentOf(service, deployment.environment))
  const [isAsked, setAsked] = useState(false)
  const hasSwitched = deployment.steps.some((step) => step.name === 'switch' && step.status !== 'pending')
  return (
    <Group gap={8} className={styles.actions}>
      {!isEnded(deployment.status) && may('operations:cancel') && (
        <Button
          variant="default"
          leftSection={<Icon name="stop" />}
          disabled={hasSwitched || isAsked}
          loading={cancel.isPending}
          onClick={() => cancel.mutate(deployment.id, { onSuccess: () => setAsked(true) })}
        >
          {isAsked ? 'Cancelling…' : 'Cancel'}
        </Button>
      )}
      <Approve deployment={deployment} isAllowed={may('deployments:approve')} />
      {canRetry(deployment) && may('operations:update') && (
        <Button
          leftSection={<Icon name="retry" />}
          loading={retry.isPending}
          onClick={() => retry.mutate(deployment.id, { onSuccess: ({ id }) => go(pathTo.deployment(id)) })}
        >
          Try again
        </Button>
      )}
      {service && (
        <DeploymentMenu deployment={deployment} service={service}>
          <Icon name="more" />
        </DeploymentMenu>
      )}
      <ProblemDialog
        thrown={cancel.error ?? retry.error}
        onClose={() => {
          cancel.reset()
          retry.reset()
        }}
      />
    </Group>
  )
}
