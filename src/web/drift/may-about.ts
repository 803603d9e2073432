import { useMemo } from 'react'
import type { Drift } from '../../contract/shapes/drift.ts'
import type { Permission } from '../../domain/access.ts'
import { useServices } from '../data/queries.ts'
import { useMay } from '../data/session.ts'

/** Whether something is to be offered for what a finding is about. */
export type MayAbout = (permission: Permission, drift: Pick<Drift, 'service' | 'environment'>) => boolean

/** Rights are by id and findings by name; a service that is not loaded yet counts as the instance, where less is allowed. */
export function useMayAbout(): MayAbout {
  const may = useMay()
  const services = useServices().data?.pages
  return useMemo(() => {
    const byName = new Map(services?.flatMap(({ items }) => items).map((one) => [one.name, one]))
    return (permission, { service, environment }) => {
      const found = byName.get(service ?? '')
      const inside = found?.environments.find(({ name }) => name === environment)
      return may(permission, found ? { serviceId: found.id, environmentId: inside?.id ?? null } : {})
    }
  }, [may, services])
}
