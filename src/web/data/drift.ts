/** What the page reads and does about drift. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { Drift } from '../../contract/shapes/drift.ts'
import { api } from './api.ts'
import { useChange } from './changes.ts'
import { pollWhenLost } from './queries.ts'

/** Those that are open, or those that have ended; newest first. */
export function useDrift(hasEnded: boolean) {
  return useInfiniteQuery({
    queryKey: ['drift', hasEnded],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const query = { ended: hasEnded ? 'true' : 'false', ...(pageParam && { cursor: pageParam }) } as const
      return (await api.call('drift.list', { query, signal })).value
    },
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: pollWhenLost,
  })
}

/** As many as are told beside the things that they are about. */
const FIRST = 200

/** The open findings, as far as one page tells them. */
export function useOpenDrift(isAllowed: boolean) {
  return useQuery({
    queryKey: ['drift', 'open'],
    queryFn: async ({ signal }) =>
      (await api.call('drift.list', { query: { ended: 'false', limit: FIRST }, signal })).value.items,
    refetchInterval: pollWhenLost,
    enabled: isAllowed,
  })
}

export const useLookForDrift = () => useChange(async () => (await api.call('drift.look', {})).value)

export type WayOut = 'revert' | 'adopt'

/** Puts back, or takes over, what was seen and nothing else. */
export const useEndDrift = ({ id, seen }: Drift) =>
  useChange(async (way: WayOut) => (await api.call(`drift.${way}`, { params: { id }, json: { seen } })).value)
