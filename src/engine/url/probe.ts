/** What a host name answers on the public path: the gateway's own address with the real Host, never public DNS. */
import { shown } from '../../base/fault.ts'
import { redirectTarget } from '../../domain/redirect-target.ts'
import type { LastProbe, UrlRow } from '../../store/urls.ts'
import { ask, MARKER_PATH, told, treeOf } from '../ask.ts'
import { standing } from '../standing.ts'
import type { World } from '../step.ts'

export type Probed = Omit<LastProbe, 'at'>

/** Asks now and notes the answer. Throws `not_found`. */
export async function probeUrl(world: World, id: string, signal: AbortSignal): Promise<UrlRow> {
  const row = world.store.urls.required(id)
  const probed = await askUrl(world, row, signal)
  world.store.urls.setProbe(id, { at: world.clock.now(), ...probed })
  return world.store.urls.required(id)
}

/** Whether the right one answers, and what was answered, in a sentence. */
export function askUrl(world: World, row: UrlRow, signal: AbortSignal): Promise<Probed> {
  switch (row.kind) {
    case 'site':
      return askSite(world, row, signal)
    case 'redirect':
      return askRedirect(world, row, signal)
    case 'self':
      return askSelf(world, row, signal)
  }
}

async function askSite(world: World, row: UrlRow, signal: AbortSignal): Promise<Probed> {
  const answer = await ask(world, row.hostname, { path: MARKER_PATH, signal })
  if (answer.status !== 200) return { ok: false, detail: `The site answers with ${told(answer)}.` }
  const wanted = row.environmentId === null ? null : (await standing(world, row.environmentId, signal)).tree
  const seen = treeOf(answer)
  if (seen !== wanted)
    return { ok: false, detail: `The site answers from ${treeText(seen)} instead of ${treeText(wanted)}.` }
  return { ok: true, detail: `The site answers from ${treeText(seen)}.` }
}

const treeText = (tree: string | null): string =>
  tree === null ? 'nothing yet' : `the tree ${tree.slice(0, 12)}`

/** Path and query that no site has a rule for: a redirect keeps both. */
const REDIRECTED = '/fairlead-probe?kept=1'

async function askRedirect(world: World, row: UrlRow, signal: AbortSignal): Promise<Probed> {
  const answer = await ask(world, row.hostname, { path: REDIRECTED, signal })
  const location = answer.headers['location'] ?? ''
  if (answer.status !== row.redirectStatus || !URL.canParse(location))
    return {
      ok: false,
      detail: `It answers with ${told(answer)} instead of a redirect (${row.redirectStatus}).`,
    }
  const { hostname, pathname, search } = new URL(location)
  const wanted = redirectTarget(row.redirectTo ?? '').hostname
  const ok = hostname === wanted && `${pathname}${search}` === REDIRECTED
  return { ok, detail: `It redirects to ${shown(location)}${ok ? '' : `, which is not ${wanted}`}.` }
}

async function askSelf(world: World, row: UrlRow, signal: AbortSignal): Promise<Probed> {
  const answer = await ask(world, row.hostname, { path: '/healthz', signal })
  const ok = answer.status === 200 && Buffer.from(answer.body).toString().includes('"version"')
  return { ok, detail: `Fairlead's page answers with ${told(answer)}.` }
}
