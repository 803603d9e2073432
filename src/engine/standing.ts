/** What stands in the world for an environment, and what should. */
import type { TreeKey } from '../domain/bundle.ts'
import { rulesDigest, servingRules } from '../domain/serving/rules.ts'
import type { Manifest } from '../ports/bundles.ts'
import type { Site } from '../ports/gateway.ts'
import type { EnvironmentRow } from '../store/environments.ts'
import type { World } from './step.ts'

export interface Standing {
  site: Site | null
  tree: TreeKey | null
}

export async function standing(world: World, environmentId: string, signal: AbortSignal): Promise<Standing> {
  const site = await world.gateway.read(environmentId, signal)
  return { site, tree: site && (await world.links.read(site.link, signal)) }
}

/** The site that this bundle makes in this environment, with its present settings. */
export function siteOf(environment: EnvironmentRow, manifest: Manifest): Site {
  const rules = servingRules(environment.settings, manifest.facts)
  return { link: `${environment.id}-${rulesDigest(rules)}`, rules, graceFolder: environment.id }
}

export function environmentOf(world: World, id: string | null): EnvironmentRow {
  const row = id === null ? null : world.store.environments.byId(id)
  if (!row) throw new Error(`the operation names the environment ${id}, which has no row`)
  return row
}
