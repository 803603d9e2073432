/** What the page reads. Every view asks here, so that one event makes all of them fresh. */
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Deployment, Service } from '../../contract/shapes.ts'
import { isEnded } from '../../domain/operation.ts'
import { api } from './api.ts'
import { isChangeable, isLive, POLL_MS } from './live.ts'

/** A running operation is asked after this often; its log stream tells faster. */
export const RUNNING_POLL_MS = 700
export const pollWhenLost = () => (isLive() ? false : POLL_MS)

export const keys = {
  services: ['services'] as const,
  service: (service: string) => ['service', service] as const,
  deployments: (service: string, environment: string) => ['deployments', service, environment] as const,
  deployment: (id: string) => ['deployment', id] as const,
  bundle: (service: string, digest: string) => ['bundle', service, digest] as const,
  urls: (where: object | null) => ['urls', where] as const,
  urlPlan: (where: object | null, wish: object | null) => ['url-plan', where, wish] as const,
  operation: (id: string) => ['operation', id] as const,
}

export function useServices() {
  return useInfiniteQuery({
    queryKey: keys.services,
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (await api.call('services.list', { query: pageParam ? { cursor: pageParam } : {}, signal })).value,
    getNextPageParam: (last) => last.next,
    refetchInterval: pollWhenLost,
  })
}

export function useService(service: string) {
  return useQuery({
    queryKey: keys.service(service),
    queryFn: async ({ signal }) => (await api.call('services.show', { params: { service }, signal })).value,
    refetchInterval: pollWhenLost,
  })
}

export function useDeployments(service: string, environment: string) {
  return useInfiniteQuery({
    queryKey: keys.deployments(service, environment),
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (
        await api.call('deployments.list', {
          params: { service, environment },
          query: { limit: 20, ...(pageParam && { cursor: pageParam }) },
          signal,
        })
      ).value,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: pollWhenLost,
  })
}

export function useDeployment(id: string | null) {
  return useQuery({
    queryKey: keys.deployment(id ?? ''),
    queryFn: async ({ signal }) =>
      (await api.call('deployments.show', { params: { id: id ?? '' }, signal })).value,
    enabled: id !== null,
    refetchInterval: (query) =>
      query.state.data && isResting(query.state.data) ? pollWhenLost() : RUNNING_POLL_MS,
  })
}

/** It has ended, or a second person has to say that it may begin. */
export const isResting = ({ status, approval }: Deployment): boolean =>
  isEnded(status) || approval?.state === 'pending'

export function useBundle(service: string, digest: string | null) {
  return useQuery({
    queryKey: keys.bundle(service, digest ?? ''),
    queryFn: async ({ signal }) =>
      (await api.call('bundles.show', { params: { service, digest: digest ?? '' }, signal })).value,
    enabled: digest !== null,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** After a change of our own: show it without waiting for its event. */
export function useRefresh() {
  const queries = useQueryClient()
  return useCallback(() => queries.invalidateQueries({ predicate: isChangeable }), [queries])
}

export const environmentOf = (service: Service, name: string) =>
  service.environments.find((environment) => environment.name === name)
