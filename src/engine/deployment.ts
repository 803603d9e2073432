import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import { type Digest, digestOfTree, type TreeKey, treeKey } from '../domain/bundle.ts'
import type { EnvironmentSettings } from '../domain/environment.ts'
import type { Hostname } from '../domain/host-site.ts'
import { builtinHostname } from '../domain/names.ts'
import { SYSTEM_ACTOR } from '../domain/operation.ts'
import type { Site } from '../ports/gateway.ts'
import { addressOf } from './ask.ts'
import { counted, describe, leavingAssets, type Sampled, sampled, warnOfChangedAssets } from './comparison.ts'
import { mendAdopted } from './drift/adopted.ts'
import { requireNoDrift } from './drift/met.ts'
import { metAt, metDrift, requireSharedUnedited } from './edited-sites.ts'
import { clearStuck } from './journal.ts'
import { dropOldLink, linkHolder } from './old-links.ts'
import { giveSettingsBack, queueRefresh, sameServing } from './refresh.ts'
import { environmentOf, type Standing, siteOf, standing } from './standing.ts'
import type { Act, Facts, Look, Plan, StepContext, World } from './step.ts'
import type { TreeKeeper } from './tree-keeper.ts'
import { putSites, seenSites, sitesOf } from './url/sites.ts'
import { askWhichAnswer, verifyFromOutside } from './verify.ts'

interface DeployFacts extends Facts {
  /** Given when it was accepted. */
  digest: Digest
  tree: TreeKey
  /** The environment's, as they were when the site was made of them. */
  settings: EnvironmentSettings
  site: Site
  before: Standing
  /** Host names of URLs whose site is another one than this, or none. Absent in what began before there were URLs. */
  urls?: Hostname[]
  sample: Sampled[]
  /** Fingerprinted files that visitors of the old pages may still ask for. */
  leaving: string[]
  hostnames: string[]
  /** Trees that lost a pin by the switch. */
  retiring: TreeKey[]
}

/** Check bundle · unpack tree · ask the URLs · switch · verify from outside · retire what was there. */
export function deploymentPlan(keeper: TreeKeeper): Plan<DeployFacts> {
  return {
    steps: [checkBundle, unpackTree(keeper), askUrls, switchOver(keeper), verify, retire(keeper)],
    switchAt: 3,
    commitAt: 4,
    commit({ world, operation }, facts) {
      const { store } = world
      const environment = environmentOf(world, operation.environmentId)
      if (operation.kind === 'deployment') {
        store.environments.setLive(environment.id, operation.id)
        store.deployments.setUrls(
          operation.id,
          facts.hostnames.map((hostname) => addressOf(world, hostname)),
        )
      }
      // Settings that were changed after this operation looked at them are brought to the gateway by the next one.
      if (!sameServing(environment.settings, facts.settings))
        queueRefresh(world, environment, {
          kind: 'settings-change',
          actor: SYSTEM_ACTOR,
          facts: { previous: facts.settings, wanted: environment.settings },
        })
      const retiring = store.pins.release(`live:${environment.id}`)
      store.pins.add(facts.tree, `live:${environment.id}`)
      retiring.push(...store.pins.release(linkHolder(facts.site.link)))
      const { site, tree } = facts.before
      if (site && tree && site.link !== facts.site.link) store.pins.add(tree, linkHolder(site.link))
      retiring.push(...pinRetained(world, environment.id), ...clearStuck(world, operation))
      return { retiring }
    },
    // While it is stuck, the link may still lead to its tree.
    ended({ world, operation }, status) {
      if (status !== 'stuck') world.store.pins.release(`operation:${operation.id}`)
      if (status !== 'succeeded' && status !== 'stuck') giveSettingsBack(world, operation)
    },
  }
}

