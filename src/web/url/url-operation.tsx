import { Button, Group } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback, useId, useState } from 'react'
import type { Problem } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { api } from '../data/api.ts'
import { useCancel } from '../data/changes.ts'
import { keys } from '../data/queries.ts'
import { useOperation } from '../data/urls.ts'
import { Icon } from '../icons.tsx'
import { Log } from '../operation/log.tsx'
import { Steps } from '../operation/steps.tsx'
import { ProblemDialog } from '../parts/problem-dialog.tsx'
import { ProblemNotice } from '../parts/problem-notice.tsx'
import styles from './url-operation.module.css'

/** The steps of an operation beside its log; both go on by themselves. */
export function StepsAndLog({ id }: { id: string }) {
  const operation = useOperation(id).data
  const label = useId()
  const queries = useQueryClient()
  const refresh = useCallback(
    () => void queries.invalidateQueries({ queryKey: keys.operation(id) }),
    [queries, id],
  )
  return (
    <div className={styles.columns}>
      <div className={styles.steps}>{operation && <Steps steps={operation.steps} />}</div>
      <div className={styles.log}>
        <span id={label} hidden>
          Log
        </span>
        <Log
          path={api.path('operations.log', { params: { id } })}
          isEnded={operation !== undefined && isEnded(operation.status)}
          onNews={refresh}
          labelledBy={label}
        />
      </div>
    </div>
  )
}

/** Of one that runs: how far it is, and the way to stop it. */
export function Running({ id, mayCancel, mayRead }: { id: string; mayCancel: boolean; mayRead: boolean }) {
  const cancel = useCancel()
  return (
    <div className={styles.running}>
      {mayRead && <StepsAndLog id={id} />}
      {mayCancel && (
        <Group>
          <Button
            variant="default"
            size="sm"
            leftSection={<Icon name="stop" size={16} />}
            loading={cancel.isPending}
            disabled={cancel.isSuccess}
            onClick={() => cancel.mutate(id)}
          >
            {cancel.isSuccess ? 'Cancelling…' : 'Cancel'}
          </Button>
        </Group>
      )}
      <ProblemDialog thrown={cancel.error} onClose={cancel.reset} />
    </div>
  )
}

interface EndedBadlyProps {
  id: string
  problem: Problem
  /** What did not work, above what the problem says. */
  lead: string
  mayRead: boolean
  onDismiss?: () => void
  /** Ways out. */
  children?: ReactNode
}

/** Of one that has not worked: why, what to do, and what can be done here. */
export function EndedBadly({ id, problem, lead, mayRead, onDismiss, children }: EndedBadlyProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <div className={styles.running}>
      <ProblemNotice problem={{ ...problem, title: lead }} onClose={onDismiss}>
        <Group gap={8} mt={10}>
          {children}
          {mayRead && (
            <Button variant="default" size="sm" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {isOpen ? 'Hide steps and log' : 'Steps and log'}
            </Button>
          )}
        </Group>
      </ProblemNotice>
      {isOpen && <StepsAndLog id={id} />}
    </div>
  )
}
