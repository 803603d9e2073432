/** From rows to what the API shows. Every view passes its schema, so nothing else is ever sent. */
import { isoTime } from '../base/clock.ts'
import * as shapes from '../contract/shapes.ts'
import type { Permission, Place } from '../domain/access.ts'
import type { BundleFacts } from '../domain/bundle.ts'
import { unicodeHostname } from '../domain/hostname.ts'
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
import type { Visited } from '../store/urls.ts'
import { type Told, toldProblem } from './paths.ts'

export interface Seen {
  store: Store
  probe: Pick<Probe, 'url'>
  hosts: { probe: Pick<Probe, 'url'> }
}

export const timeOrNull = (ms: number | null): string | null => (ms === null ? null : isoTime(ms))

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

/** A page of them by one query for all their environments, and one for the names of those. */
export function serviceViews(seen: Seen, rows: readonly ServiceRow[], to: Sees): shapes.Service[] {
  const environments = seen.store.overview.of(rows.map((row) => row.id))
  const shown = [...environments.values()].flat().filter((row) => isSeen(row, to))
  const fields = environmentFields(seen, shown, to)
  return rows.map((row) =>
    shapes.Service.parse({
      ...row,
      environments: (environments.get(row.id) ?? []).flatMap(({ id }) => fields.get(id) ?? []),
      deleting: row.deleting === 1,
      createdAt: isoTime(row.createdAt),
    }),
  )
}

export function environmentView(seen: Seen, row: EnvironmentRow, to: Sees): shapes.Environment {
  const { deployments } = seen.store
  const latest = deployments.latest(row.id)
  const live = row.liveDeploymentId === null ? null : deployments.find(row.liveDeploymentId)
  return shapes.Environment.parse(environmentFields(seen, [{ ...row, live, latest }], to).get(row.id))
}

export const environmentViews = (seen: Seen, service: ServiceRow, to: Sees): shapes.Environment[] =>
  [...environmentFields(seen, seenOf(seen, service, to), to).values()].map((fields) =>
    shapes.Environment.parse(fields),
  )

const seenOf = ({ store }: Seen, { id }: ServiceRow, to: Sees): EnvironmentOverview[] =>
  (store.overview.of([id]).get(id) ?? []).filter((row) => isSeen(row, to))

const isSeen = ({ serviceId, id }: EnvironmentOverview, to: Sees): boolean =>
  to.may('environments:read', { serviceId, environmentId: id })

/** By the id of each, in their order; all their names by one query. */
function environmentFields(seen: Seen, rows: readonly EnvironmentOverview[], to: Sees): Map<string, object> {
  const named = rows.filter(({ serviceId, id }) => to.may('urls:read', { serviceId, environmentId: id }))
  const names = seen.store.urls.visited(named.map(({ id }) => id))
  return new Map(
    rows.map((row) => [
      row.id,
      {
        ...row,
        ...row.settings,
        service: row.serviceName,
        url: seen.probe.url(builtinHostname(row.serviceName, row.name)),
        urls: visitedView(seen, names.get(row.id)),
        live: row.live && brief(row.live),
        latest: row.latest && brief(row.latest),
        createdAt: isoTime(row.createdAt),
      },
    ]),
  )
}

const NOBODY: Visited = { first: null, isFirstSecure: false, count: 0 }

function visitedView({ hosts }: Seen, { first, isFirstSecure, count }: Visited = NOBODY): object {
  if (first === null) return { first, count }
  const url = hosts.probe.url(first, isFirstSecure ? 'https' : undefined)
  return { first: { url, unicode: unicodeHostname(first) }, count }
}

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
