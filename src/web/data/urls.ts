/** What the page reads and changes of URLs. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { UrlCreate } from '../../contract/shapes/urls.ts'
import { isEnded } from '../../domain/operation.ts'
import { api } from './api.ts'
import { useChange } from './changes.ts'
import { isLive, POLL_MS } from './live.ts'
import { keys, pollWhenLost, RUNNING_POLL_MS } from './queries.ts'

export interface UrlPlace {
  service: string
  environment: string
}

export function useUrls({ service, environment }: UrlPlace, isAllowed: boolean) {
  return useInfiniteQuery({
    queryKey: keys.urls(service, environment),
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (
        await api.call('urls.list', {
          params: { service, environment },
          query: pageParam ? { cursor: pageParam } : {},
          signal,
        })
      ).value,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: pollWhenLost,
    enabled: isAllowed,
  })
}

export function useOperation(id: string | null) {
  return useQuery({
    queryKey: keys.operation(id ?? ''),
    queryFn: async ({ signal }) =>
      (await api.call('operations.show', { params: { id: id ?? '' }, signal })).value,
    enabled: id !== null,
    refetchInterval: ({ state: { data } }) =>
      data && isEnded(data.status) ? (isLive() ? false : POLL_MS) : RUNNING_POLL_MS,
  })
}

/** What attaching a name would change; null asks nothing. An answer that comes late belongs to another wish. */
export function useUrlPlan(place: UrlPlace, wish: UrlCreate | null) {
  return useQuery({
    queryKey: keys.urlPlan(place, wish),
    queryFn: async ({ signal }) =>
      wish === null
        ? null
        : (await api.call('urls.plan', { params: { ...place }, json: wish, signal })).value,
    enabled: wish !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  })
}

export const useAttachUrl = (place: UrlPlace) =>
  useChange(
    async (wish: UrlCreate) => (await api.call('urls.create', { params: { ...place }, json: wish })).value,
  )

export const useDetachUrl = () =>
  useChange(async (id: string) => (await api.call('urls.delete', { params: { id } })).value)

export const useProbeUrl = () =>
  useChange(async (id: string) => (await api.call('urls.probe', { params: { id } })).value)
