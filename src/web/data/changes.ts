/** What the page changes: one hook a verb, each with the revision it was shown (If-Match). */
import { useMutation } from '@tanstack/react-query'
import type { Environment, Service } from '../../contract/shapes.ts'
import type { EnvironmentSettings } from '../../domain/environment.ts'
import { api, ifMatch } from './api.ts'
import { useRefresh } from './queries.ts'

const inEnvironment = (environment: Environment) => ({
  params: { service: environment.service, environment: environment.name },
})

/**
 * Success or failure, what is shown is loaded anew: after a 412 the reader has to see the present state. After the
 * caller's own callbacks, since those may leave a view whose thing is no more.
 */
export function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const refresh = useRefresh()
  return useMutation({ mutationFn: change, onSettled: () => void setTimeout(() => void refresh()) })
}

export const useCreateService = () =>
  useChange(async (name: string) => (await api.call('services.create', { json: { name } })).value)

export const useRenameService = (service: Service) =>
  useChange(
    async (name: string) =>
      (
        await api.call('services.update', {
          params: { service: service.name },
          json: { name },
          headers: ifMatch(service),
        })
      ).value,
  )

export const useDeleteService = (service: Service) =>
  useChange(
    async () =>
      (await api.call('services.delete', { params: { service: service.name }, headers: ifMatch(service) }))
        .value,
  )

export const useCreateEnvironment = (service: Service) =>
  useChange(
    async (name: string) =>
      (await api.call('environments.create', { params: { service: service.name }, json: { name } })).value,
  )

export type EnvironmentChange = Partial<EnvironmentSettings & { name: string; position: number }>

export const useUpdateEnvironment = (environment: Environment) =>
  useChange(
    async (change: EnvironmentChange) =>
      (
        await api.call('environments.update', {
          ...inEnvironment(environment),
          json: change,
          headers: ifMatch(environment),
        })
      ).value,
  )

export const useDeleteEnvironment = (environment: Environment) =>
  useChange(
    async () =>
      (
        await api.call('environments.delete', {
          ...inEnvironment(environment),
          headers: ifMatch(environment),
        })
      ).value,
  )

export type Redeploy =
  | { rollbackTo: string }
  | { promoteFrom: string }
  | { bundle: string; message?: string | null }

export const useRedeploy = () =>
  useChange(
    async ({ service, environment, source }: { service: string; environment: string; source: Redeploy }) =>
      (await api.call('deployments.create', { params: { service, environment }, json: source })).value,
  )

export const useApprove = () =>
  useChange(async (id: string) => (await api.call('deployments.approve', { params: { id } })).value)

export interface Erasure {
  params: { id: string } | { service: string; digest: string }
  reason: string
}

/** Takes a deployment out of the history, or the bytes of a bundle off the disk. */
export const useErase = () =>
  useChange(async ({ params, reason }: Erasure) => {
    const query = reason === '' ? {} : { reason }
    if ('id' in params) await api.call('deployments.delete', { params, query })
    else await api.call('bundles.delete', { params, query })
  })

export const useCancel = () =>
  useChange(async (id: string) => (await api.call('operations.cancel', { params: { id } })).value)

/** The operation that tries again: the same one when it was stuck, a new deployment otherwise. */
export const useRetry = () =>
  useChange(async (id: string) => (await api.call('operations.retry', { params: { id } })).value)
