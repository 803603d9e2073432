/** One more URL beside thousands: from the wish until visitors of its host name are answered. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DebianNginx, signal } from '../test/hosts/debian-nginx.ts'
import { type Figure, inPairs, median, must, type Result, timed } from './measure.ts'

const SITES = [1_000, 10_000]
const ROUNDS = 7

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
    const many = Array.from({ length: count }, (_, n) => `n${n}.bench.example.com`)
    await Promise.all(many.map((name) => hosts.put(name, site, signal)))
    const text = await Bun.file(join(nginx.data, 'nginx', `${many[0]}.conf`)).text()
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
          writeFileSync(join(nginx.enabled, `${name}.conf`), text.replaceAll(`${many[0]}`, name))
          await must(test)
          await must(reload)
          await answers(name)
        }),
      ROUNDS,
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

export const nginxFigure: Figure = { name: 'nginx', run: urls }
