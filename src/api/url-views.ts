/** URLs as the API shows them. */
import { isoTime } from '../base/clock.ts'
import * as shapes from '../contract/shapes/urls.ts'
import { unicodeHostname } from '../domain/hostname.ts'
import { addressOf } from '../engine/ask.ts'
import type { World } from '../engine/step.ts'
import type { UrlPreview } from '../engine/url/preview.ts'
import type { UrlRow } from '../store/urls.ts'
import { planHttpsFields, urlHttpsFields } from './https-views.ts'
import { toldProblem } from './paths.ts'
import type { Hears } from './views.ts'

type UrlsSeen = Pick<World, 'store' | 'hosts' | 'probe' | 'clock'>

export function urlView(world: UrlsSeen, row: UrlRow, { told }: Hears): shapes.Url {
  const { hostname, dns, lastProbe, operationId } = row
  const operation = operationId === null ? null : world.store.operations.find(operationId)
  return shapes.Url.parse({
    ...row,
    unicode: unicodeHostname(hostname),
    url: addressOf(world, hostname),
    service: row.serviceName,
    environment: row.environmentName,
    site: { state: row.site },
    dns: {
      mode: row.dnsMode,
      provider: providerBrief(world, dns.providerId),
      zone: dns.zone?.name ?? null,
      records: dns.records,
      state: dns.state,
    },
    https: urlHttpsFields(world, row, told),
    lastProbe: lastProbe && { ...lastProbe, detail: told(lastProbe.detail), at: isoTime(lastProbe.at) },
    operation: operation && { ...operation, problem: toldProblem(operation.problem, told) },
    createdAt: isoTime(row.createdAt),
  })
}

function providerBrief({ store }: UrlsSeen, id: string | null): object | null {
  const row = id === null ? null : store.dnsProviders.find(id)
  return row && { id: row.id, kind: row.kind, label: row.label }
}

export const urlPlanView = (preview: UrlPreview, { told }: Hears): shapes.UrlPlan =>
  shapes.UrlPlan.parse({
    ...preview,
    ...preview.canonical,
    dns: {
      mode: preview.dns.mode,
      provider: preview.provider,
      zone: preview.dns.zone?.name ?? null,
      changes: preview.dns.changes,
      conflicts: preview.dns.conflicts.map(({ reason, ...conflict }) => ({ ...conflict, message: reason })),
      notes: preview.dns.notes,
    },
    https: planHttpsFields(preview.https, told),
    findings: preview.findings.map(({ level, message, remedy }) => ({
      level,
      message: told(message),
      remedy: told(remedy),
    })),
    possible: preview.isPossible,
  })
