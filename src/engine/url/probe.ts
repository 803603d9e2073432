/** What a host name answers on the public path: the gateway's own address with the real Host, never public DNS. */
import { Fault, shown } from '../../base/fault.ts'
import { redirectTarget } from '../../domain/redirect-target.ts'
import type { DnsState } from '../../domain/url.ts'
import type { LastProbe, UrlRow } from '../../store/urls.ts'
import { addressOf, ask, MARKER_PATH, told, treeOf } from '../ask.ts'
import { standing } from '../standing.ts'
import type { Look, World } from '../step.ts'
import { firstMissed, nameServersOf, written } from './name-servers.ts'
import { rowOf } from './row.ts'
import { waysOf } from './sites.ts'

export type Probed = Omit<LastProbe, 'at'>

/** Asks the gateway and the name servers now, and notes what they answer. Throws `not_found`. */
export async function probeUrl(world: World, id: string, signal: AbortSignal): Promise<UrlRow> {
  const { urls } = world.store
  const row = urls.required(id)
  const [site, records] = await Promise.all([askUrl(world, row, signal), askRecords(world, row, signal)])
  world.store.tx(() => {
    const now = urls.required(id)
    const detail = `${site.detail}${records ? ` ${records.detail}` : ''}`
    urls.setProbe(id, { at: world.clock.now(), ok: site.ok && (records?.ok ?? true), detail })
    if (now.state === 'attached' && records?.state) urls.setDns(id, { ...now.dns, state: records.state })
  })
  return urls.required(id)
}

/** Whether all name servers answer the records that were written; null: there are none to be asked for. */
async function askRecords(
  world: World,
  { dns: { state, providerId, zone, records } }: UrlRow,
  signal: AbortSignal,
): Promise<(Probed & { state?: DnsState }) | null> {
  if (providerId === null || zone === null || (state !== 'pending' && state !== 'answered')) return null
  try {
    const servers = await nameServersOf(world, { provider: { id: providerId }, zone }, signal)
    for (const { name, addresses } of servers) {
      const missed = await firstMissed(world, { addresses, signal }, records.map(written))
      if (missed !== null)
        return { ok: false, detail: `The name server ${name} does not answer ${missed}.`, state: 'pending' }
    }
    return { ok: true, detail: 'The name servers answer its records.', state: 'answered' }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, detail: error.message }
    throw error
  }
}

/** The last step of what changes a URL. */
export const probe: Look<{ probed: Probed }> = {
  kind: 'look',
  name: 'probe from outside',
  async run({ world, operation, signal, say }) {
    const row = rowOf(world, operation)
    const probed = await askUrl(world, row, signal)
    if (!probed.ok)
      throw new Fault(
        'unavailable',
        `${addressOf(world, row.hostname)} is not what visitors get: ${probed.detail}`,
        {
          hint: 'Check that the gateway runs and that nothing else answers under this name, then try again.',
        },
      )
    say(probed.detail)
    return { probed }
  },
}

/** Whether the right one answers, over HTTPS with the right certificate, and what was answered, in a sentence. */
export async function askUrl(world: World, row: UrlRow, signal: AbortSignal): Promise<Probed> {
  const { tls } = waysOf(row)
  const answers = await askKind(world, row, signal)
  if (!answers.ok || !tls) return answers
  const [secure, plain] = [await askCertificate(world, row, signal), await askPlain(world, row, signal)]
  const detail = [answers, secure, plain].map((one) => one.detail).join(' ')
  return { ok: secure.ok && plain.ok, detail }
}

/** Whether the certificate that is served is the one that should be. */
async function askCertificate(world: World, row: UrlRow, signal: AbortSignal): Promise<Probed> {
  const certificate = world.store.certificates.find(row.https.certificateId ?? '')
  const wanted = certificate?.standIn?.fingerprint ?? certificate?.issued?.fingerprint
  const answer = await ask(world, row.hostname, { path: MARKER_PATH, scheme: 'https', signal })
  const seen = answer.certificateSha256
  if (seen === undefined) return { ok: false, detail: `Over HTTPS there is ${told(answer)}.` }
  if (seen !== wanted)
    return {
      ok: false,
      detail: `Over HTTPS it answers with the certificate ${short(seen)} instead of ${short(wanted ?? 'none')}.`,
    }
  return { ok: true, detail: `Over HTTPS it answers with the certificate ${short(seen)}.` }
}

const short = (fingerprint: string): string => fingerprint.slice(0, 12)

/** Whether plain HTTP leads to HTTPS, where it should. */
async function askPlain(world: World, row: UrlRow, signal: AbortSignal): Promise<Probed> {
  const { status, headers, ...answer } = await ask(world, row.hostname, {
    path: REDIRECTED,
    scheme: 'http',
    signal,
  })
  if (status === 0)
    return { ok: false, detail: `Over plain HTTP there is ${told({ ...answer, status, headers })}.` }
  const location = headers['location'] ?? ''
  const leads = status >= 301 && status <= 308 && location.startsWith('https://')
  if (row.https.redirect && !leads)
    return { ok: false, detail: `Plain HTTP answers with status ${status} instead of leading to HTTPS.` }
  return { ok: true, detail: row.https.redirect ? 'Plain HTTP leads there.' : 'Plain HTTP answers too.' }
}

function askKind(world: World, row: UrlRow, signal: AbortSignal): Promise<Probed> {
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