const checkBundle: Look<DeployFacts> = {
  kind: 'look',
  name: 'check bundle',
  async run(context, given) {
    const { world, operation, signal, say } = context
    const digest = operation.kind === 'deployment' ? given.digest : liveBundle(world, operation.environmentId)
    const manifest = await world.bundles.manifest(digest)
    if (!manifest)
      throw new Fault(
        'deployment_failed',
        `The bundle ${digest.slice(0, 12)} is not in the data folder any more.`,
        {
          hint: 'Restore the folder `bundles` from a backup, or upload the archive again.',
        },
      )
    const environment = environmentOf(world, operation.environmentId)
    const site = siteOf(environment, manifest)
    const before = await standing(world, environment.id, signal)
    requireNoDrift(context, { before, tree: treeKey(digest) })
    const old = before.tree ? await world.bundles.manifest(digestOfTree(before.tree)) : null
    describe(manifest, say)
    warnOfChangedAssets({ manifest, old, rules: site.rules, say })
    const sample = sampled(manifest, old, site.rules)
    const leaving =
      environment.settings.assetGraceSeconds > 0 && old ? leavingAssets(manifest, old, site.rules) : []
    const urls = await sitesToPut(context, { site, before })
    return { tree: treeKey(digest), settings: environment.settings, site, before, urls, sample, leaving }
  },
}

/** Host names whose site is to be put: with other rules all, else those that are not as they should be. */
async function sitesToPut(
  { world, operation, signal, say }: StepContext,
  { site, before }: Pick<DeployFacts, 'site' | 'before'>,
): Promise<Hostname[]> {
  const { id } = environmentOf(world, operation.environmentId)
  const { others, byHand } = await seenSites(world, sitesOf(world, id, { site }), signal)
  const hasNewRules = before.site?.link !== site.link
  const met = byHand.length === 0 ? [] : await metAt(world, { hostnames: byHand }, signal)
  if (hasNewRules && met.length > 0) throw metDrift(met, 'other rules would overwrite it')
  for (const hostname of hasNewRules ? [] : byHand)
    say(`The site of ${hostname} was changed by hand: it stays as it is.`, 'warn')
  // With other rules they have been mended since.
  const urls = hasNewRules ? [...others, ...byHand] : others
  if (urls.length > 0) await requireSharedUnedited(world, signal)
  return urls
}

const unpackTree = (keeper: TreeKeeper): Act<DeployFacts> => ({
  kind: 'act',
  name: 'unpack tree',
  async run({ world, signal, say, operation }, { tree, before }) {
    const began = world.clock.now()
    const { serviceId } = environmentOf(world, operation.environmentId)
    const bases = basesFor(world, serviceId, before.tree)
    const made = await keeper.ensure(tree, bases, signal)
    if (made)
      say(
        `Unpacked ${counted(made.files, 'file')} (${made.linked} linked) in ${world.clock.now() - began} ms.`,
      )
  },
  // The tree stays for as long as the operation pins it; whoever ends the operation retires it.
  async undo() {},
})

const askUrls: Look<DeployFacts> = {
  kind: 'look',
  name: 'ask the URLs',
  async run(context) {
    return {
      hostnames: await underPresentNames(context, (hostnames) => askWhichAnswer(context, hostnames)),
    }
  },
}

const switchOver = (keeper: TreeKeeper): Act<DeployFacts> => ({
  kind: 'act',
  name: 'switch',
  begin({ world, operation }, facts) {
    const environment = environmentOf(world, operation.environmentId)
    if (facts.before.tree && facts.leaving.length > 0)
      world.store.grace.add(
        environment.id,
        facts.before.tree,
        world.clock.now() + environment.settings.assetGraceSeconds * 1000,
      )
  },
  async run({ world, operation, signal, say }, { tree, site, before, leaving, urls = [] }) {
    const id = environmentOf(world, operation.environmentId).id
    if (before.tree && leaving.length > 0) await world.grace.add(id, before.tree, leaving)
    await keeper.inTurn(site.link, () => world.links.put(site.link, tree, signal))
    if (before.site?.link !== site.link) await world.gateway.put(id, site, signal)
    await putSites(world, sitesOf(world, id, { site, hostnames: urls }), signal)
    say(before.site?.link === site.link ? 'Switched by one rename.' : 'Switched, with new serving rules.')
    if (urls.length > 0) say(`Put the site of ${urls.join(', ')}.`)
  },
  async undo(context, { tree, site, before, urls = [] }) {
    const { world, operation, signal } = context
    const id = environmentOf(world, operation.environmentId).id
    if (before.site?.link === site.link && before.tree) return world.links.put(site.link, before.tree, signal)
    if (before.site) await world.gateway.put(id, before.site, signal)
    else await world.gateway.drop(id, signal)
    await putSites(world, sitesOf(world, id, { site: before.site, hostnames: urls }), signal)
    await dropOldLink(context, keeper, { link: site.link, tree, hasUrls: urls.length > 0 })
  },
})

