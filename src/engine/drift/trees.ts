/** DATA/trees: unpacked bundles are never changed, but for hands. */
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { digestOfTree, type TreeKey } from '../../domain/bundle.ts'
import { boundedDiff, type DriftThing, type Observation } from '../../domain/drift.ts'
import type { DiffLine } from '../../domain/line-diff.ts'
import type { CompareOptions, ReadBudget, TreeComparison, TreeDifference } from '../../ports/bundles.ts'
import type { DriftRow } from '../../store/drifts.ts'
import type { EnvironmentRow } from '../../store/environments.ts'
import { linkHolder } from '../old-links.ts'
import type { World } from '../step.ts'
import { type DriftPart, type DriftTools, type LookGiven, openOf, type Seen } from './part.ts'
import { treeAdoption } from './tree-adoption.ts'

/** Where a tree is needed. */
interface Needed {
  environment: EnvironmentRow
  key: TreeKey
  isLive: boolean
}

const thingOf = (key: TreeKey): string => `trees/${key}`
const keyOf = ({ thing }: Pick<DriftThing, 'thing'>): TreeKey => thing.slice(thingOf('').length)

export function treesPart(tools: DriftTools): DriftPart {
  const { world, keeper } = tools
  let turn = 0
  return {
    name: 'trees',
    kinds: ['tree'],
    look: (given) => lookAtTrees(world, given, turn++),
    async revert({ signal, say }, observation) {
      const key = keyOf(observation)
      const mended = await keeper.inTurn(key, () => world.trees.mend(key, signal))
      say(`${mended} ${mended === 1 ? 'file or folder is' : 'files and folders are'} as the bundle has them.`)
    },
    adoption: treeAdoption(tools, keyOf),
  }
}

async function lookAtTrees(world: World, { only, signal }: LookGiven, turn: number): Promise<Seen> {
  const { files, bytes } = LIMITS.drift.sample
  const budget: ReadBudget = { files, bytes }
  const keys = [...new Set(neededTrees(world).map(({ key }) => key))]
  if (only === null) world.trees.forgetOthers(new Set(keys))
  const looked = only === null ? rotated(keys, turn) : keys.filter((key) => thingOf(key) === only.thing)
  const open = Map.groupBy(openOf(world, ['tree']), ({ thing }) => thing)
  const compared = new Map<TreeKey, TreeComparison>()
  const failures: Seen['failures'] = []
  for (const key of looked)
    try {
      compared.set(key, await compare(world, { key, again: pathsOf(open.get(thingOf(key))), budget, signal }))
    } catch (cause) {
      signal.throwIfAborted()
      failures.push({ what: thingOf(key), cause, holds: ({ thing }) => thing === thingOf(key) })
    }
  // Without a pause from here to whoever asks: what was retired meanwhile is nobody's business.
  const observations = neededTrees(world).flatMap((needed) => {
    const found = compared.get(needed.key)
    return found && found.count > 0 && !isNotUnpacked(needed, found) ? [observed(needed, found)] : []
  })
  return { observations, failures }
}

/** So that each is the first to be read when there is not enough time to read them all. */
const rotated = <T>(items: readonly T[], turn: number): T[] => {
  const first = items.length === 0 ? 0 : turn % items.length
  return [...items.slice(first), ...items.slice(0, first)]
}

async function compare(
  world: World,
  { key, ...given }: Pick<CompareOptions, 'key' | 'again' | 'budget' | 'signal'>,
): Promise<TreeComparison> {
  const manifest = await world.bundles.manifest(digestOfTree(key))
  if (manifest === null)
    throw new Fault(
      'broken_data',
      `The bundle ${digestOfTree(key).slice(0, 12)} is not in the data folder.`,
      {
        hint: 'Without it nobody can tell what should stand. Restore the folder `bundles` from a backup.',
      },
    )
  return await world.trees.compare({ key, manifest, ...given })
}

/** What is otherwise in open findings: it is read each time, so that they last as long as they are so. */
const pathsOf = (rows: readonly DriftRow[] = []): Set<string> =>
  new Set(rows.flatMap(({ diff }) => diff.map(pathOf)))

/** Trees of what is live, kept for a rollback, or still answering behind an older link. */
function neededTrees({ store }: World): Needed[] {
  const links = store.pins.links()
  return [...store.environments.all()].flatMap((environment) => {
    const { id } = environment
    const live = store.pins.heldBy(`live:${id}`)
    const others = [
      ...store.pins.heldBy(`retained:${id}`),
      ...links
        .filter((link) => link.startsWith(`${id}-`))
        .flatMap((link) => store.pins.heldBy(linkHolder(link))),
    ]
    return [
      ...live.map((key) => ({ environment, key, isLive: true })),
      ...[...new Set(others)]
        .filter((key) => !live.includes(key))
        .map((key) => ({ environment, key, isLive: false })),
    ]
  })
}

/** What is kept for a rollback may have been retired before: then a rollback unpacks it. */
const isNotUnpacked = ({ isLive }: Needed, { differences: [first] }: TreeComparison): boolean =>
  !isLive && first?.path === '' && first.stands === null

function observed({ environment, key, isLive }: Needed, found: TreeComparison): Observation {
  const isThere = found.differences[0]?.path !== ''
  const adoptable = isLive && isThere && found.isOther
  return {
    kind: 'tree',
    thing: thingOf(key),
    serviceId: environment.serviceId,
    environmentId: environment.id,
    urlId: null,
    diff: boundedDiff([...found.differences.flatMap(linesOf), ...rest(found)]),
    stands: found.sha256,
    revertable: true,
    adoptable,
    why: adoptable
      ? null
      : !isThere
        ? 'The folder is gone: put it back.'
        : isLive
          ? 'Only modes, times or compressed copies differ, which no bundle holds: put them back.'
          : 'It is kept and not live: only what is live can be taken over.',
  }
}

const BETWEEN = '  '

function linesOf({ path, wanted, stands }: TreeDifference): DiffLine[] {
  const line = (sign: '-' | '+', words: string | null): DiffLine[] =>
    words === null ? [] : [{ sign, text: path === '' ? words : path + BETWEEN + words }]
  return [...line('-', wanted), ...line('+', stands)]
}

const rest = ({ count, differences }: TreeComparison): DiffLine[] =>
  count > differences.length
    ? [{ sign: ' ', text: `… and ${count - differences.length} files and folders more` }]
    : []

const pathOf = ({ text }: DiffLine): string => text.slice(0, Math.max(0, text.lastIndexOf(BETWEEN)))
