/** What a look for drift costs beside thousands of sites at NGINX, when nothing changed and when a program has just begun. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostSite } from '../src/domain/host-site.ts'
import { DebianNginx, signal } from '../test/hosts/debian-nginx.ts'
import { type Figure, inPairs, median, must, type Result, timed } from './measure.ts'

const SITES = [1_000, 10_000]
const FIRST = 'first.example.com'

async function looks(): Promise<Result[]> {
  const results: Result[] = []
  for (const count of SITES) results.push(...(await looksAt(count)))
  return results
}

async function looksAt(count: number): Promise<Result[]> {
  const nginx = await DebianNginx.started()
  try {
    const hosts = nginx.hosts(nginx.plainCommands())
    const site = nginx.site('bench')
    await hosts.put(FIRST, site, signal)
    const hostnames = [FIRST]
    const files = (['conf', 'json'] as const).map((ending) => ({
      ending,
      text: readFileSync(join(nginx.data, `nginx/${FIRST}.${ending}`), 'utf8'),
    }))
    for (let n = 1; n < count; n++) hostnames.push(copySite(nginx, files, `n${n}.bench.example.com`))
    const { test } = nginx.plainCommands()
    const look = async (by = hosts) => {
      const drifts = await by.drift({ hostnames, wanted: async (): Promise<HostSite> => site }, signal)
      if (drifts.length > 0) throw new Error(`There is drift: ${JSON.stringify(drifts[0])}`)
    }
    const name = (what: string) => `${what}, ${count.toLocaleString('en')} sites at NGINX (beside nginx -t)`
    const first = await pairs(
      () => look(nginx.hosts(nginx.plainCommands())),
      () => must(test),
    )
    // What was read twice is not read again.
    await look()
    await look()
    const later = await pairs(look, () => must(test))
    return [result(name('the first look for drift'), first, 1), result(name('each later look'), later, 0.1)]
  } finally {
    await nginx.remove()
  }
}

const pairs = (ours: () => Promise<unknown>, peer: () => Promise<unknown>) =>
  inPairs(
    () => timed(ours),
    () => timed(peer),
  )

function result(figure: string, times: { ours: number[]; peer: number[] }, most: number): Result {
  const [ours, peer] = [median(times.ours), median(times.peer)]
  const judged = `ratio ${(ours / peer).toFixed(2)}`
  return { figure, ours, peer, unit: 'ms', judged, target: `≤ ${most}`, ok: ours / peer <= most }
}

/** As the driver leaves it, which would take minutes for thousands. The digest of each text is its own. */
function copySite(
  nginx: DebianNginx,
  files: readonly { ending: 'conf' | 'json'; text: string }[],
  name: string,
): string {
  let digest = ''
  for (const { ending, text } of files) {
    const path = join(nginx.data, 'nginx', `${name}.${ending}`)
    const copy = text.replaceAll(FIRST, name)
    if (ending === 'conf') digest = new Bun.CryptoHasher('sha256').update(copy).digest('hex')
    writeFileSync(
      path,
      ending === 'conf' ? copy : copy.replace(/"textSha256":"\w+"/, `"textSha256":"${digest}"`),
    )
    if (ending === 'conf')
      for (const folder of [nginx.available, nginx.enabled]) symlinkSync(path, join(folder, `${name}.conf`))
  }
  return name
}

export const driftFigure: Figure = { name: 'drift', run: looks }
