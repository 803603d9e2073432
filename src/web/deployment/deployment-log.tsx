import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api } from '../data/api.ts'
import { keys } from '../data/queries.ts'
import { Log } from '../operation/log.tsx'
import styles from './deployment-log.module.css'

export function DeploymentLog({ id, isEnded }: { id: string; isEnded: boolean }) {
  const queries = useQueryClient()
  const refresh = useCallback(
    () => void queries.invalidateQueries({ queryKey: keys.deployment(id) }),
    [queries, id],
  )
  return (
    <section aria-labelledby="log" className={styles.section}>
      <h2 id="log">Log</h2>
      <Log
        path={api.path('deployments.log', { params: { id } })}
        isEnded={isEnded}
        onNews={refresh}
        labelledBy="log"
      />
    </section>
  )
}
