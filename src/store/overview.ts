import type { Cause } from '../domain/deployment.ts'
import { DEFAULT_SETTINGS, type EnvironmentSettings } from '../domain/environment.ts'
import type { OperationStatus } from '../domain/operation.ts'
import type { Database } from './database.ts'

/** A deployment as its environment mentions it. */
export interface BriefRow {
  id: string
  status: OperationStatus
  bundle: string | null
  cause: Cause
  message: string | null
  createdAt: number
  finishedAt: number | null
}

export interface EnvironmentOverview {
  id: string
  serviceId: string
  serviceName: string
  name: string
  position: number
  settings: EnvironmentSettings
  revision: number
  createdAt: number
  deleting: boolean
  live: BriefRow | null
  latest: BriefRow | null
}

type Raw = Omit<EnvironmentOverview, 'settings' | 'deleting' | 'live' | 'latest'> & {
  settings: string
  deleting: 0 | 1
  live: string | null
  latest: string | null
}

const brief = (d: string, o: string) => `CASE WHEN ${d}.id IS NULL THEN NULL ELSE json_object('id', ${d}.id,
  'status', ${o}.status, 'bundle', ${d}.bundle, 'cause', ${d}.cause, 'message', ${d}.message,
  'createdAt', ${o}.created_at, 'finishedAt', ${o}.finished_at) END`

const SELECT = `SELECT e.id, e.service_id AS serviceId, s.name AS serviceName, e.name, e.position, e.settings,
  e.revision, e.created_at AS createdAt, (e.deleting OR s.deleting) AS deleting,
  ${brief('live', 'live_operation')} AS live, ${brief('latest', 'latest_operation')} AS latest
  FROM json_each(?) AS wanted
  JOIN environments e ON e.service_id = wanted.value AND e.deleted_at IS NULL
  JOIN services s ON s.id = e.service_id
  LEFT JOIN deployments live ON live.id = e.live_deployment_id
  LEFT JOIN operations live_operation ON live_operation.id = live.id
  LEFT JOIN deployments latest
    ON latest.number = (SELECT max(number) FROM deployments WHERE environment_id = e.id AND hidden_at IS NULL)
  LEFT JOIN operations latest_operation ON latest_operation.id = latest.id`

/** What is live where, for the main page: the environments of many services by one query. */
export class Overview {
  private readonly db: Database

  constructor(db: Database) {
    this.db = db
  }

  /** Those of each service in their order; a service without any is left out. */
  of(serviceIds: readonly string[]): Map<string, EnvironmentOverview[]> {
    const rows = this.db.all<Raw>(`${SELECT} ORDER BY e.position, e.id`, JSON.stringify(serviceIds))
    return Map.groupBy(rows.map(parsed), (row) => row.serviceId)
  }
}

// JSON written by us: the settings into their column, the briefs by the query above.
const parsed = (row: Raw): EnvironmentOverview => ({
  ...row,
  settings: { ...DEFAULT_SETTINGS, ...(JSON.parse(row.settings) as Partial<EnvironmentSettings>) }, // ditto
  deleting: row.deleting === 1,
  live: row.live === null ? null : (JSON.parse(row.live) as BriefRow), // ditto
  latest: row.latest === null ? null : (JSON.parse(row.latest) as BriefRow), // ditto
})
