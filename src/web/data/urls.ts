/** What the page reads and changes of URLs. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Url, UrlCreate, UrlPatch } from '../../contract/shapes/urls.ts'
import { isEnded } from '../../domain/operation.ts'
import { api } from './api.ts'
import { useChange } from './changes.ts'
import { isLive, POLL_MS, SECURE_URLS } from './live.ts'
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

/** For a glance at all of them no more pages than these are asked for. */
const SECURE = { pages: 5, rows: 200, againMs: 10 * 60_000 }

/** Those with HTTPS, of all that this person may see. One request serves whoever asks, until something of URLs happens. */
export function useSecureUrls(isAllowed: boolean) {
  return useQuery({
    queryKey: [SECURE_URLS],
    queryFn: async ({ signal }) => {
      const kept: Url[] = []
      let cursor: string | null | undefined
      for (let page = 0; page < SECURE.pages && cursor !== null; page += 1) {
        const query = { limit: SECURE.rows, ...(cursor !== undefined && { cursor }) }
        const { items, next }: { items: Url[]; next: string | null } = (
          await api.call('urls.all', { query, signal })
        ).value
        kept.push(...items.filter(({ https }) => https.mode !== 'none'))
        cursor = next
      }
      return kept
    },
    staleTime: SECURE.againMs,
    refetchInterval: SECURE.againMs,
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

/** Without what only a site of an environment has. */
const selfOf = ({ hostname, dns, https, redirectToHttps, hsts, minimumTls }: UrlCreate) =>
  ({ kind: 'self', hostname, dns, https, redirectToHttps, hsts, minimumTls }) as const

export const useAttachUrl = (where: Where) =>
  useChange(async (wish: UrlCreate) =>
    where === null
      ? (await api.call('urls.create-self', { json: selfOf(wish) })).value
      : (await api.call('urls.create', { params: { ...where }, json: wish })).value,
  )

export const useChangeUrl = (id: string) =>
  useChange(async (json: UrlPatch) => (await api.call('urls.update', { params: { id }, json })).value)

export const useRenewUrl = () =>
  useChange(async (id: string) => (await api.call('urls.renew', { params: { id } })).value)

export const useDetachUrl = () =>
  useChange(async (id: string) => (await api.call('urls.delete', { params: { id } })).value)

export const useProbeUrl = () =>
  useChange(async (id: string) => (await api.call('urls.probe', { params: { id } })).value)
