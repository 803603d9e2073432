/** From rows to what the API shows. Every view passes its schema, so nothing else is ever sent. */
import { isoTime } from '../base/clock.ts'
import * as shapes from '../contract/shapes.ts'
import type { Permission, Place } from '../domain/access.ts'
import type { BundleFacts } from '../domain/bundle.ts'
import { builtinHostname } from '../domain/names.ts'
import type { Probe } from '../ports/gateway.ts'
import type { DeploymentRow } from '../store/deployments.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import type { EventRow } from '../store/events.ts'
import type { LogRow } from '../store/logs.ts'
import type { OperationRow, StepRow } from '../store/operations.ts'
import type { BriefRow, EnvironmentOverview } from '../store/overview.ts'
import type { ServiceRow } from '../store/services.ts'
import type { Store } from '../store/store.ts'
import { type Told, toldProblem } from './paths.ts'

export interface Seen {
  store: Store
  probe: Pick<Probe, 'url'>
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms))

/** For whom a view is: environments that he may not read are left out. */
export interface Sees {
  may(permission: Permission, place: Place): boolean
}

/** Who is told sentences about the outside. */
export interface Hears {
  told: Told
}

export function serviceView(seen: Seen, row: ServiceRow, to: Sees): shapes.Service {
  const [view] = serviceViews(seen, [row], to)
  if (!view) throw new Error(`service ${row.id} has no view`)
  return view
}

/** A page of them by one query for all their environments. */
export function serviceViews(seen: Seen, rows: readonly ServiceRow[], to: Sees): shapes.Service[] {
  const environments = seen.store.overview.of(rows.map((row) => row.id))
  return rows.map((row) =>
    shapes.Service.parse({
      ...row,
      environments: (environments.get(row.id) ?? [])
        .filter((environment) => isSeen(environment, to))
        .map((environment) => environmentFields(seen, environment)),
      deleting: row.deleting === 1,
      createdAt: isoTime(row.createdAt),
    }),
  )
}

export function environmentView(seen: Seen, row: EnvironmentRow): shapes.Environment {
  const { deployments } = seen.store
  const latest = deployments.latest(row.id)
  const live = row.liveDeploymentId === null ? null : deployments.find(row.liveDeploymentId)
  return shapes.Environment.parse(environmentFields(seen, { ...row, live, latest }))
}

export const environmentViews = (seen: Seen, service: ServiceRow, to: Sees): shapes.Environment[] =>
  (seen.store.overview.of([service.id]).get(service.id) ?? [])
    .filter((row) => isSeen(row, to))
    .map((row) => shapes.Environment.parse(environmentFields(seen, row)))

const isSeen = ({ serviceId, id }: EnvironmentOverview, to: Sees): boolean =>
  to.may('environments:read', { serviceId, environmentId: id })

const environmentFields = (seen: Seen, row: EnvironmentOverview): object => ({
  ...row,
  ...row.settings,
  service: row.serviceName,
  url: seen.probe.url(builtinHostname(row.serviceName, row.name)),
  live: row.live && brief(row.live),
  latest: row.latest && brief(row.latest),
  createdAt: isoTime(row.createdAt),
})

const brief = (row: BriefRow): object => ({
  ...row,
  createdAt: isoTime(row.createdAt),
  finishedAt: timeOrNull(row.finishedAt),
})

export const deploymentView = (seen: Seen, row: DeploymentRow, { told }: Hears): shapes.Deployment =>
  shapes.Deployment.parse({
    ...row,
    problem: toldProblem(row.problem, told),
    service: row.serviceName,
    environment: row.environmentName,
    ...times(row),
    steps: seen.store.operations.steps(row.id).map(stepFields),
    approval: row.approval && { ...row.approval, at: timeOrNull(row.approval.at) },
    erased: row.erased && { ...row.erased, at: isoTime(row.erased.at) },
  })

export const operationView = (seen: Seen, row: OperationRow, { told }: Hears): shapes.Operation =>
  shapes.Operation.parse({
    ...row,
    problem: toldProblem(row.problem, told),
    service: row.serviceName,
    environment: row.environmentName,
    ...times(row),
    steps: seen.store.operations.steps(row.id).map(stepFields),
  })

const times = (row: { createdAt: number; startedAt: number | null; finishedAt: number | null }) => ({
  createdAt: isoTime(row.createdAt),
  startedAt: timeOrNull(row.startedAt),
  finishedAt: timeOrNull(row.finishedAt),
})

const stepFields = (row: StepRow): object => ({
  ...row,
  startedAt: timeOrNull(row.begunAt),
  finishedAt: timeOrNull(row.endedAt),
})

export interface BundleSeen {
  facts: BundleFacts
  service: string
  createdAt: number
}

export const bundleView = (seen: BundleSeen): shapes.Bundle => shapes.Bundle.parse(bundleFields(seen))

export const manifestView = (seen: BundleSeen, files: Iterable<object>): shapes.BundleManifest =>
  shapes.BundleManifest.parse({ ...bundleFields(seen), files: [...files] })

const bundleFields = ({ facts, service, createdAt }: BundleSeen): object => ({
  ...facts,
  service,
  fileCount: facts.files,
  createdAt: isoTime(createdAt),
})

export const logLineView = (row: LogRow, { told }: Hears): shapes.LogLine =>
  shapes.LogLine.parse({ ...row, text: told(row.text), at: isoTime(row.at) })

export const eventView = (row: EventRow): shapes.Event =>
  shapes.Event.parse({ ...row, at: isoTime(row.at), operation: row.operationId })
