/** What the views of accounts read and change. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { AuditFilter } from '../../contract/shapes/audit.ts'
import { api } from './api.ts'

/** Roles are few; users, keys and sessions come a page at a time. */
const MANY = { limit: 200 } as const

export const useProfile = () =>
  useQuery({
    queryKey: ['profile'],
    queryFn: async ({ signal }) => (await api.call('profile.show', { signal })).value,
  })

export const useOwnSessions = () =>
  useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await api.call('profile.sessions', { query: MANY, signal })).value.items,
  })

export const usePasskeys = () =>
  useQuery({
    queryKey: ['passkeys'],
    queryFn: async ({ signal }) => (await api.call('passkeys.list', { query: MANY, signal })).value.items,
  })

export const useIdentities = () =>
  useQuery({
    queryKey: ['identities'],
    queryFn: async ({ signal }) => (await api.call('identities.list', { query: MANY, signal })).value.items,
  })

/** Those that the sign-in page offers. */
export const useProviders = () =>
  useQuery({
    queryKey: ['providers'],
    queryFn: async ({ signal }) => (await api.call('sign-in.providers', { signal })).value.items,
  })

export const useIdentityProviders = () =>
  useQuery({
    queryKey: ['identity-providers'],
    queryFn: async ({ signal }) =>
      (await api.call('identity-providers.list', { query: MANY, signal })).value.items,
  })

export const useUsers = () =>
  useInfiniteQuery({
    queryKey: ['users'],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (await api.call('users.list', { query: pageParam ? { cursor: pageParam } : {}, signal })).value,
    getNextPageParam: (last) => last.next,
  })

export const useUser = (id: string) =>
  useQuery({
    queryKey: ['user', id],
    queryFn: async ({ signal }) => (await api.call('users.show', { params: { id }, signal })).value,
  })

export const useInvitations = (isAllowed: boolean) =>
  useQuery({
    queryKey: ['invitations'],
    queryFn: async ({ signal }) => (await api.call('invitations.list', { query: MANY, signal })).value.items,
    enabled: isAllowed,
  })

export const useRoles = () =>
  useQuery({
    queryKey: ['roles'],
    queryFn: async ({ signal }) => (await api.call('roles.list', { query: MANY, signal })).value.items,
  })

/** Those of one user, by his login. */
export const useApiKeys = (user: string) =>
  useQuery({
    queryKey: ['api-keys', user],
    queryFn: async ({ signal }) =>
      (await api.call('api-keys.list', { query: { ...MANY, user }, signal })).value.items,
  })

/** Names of services and environments, for a choice of where. */
export const usePlaces = () =>
  useQuery({
    queryKey: ['places'],
    queryFn: async ({ signal }) => (await api.call('services.list', { query: MANY, signal })).value.items,
  })

export const useRefusals = () =>
  useQuery({
    queryKey: ['refusals'],
    queryFn: async ({ signal }) => (await api.call('audit.refusals', { signal })).value.items,
  })

export const useAudit = (filter: AuditFilter) =>
  useInfiniteQuery({
    queryKey: ['audit', filter],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) =>
      (
        await api.call('audit.list', {
          query: { ...filter, ...(pageParam && { cursor: pageParam }) },
          signal,
        })
      ).value,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  })
