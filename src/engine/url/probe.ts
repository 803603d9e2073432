/** What a host name answers on the public path: the gateway's own address with the real Host, never public DNS. */
import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { parseBuiltinHostname } from '../../domain/names.ts'
import { redirectTarget } from '../../domain/redirect-target.ts'
import type { Probe, ProbeAnswer } from '../../ports/gateway.ts'
import type { LastProbe, UrlRow } from '../../store/urls.ts'
import { standing } from '../deployment.ts'
import type { World } from '../step.ts'
import { MARKER_PATH, treeOf } from '../verify.ts'

export type Probed = Omit<LastProbe, 'at'>

/** Whoever answers for a name: the builtin gateway for its own ones, else the gateway that URLs use. */
export const probeOf = (world: Pick<World, 'probe' | 'hosts'>, hostname: string): Probe =>
  parseBuiltinHostname(hostname) ? world.probe : world.hosts.probe

/** A name that stands for all below a wildcard; any other name is itself. */
export const askedName = (hostname: string): string => hostname.replace(/^\*\./, 'fairlead-probe.')

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
  const answer = await ask(world, row, { path: MARKER_PATH, signal })
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
  const answer = await ask(world, row, { path: REDIRECTED, signal })
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
  const answer = await ask(world, row, { path: '/healthz', signal })
  const ok = answer.status === 200 && Buffer.from(answer.body).toString().includes('"version"')
  return { ok, detail: `Fairlead's page answers with ${told(answer)}.` }
}

/** An answer, or what stands for none: status 0 with the reason as body. */
async function ask(
  world: World,
  { hostname }: UrlRow,
  given: { path: string; signal: AbortSignal },
): Promise<ProbeAnswer> {
  const signal = AbortSignal.any([given.signal, AbortSignal.timeout(LIMITS.verify.answerMs)])
  try {
    return await world.hosts.probe.ask({ hostname: askedName(hostname), path: given.path, signal })
  } catch (error) {
    given.signal.throwIfAborted()
    const reason = Buffer.from(error instanceof Error ? error.message : 'no answer')
    return { status: 0, headers: {}, body: reason, size: 0, sha256: '' }
  }
}

const told = (answer: ProbeAnswer): string =>
  answer.status === 0
    ? `no answer (${shown(Buffer.from(answer.body).toString())})`
    : `status ${answer.status}`
