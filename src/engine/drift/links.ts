/** DATA/sites/<link>: what is live is what a link says. */
import { shown } from '../../base/fault.ts'
import { type Digest, digestOfTree, treeKey } from '../../domain/bundle.ts'
import type { Observation } from '../../domain/drift.ts'
import type { LinkName } from '../../domain/host-site.ts'
import type { EnvironmentRow } from '../../store/environments.ts'
import { requireNotErased } from '../source.ts'
import { environmentOf, siteOf } from '../standing.ts'
import type { Facts, StepContext, World } from '../step.ts'
import type { Adoption, DriftPart, DriftTools, LookGiven, Seen } from './part.ts'

interface LiveLink {
  environment: EnvironmentRow
  bundle: Digest
  link: LinkName
}

export function linksPart(tools: DriftTools): DriftPart {
  const { world, keeper } = tools
  return {
    name: 'links',
    kinds: ['link'],
    look: (given) => lookAtLinks(world, given),
    async revert({ signal, say }, { environmentId }) {
      const live = await liveLink(world, environmentOf(world, environmentId))
      if (live === null) return
      await keeper.ensure(treeKey(live.bundle), [], signal)
      await keeper.inTurn(live.link, () => world.links.put(live.link, treeKey(live.bundle), signal))
      say(`sites/${live.link} leads to ${live.bundle.slice(0, 12)} again.`)
    },
    adoption: adoptionOf(tools),
  }
}

async function lookAtLinks(world: World, { only, signal }: LookGiven): Promise<Seen> {
  const observations: Observation[] = []
  for (const environment of world.store.environments.all()) {
    if (only !== null && only.environmentId !== environment.id) continue
    signal.throwIfAborted()
    const live = await liveLink(world, environment)
    const observation = live && (await lookAt(world, live))
    if (observation) observations.push(observation)
  }
  return { observations, failures: [] }
}

/** The link of what is live, by the database; null when nothing is, or its bundle is not to be had. */
async function liveLink(world: World, environment: EnvironmentRow): Promise<LiveLink | null> {
  const bundle = world.store.deployments.find(environment.liveDeploymentId ?? '')?.bundle
  const manifest = bundle ? await world.bundles.manifest(bundle) : null
  return bundle && manifest ? { environment, bundle, link: siteOf(environment, manifest).link } : null
}

async function lookAt(
  { links, store }: World,
  { environment, bundle, link }: LiveLink,
): Promise<Observation | null> {
  const wanted = `../trees/${treeKey(bundle)}`
  const stands = await links.stands(link)
  if (stands?.leadsTo === wanted) return null
  const other = bundleBehind(stands?.leadsTo)
  const isHeld = other !== null && store.bundles.find(environment.serviceId, other) !== null
  return {
    kind: 'link',
    thing: `sites/${link}`,
    serviceId: environment.serviceId,
    environmentId: environment.id,
    urlId: null,
    diff: [
      { sign: '-', text: wanted },
      ...(stands ? [{ sign: '+', text: stands.leadsTo ?? stands.text } as const] : []),
    ],
    revertable: true,
    adoptable: isHeld,
    why: isHeld ? null : whyNot(stands),
  }
}

const whyNot = (stands: { leadsTo: string | null } | null): string =>
  stands === null
    ? 'Nothing stands there that could be taken over: put it back.'
    : stands.leadsTo === null
      ? 'It is no link any more: copy what stands there away if it is wanted, put the link back, and deploy it.'
      : 'It leads to no bundle of this service: put it back, and deploy what is wanted.'

const TREE = /^\.\.\/trees\/([0-9a-f]{64}-\d+)$/

function bundleBehind(target: string | null | undefined): Digest | null {
  const key = TREE.exec(target ?? '')?.[1]
  return key === undefined ? null : digestOfTree(key)
}

/** What the link leads to is deployed, and the link is put back by that deployment as it is after any. */
const adoptionOf = ({ world, deployAdopted }: DriftTools): Adoption => ({
  async learn({ say }: StepContext, { diff }: Observation): Promise<Facts> {
    const bundle = bundleBehind(diff.find(({ sign }) => sign === '+')?.text)
    if (bundle === null) throw new Error('a finding that is no bundle was called adoptable')
    say(`It leads to the bundle ${shown(bundle.slice(0, 12))}, which is deployed next.`)
    return { bundle }
  },
  async act() {},
  take({ operation }, { environmentId }, { bundle }) {
    const environment = environmentOf(world, environmentId)
    requireNotErased(world.store, environment.serviceId, String(bundle))
    const given = { environmentId: environment.id, actor: operation.actor, bundle: String(bundle) }
    return { deployment: deployAdopted(given) }
  },
})
