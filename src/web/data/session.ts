/** Who looks at the page, and what he may do. The server decides each time; here it is only asked what to offer. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Right, Whoami } from '../../contract/shapes/session.ts'
import { may, type Permission, type Place, type Rights } from '../../domain/access.ts'
import { api } from './api.ts'
import { onSignedOut } from './signed-out.ts'

const SESSION = ['session'] as const
const PENDING = ['pending'] as const

export function useSession() {
  return useQuery({
    queryKey: SESSION,
    queryFn: async ({ signal }) => (await api.call('session.show', { signal })).value,
    staleTime: 60_000,
  })
}

/** How far this browser has come with signing in, and why the way back from a provider has failed. */
export function usePendingSignIn(isAsked = true) {
  return useQuery({
    queryKey: PENDING,
    queryFn: async ({ signal }) => (await api.call('sign-in.show', { signal })).value,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: isAsked,
  })
}

export function useLookAgain(): () => void {
  const queries = useQueryClient()
  return useCallback(() => void queries.invalidateQueries({ queryKey: PENDING }), [queries])
}

const rightsOf = (shown: readonly Right[]): Rights => ({
  grants: shown.map(({ permissions, serviceId, environmentId }) => ({
    permissions: new Set(permissions),
    scope: { serviceId, environmentId },
  })),
  bounds: null,
})

export type May = (permission: Permission, place?: Place) => boolean

/** Whether something is to be offered. Nothing is until it is known who looks. */
export function useMay(): May {
  const { data } = useSession()
  return useCallback(
    (permission, place) => data !== undefined && may(rightsOf(data.rights), permission, place),
    [data],
  )
}

/** The same in a service or environment; before those are loaded, in the instance as a whole. */
export function useMayIn(
  service?: Identified,
  environment?: Identified,
): (permission: Permission) => boolean {
  const may = useMay()
  const place = service ? { serviceId: service.id, environmentId: environment?.id ?? null } : {}
  return (permission) => may(permission, place)
}

interface Identified {
  id: string
}

/** Somebody has come in, or gone: what the one before has seen is forgotten. */
export function useEnter(): (who: Whoami) => void {
  const queries = useQueryClient()
  return useCallback(
    (who) => {
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] })
      queries.setQueryData(SESSION, who)
    },
    [queries],
  )
}

/** A request was answered that nobody is signed in any more: find out who is. Call once. */
export const followSession = (queries: QueryClient): (() => void) =>
  onSignedOut(() => void queries.invalidateQueries({ queryKey: SESSION }))
