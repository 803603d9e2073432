/** Operations that meet drift on their way stop: nothing that somebody has done by hand is lost in silence. */
import { Fault } from '../../base/fault.ts'
import { type TreeKey, treeKey } from '../../domain/bundle.ts'
import type { DriftRow } from '../../store/drifts.ts'
import { environmentOf, type Standing } from '../standing.ts'
import type { StepContext, World } from '../step.ts'

/**
 * Throws `conflict`, naming the finding and the ways out of it, when what a deployment would replace, or put up, is not as
 * it was deployed.
 */
export function requireNoDrift(
  { world, operation }: StepContext,
  { before, tree }: { before: Standing; tree: TreeKey },
): void {
  const { store } = world
  if (operation.kind === 'site-repair' || store.deployments.find(operation.id)?.cause === 'adoption') return
  const environment = environmentOf(world, operation.environmentId)
  const live = store.deployments.find(environment.liveDeploymentId ?? '')?.bundle ?? null
  // What is stuck has left the link where it was, and what succeeds after it puts it right.
  const isLedElsewhere = before.tree !== null && live !== null && before.tree !== treeKey(live)
  if (isLedElsewhere && store.operations.stuckOf(operation).length === 0) {
    const link = `sites/${before.site?.link ?? ''}`
    throw met(
      `${link} was led elsewhere by hand`,
      findingAbout(world, (row) => row.thing === link),
    )
  }
  if (operation.kind !== 'deployment') return
  for (const [key, what] of [
    [before.tree, `What is live in "${environment.name}"`],
    [tree, 'The unpacked bundle'],
  ] as const) {
    const finding = key === null ? null : findingAbout(world, (row) => row.thing === `trees/${key}`)
    if (finding) throw met(`${what} was changed by hand`, finding)
  }
}

const findingAbout = ({ store }: World, isIt: (row: DriftRow) => boolean): DriftRow | null =>
  store.drifts.open().find(isIt) ?? null

/** `what`: a sentence without its end. */
export function met(what: string, finding: DriftRow | null): Fault {
  if (finding === null)
    return new Fault('conflict', `${what}; nothing was changed.`, {
      hint: 'Run "fairlead drift": it shows what stands there, to be put back or taken over.',
    })
  const ways = [
    ...(finding.revertable ? [`"fairlead drift revert ${finding.id}" puts it back`] : []),
    ...(finding.adoptable ? [`"fairlead drift adopt ${finding.id}" takes it over`] : []),
  ]
  return new Fault('conflict', `${what} (finding ${finding.id}); nothing was changed.`, {
    hint: `See it with "fairlead drift show ${finding.id}"; ${ways.join(', ') || (finding.why ?? '')}.`,
    extra: { drift: finding.id },
  })
}
