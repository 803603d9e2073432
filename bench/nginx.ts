/** One more URL beside thousands: from the wish until visitors of its host name are answered. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DebianNginx, signal } from '../test/hosts/debian-nginx.ts'
import { type Figure, inPairs, median, must, type Result, timed } from './measure.ts'

const SITES = [1_000, 10_000]

async function urls(): Promise<Result[]> {
  const results: Result[] = []
  for (const count of SITES) results.push(await oneMore(count))
  return results
}

async function oneMore(count: number): Promise<Result> {
  const nginx = await DebianNginx.started()
  try {
    const hosts = nginx.hosts(nginx.plainCommands())
    const site = nginx.site('bench')
    await hosts.put('first.example.com', site, signal)
    const text = readFileSync(join(nginx.data, 'nginx/first.example.com.conf'), 'utf8')
    for (let n = 1; n < count; n++) copySite(nginx, text, `n${n}.bench.example.com`)
    const { test, reload } = nginx.plainCommands()
    const answers = async (name: string) => {
      while ((await nginx.says(name)) !== '200 bench') await Bun.sleep(1)
    }
    const times = await inPairs(
      (round) =>
        timed(async () => {
          await hosts.put(`ours${round}.example.com`, site, signal)
          await answers(`ours${round}.example.com`)
        }),
      (round) =>
        timed(async () => {
          const name = `plain${round}.example.com`
          writeFileSync(join(nginx.enabled, `${name}.conf`), text.replaceAll('first.example.com', name))
          await must(test)
          await must(reload)
          await answers(name)
        }),
    )
    const [ours, peer] = [median(times.ours), median(times.peer)]
    return {
      figure: `one more URL in NGINX beside ${count.toLocaleString('en')} (beside nginx -t and a reload)`,
      ours,
      peer,
      unit: 'ms',
      judged: `ratio ${(ours / peer).toFixed(2)}`,
      target: '≤ 1.2',
      ok: ours / peer <= 1.2,
    }
  } finally {
    await nginx.remove()
  }
}

/** As the driver leaves it, which would take minutes for thousands. */
function copySite(nginx: DebianNginx, text: string, name: string): void {
  const path = join(nginx.data, 'nginx', `${name}.conf`)
  writeFileSync(path, text.replaceAll('first.example.com', name))
  for (const folder of [nginx.available, nginx.enabled]) symlinkSync(path, join(folder, `${name}.conf`))
}

export const nginxFigure: Figure = { name: 'nginx', run: urls }
