/** What is going on in an environment right now: an upload of ours, or a deployment of anybody's. */
import { useEffect } from 'react'
import type { Deployment, Environment } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { useDeployment, useRefresh } from '../data/queries.ts'
import { announce } from '../parts/announcer.tsx'
import { type Upload, uploads, useUpload } from '../upload/uploads.ts'

export interface Activity {
  upload: Upload | null
  /** The running deployment, or our own that has ended badly and was not dismissed. */
  deployment: Deployment | null
}

export function useActivity(environment: Environment): Activity {
  const place = { service: environment.service, environment: environment.name }
  const upload = useUpload(place)
  const { latest } = environment
  const running = latest && !isEnded(latest.status) ? latest.id : null
  const own = upload?.phase === 'deploying' ? upload.deployment : null
  const deployment = useDeployment(own ?? running).data ?? null
  useEnding(upload, own ? deployment : null)
  return { upload, deployment: own || running ? deployment : null }
}

/** Says how our own deployment ended; what went well needs no dismissing. */
function useEnding(upload: Upload | null, deployment: Deployment | null) {
  const refresh = useRefresh()
  const status = deployment?.status
  const { service, environment } = upload?.place ?? { service: '', environment: '' }
  useEffect(() => {
    if (!status || !isEnded(status)) return
    announce(
      status === 'succeeded'
        ? `${service} ${environment} is live.`
        : `The deployment to ${service} ${environment} ended: ${status}.`,
    )
    void refresh().then(() => {
      if (status === 'succeeded') uploads.dismiss({ service, environment })
    })
  }, [status, service, environment, refresh])
}