const verify: Look<DeployFacts> = {
  kind: 'look',
  name: 'verify from outside',
  async run(context, { tree, sample, hostnames: asked }) {
    const hostnames = await underPresentNames(context, async (names) => {
      const answering = names.filter((name) => asked.includes(name))
      const counted = answering.length > 0 ? answering : names
      await verifyFromOutside(context, { hostnames: counted, tree, sample })
      return counted
    })
    return { hostnames }
  },
}

const retire = (keeper: TreeKeeper): Act<DeployFacts> => ({
  kind: 'act',
  name: 'retire what was there',
  async run(context, { site, before, urls = [], retiring }) {
    if (before.site && before.tree && before.site.link !== site.link)
      await dropOldLink(context, keeper, {
        link: before.site.link,
        tree: before.tree,
        hasUrls: urls.length > 0,
      })
    for (const tree of retiring) await keeper.retire(tree)
    if (before.tree) await mendAdopted(context, keeper, before.tree)
  },
  async undo() {},
})

/** Pins exactly the trees that `retain` asks for; answers those that it no longer pins. */
export function pinRetained(world: World, environmentId: string): TreeKey[] {
  const { store } = world
  const environment = environmentOf(world, environmentId)
  const live = environment.liveDeploymentId && store.deployments.find(environment.liveDeploymentId)
  const released = store.pins.release(`retained:${environmentId}`)
  if (!live) return released
  for (const bundle of store.deployments.retained(live, environment.settings.retain))
    store.pins.add(treeKey(bundle), `retained:${environmentId}`)
  return released
}

/** Settings are changed for what is live when their turn comes, which may be newer than what was live when they were sent. */
function liveBundle(world: World, environmentId: string | null): Digest {
  const environment = environmentOf(world, environmentId)
  const bundle = world.store.deployments.find(environment.liveDeploymentId ?? '')?.bundle
  if (!bundle) throw new Fault('cancelled', 'The environment was deleted before its turn came.')
  return bundle
}

function hostnamesOf(world: World, environmentId: string | null): string[] {
  const environment = environmentOf(world, environmentId)
  const urls = world.store.urls.of(environment.id)
  const attached = urls.filter(({ kind, state }) => kind === 'site' && state === 'attached')
  return [
    builtinHostname(environment.serviceName, environment.name),
    ...attached.map(({ hostname }) => hostname),
  ]
}

/** Names change at any time: what failed under names that are gone by then is done again under the new ones. */
async function underPresentNames<T>(
  { world, operation, signal }: StepContext,
  work: (hostnames: string[]) => Promise<T>,
): Promise<T> {
  for (;;) {
    const hostnames = hostnamesOf(world, operation.environmentId)
    try {
      return await work(hostnames)
    } catch (error) {
      signal.throwIfAborted()
      if (hostnamesOf(world, operation.environmentId).join() === hostnames.join()) throw error
    }
  }
}

/** Trees on disk whose files a new one probably shares: what is live where it goes, then elsewhere in the service. */
export function basesFor(world: World, serviceId: string, liveTree: TreeKey | null): TreeKey[] {
  const { store } = world
  const others = store.environments.of(serviceId).flatMap(({ id }) => store.pins.heldBy(`live:${id}`))
  return [...new Set([...(liveTree ? [liveTree] : []), ...others])].slice(0, LIMITS.disk.bases)
}
