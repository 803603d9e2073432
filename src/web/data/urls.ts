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

/** Where names lead; null: to Fairlead itself. */
export type Where = UrlPlace | null

export function useUrls(where: Where, isAllowed: boolean) {
  return useInfiniteQuery({
    queryKey: keys.urls(where),
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = pageParam ? { cursor: pageParam } : {}
      return where === null
        ? (await api.call('urls.all', { query: { ...query, kind: 'self' }, signal })).value
        : (await api.call('urls.list', { params: { ...where }, query, signal })).value
    },
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
export function useUrlPlan(where: Where, wish: UrlCreate | null) {
  return useQuery({
    queryKey: keys.urlPlan(where, wish),
    queryFn: async ({ signal }) => {
      if (wish === null) return null
      return where === null
        ? (await api.call('urls.plan-self', { json: selfOf(wish), signal })).value
        : (await api.call('urls.plan', { params: { ...where }, json: wish, signal })).value
    },
    enabled: wish !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  })
}

const selfOf = ({ hostname, dns }: UrlCreate) => ({ kind: 'self', hostname, dns }) as const

export const useAttachUrl = (where: Where) =>
  useChange(async (wish: UrlCreate) =>
    where === null
      ? (await api.call('urls.create-self', { json: selfOf(wish) })).value
      : (await api.call('urls.create', { params: { ...where }, json: wish })).value,
  )

export const useDetachUrl = () =>
  useChange(async (id: string) => (await api.call('urls.delete', { params: { id } })).value)

export const useProbeUrl = () =>
  useChange(async (id: string) => (await api.call('urls.probe', { params: { id } })).value)
