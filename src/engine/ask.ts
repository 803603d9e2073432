/** Questions to the public path, whichever gateway answers for a name. */
import { shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { TreeKey } from '../domain/bundle.ts'
import { parseBuiltinHostname } from '../domain/names.ts'
import type { Probe, ProbeAnswer } from '../ports/gateway.ts'
import type { World } from './step.ts'
import { waysOf } from './url/sites.ts'

/** The reserved path on which a gateway tells which tree answers. */
export const MARKER_PATH = '/.well-known/fairlead'

type Gateways = Pick<World, 'store' | 'probe' | 'hosts'>

/** The builtin gateway for its own names, else the one that URLs use. */
const probeOf = (world: Gateways, hostname: string): Probe =>
  parseBuiltinHostname(hostname) ? world.probe : world.hosts.probe

/** A URL with a certificate of its own answers over HTTPS; other names as their gateway has it. */
function schemeOf({ store }: Gateways, hostname: string): 'https' | undefined {
  const row = parseBuiltinHostname(hostname) ? null : store.urls.named(hostname)
  return row && waysOf(row).tls ? 'https' : undefined
}

/** As visitors write it. */
export const addressOf = (world: Gateways, hostname: string): string =>
  probeOf(world, hostname).url(hostname, schemeOf(world, hostname))

/** Of the names below a wildcard one that nobody else can have, and that is no longer than the longest of them. */
const askedName = (hostname: string): string => hostname.replace(/^\*(?=\.)/, '_')

/** An answer, or what stands for none: status 0 with the reason as body. */
export async function ask(
  world: Gateways,
  hostname: string,
  given: { path: string; scheme?: 'http' | 'https'; signal: AbortSignal },
): Promise<ProbeAnswer> {
  const signal = AbortSignal.any([given.signal, AbortSignal.timeout(LIMITS.verify.answerMs)])
  try {
    const scheme = given.scheme ?? schemeOf(world, hostname)
    return await probeOf(world, hostname).ask({
      hostname: askedName(hostname),
      path: given.path,
      ...(scheme && { scheme }),
      signal,
    })
  } catch (error) {
    given.signal.throwIfAborted()
    const reason = Buffer.from(error instanceof Error ? error.message : 'no answer')
    return { status: 0, headers: {}, body: reason, size: 0, sha256: '' }
  }
}

export const told = (answer: ProbeAnswer | undefined): string =>
  !answer || answer.status === 0
    ? `no answer: ${shown(Buffer.from(answer?.body ?? []).toString())}`
    : `status ${answer.status}`

/** The tree that an answer of the marker names; null: it names none. */
export function treeOf(answer: ProbeAnswer): TreeKey | null {
  if (answer.status !== 200) return null
  try {
    const body = JSON.parse(Buffer.from(answer.body).toString()) as { tree?: unknown } // checked right here
    return typeof body.tree === 'string' ? body.tree : null
  } catch {
    return null
  }
}
