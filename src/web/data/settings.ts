/** What the view of the instance's settings reads and changes. */
import { useQuery } from '@tanstack/react-query'
import type { CertificateCreate } from '../../contract/shapes/https.ts'
import type { AuthorityTestRequest, Settings, SettingsPatch } from '../../contract/shapes/settings.ts'
import { api, ifMatch, problemOf } from './api.ts'
import { useChange } from './changes.ts'

export const useSettings = () =>
  useQuery({
    queryKey: ['settings'],
    queryFn: async ({ signal }) => (await api.call('settings.show', { signal })).value,
  })

export const useChangeSettings = (basis: Settings) =>
  useChange(
    async (json: SettingsPatch) =>
      (await api.call('settings.update', { json, headers: ifMatch(basis) })).value,
  )

/** Somebody else has saved since the form was filled. */
export const isStale = (thrown: unknown): boolean =>
  thrown !== null && problemOf(thrown).code === 'precondition_failed'

export const useTestGateway = () =>
  useChange(async () => (await api.call('settings.test-gateway', {})).value.findings)

/** There are at most fifty. */
export const useDnsProviders = () =>
  useQuery({
    queryKey: ['dns-providers'],
    queryFn: async ({ signal }) =>
      (await api.call('dns-providers.list', { query: { limit: 200 }, signal })).value.items,
  })

/** What the program can speak with: the same for as long as it runs. */
export const useDnsProviderKinds = () =>
  useQuery({
    queryKey: ['dns-provider-kinds'],
    queryFn: async ({ signal }) => (await api.call('dns-providers.kinds', { signal })).value.items,
    staleTime: Number.POSITIVE_INFINITY,
  })

/** What a CA says of itself; of the one that is set up unless another is named. */
export const useTestAuthority = () =>
  useChange(
    async (json: AuthorityTestRequest) => (await api.call('settings.test-certificates', { json })).value,
  )

/** The newest page of them is all that a small team has. */
export const useCertificates = () =>
  useQuery({
    queryKey: ['certificates'],
    queryFn: async ({ signal }) =>
      (await api.call('certificates.list', { query: { limit: 200 }, signal })).value.items,
  })

export const useAddCertificate = () =>
  useChange(async (json: CertificateCreate) => (await api.call('certificates.create', { json })).value)

export const useDeleteCertificate = (id: string) =>
  useChange(async () => (await api.call('certificates.delete', { params: { id } })).value)
