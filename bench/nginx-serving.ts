/** What a request costs NGINX, beside a site that somebody wrote by hand; and that texts mean what they should. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../src/base/fault.ts'
import { configText, directive } from '../src/domain/nginx/config.ts'
import { differenceOf } from '../src/domain/nginx/proof.ts'
import { siteConfig } from '../src/domain/nginx/site.ts'
import type { ServingRules } from '../src/domain/serving/rules.ts'
import { rulesOf } from '../test/gateway/live-site.ts'
import { LiveNginx } from '../test/nginx/live-nginx.ts'
import { Chance, randomSite } from '../test/nginx/random-sites.ts'
import type { CaseSite } from '../test/serving/table.ts'
import { type Figure, inPairs, median, must, type Result } from './measure.ts'

const ROUNDS = 15
const PATHS = { 'a script': '/assets/app-ABCDef12.js', 'an image': '/img/logo.png', 'a page': '/' }
const HAND = 'hand.example.com'

/** What a site written by hand may have; the price of each is told against a bare root. */
const PARTS = {
  log: 'access_log LOG by_hand;',
  disable_symlinks: 'disable_symlinks on from=$document_root;',
  try_files: 'location / { try_files $uri $uri.html $uri/index.html =404; }',
  gzip_static: 'gzip_static on;',
} as const
type Part = keyof typeof PARTS
const PRICE_ROUNDS = 7
const partHost = (part: Part | 'bare'): string => `${part.replace('_', '-')}.example.com`

async function serving(): Promise<Result[]> {
  const nginx = await LiveNginx.start({ logged: true })
  try {
    const site = await nginx.put({
      files: { 'index.html': 3000, 'assets/app-ABCDef12.js': 3000, 'img/logo.png': 3000 },
      zipped: ['assets/app-ABCDef12.js'],
    })
    nginx.writeText(HAND, handWritten(nginx))
    await nginx.load()
    const results: Result[] = []
    for (const [what, path] of Object.entries(PATHS)) {
      const cost = (host: string) => () => workerTime(nginx, host, path)
      const { ours, peer } = await inPairs(cost(site.host), cost(HAND), ROUNDS)
      const ratio = median(peer) / median(ours)
      results.push({
        figure: `NGINX, ${what} of 3 kB: worker µs a request (by hand)`,
        ours: median(ours),
        peer: median(peer),
        unit: '',
        judged: `ratio ${ratio.toFixed(2)}`,
        target: '≥ 0.9',
        ok: ratio >= 0.9,
      })
    }
    return [...results, ...(await prices(nginx))]
  } finally {
    await nginx.stop()
  }
}

async function prices(nginx: LiveNginx): Promise<Result[]> {
  const results: Result[] = []
  const cost = (part: Part | 'bare') => () => workerTime(nginx, partHost(part), PATHS['a script'])
  for (const part of Object.keys(PARTS) as Part[]) {
    // its own keys
    const { ours, peer } = await inPairs(cost(part), cost('bare'), PRICE_ROUNDS)
    results.push({
      figure: `NGINX, the price of ${part}: worker µs a request (a bare root)`,
      ours: median(ours),
      peer: median(peer),
      unit: '',
      judged: `+${((median(ours) / median(peer) - 1) * 100).toFixed(0)} %`,
      target: 'told',
      ok: true,
    })
  }
  return results
}

/** The peer: the same log (with the tree that answered), disable_symlinks and try_files; then each part alone, and none. */
function handWritten(nginx: LiveNginx): string {
  const log = readFileSync(join(nginx.folder, 'sites', '00-fairlead.conf'), 'utf8')
  const format = /^log_format fairlead (.*);$/m.exec(log)?.[1]?.replace('$fairlead_root', '$realpath_root')
  const alone = (Object.keys(PARTS) as Part[]).map((part) => handServer(nginx, partHost(part), [part])) // its own keys
  return [
    `log_format by_hand ${format};`,
    handServer(nginx, HAND, ['log', 'disable_symlinks', 'try_files']),
    handServer(nginx, partHost('bare'), []),
    ...alone,
  ].join('\n')
}

function handServer(nginx: LiveNginx, name: string, parts: Part[]): string {
  const sites = join(nginx.place.data, 'sites')
  const lines = parts.map((part) => PARTS[part].replace('LOG', join(nginx.folder, 'hand.log')))
  return `server {
    listen 127.0.0.1:${nginx.port};
    server_name ${name};
    root ${join(sites, readdirSync(sites)[0] ?? '')};
    ${parts.includes('log') ? '' : 'access_log off;'}
    types { text/html html; text/javascript js; image/png png; }
    ${lines.join('\n    ')}
}
`
}

/** CPU time of the worker for each request that wrk makes in a second, in µs: what else the machine does counts less. */
async function workerTime(nginx: LiveNginx, host: string, path: string): Promise<number> {
  const before = cpu(nginx)
  const url = `http://127.0.0.1:${nginx.port}${path}`
  const told = await must(['wrk', '-t1', '-c32', '-d1s', '-H', `Host: ${host}`, url])
  if (told.includes('Non-2xx')) throw new Error(told)
  return (cpu(nginx) - before) / Number(/(\d+) requests in/.exec(told)?.[1])
}

function cpu(nginx: LiveNginx): number {
  const master = readFileSync(join(nginx.folder, 'pid'), 'utf8').trim()
  const [worker] = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ')
  return Number(readFileSync(`/proc/${worker}/schedstat`, 'utf8').split(' ')[0]) / 1000
}

const TEXTS = 10_000
const PLACE = {
  data: '/var/lib/fairlead',
  listen: [{ address: null, port: 80 }],
  tls: null,
  logFolder: '/var/log/nginx',
  version: [1, 22, 1],
  instance: 'bench',
} as const

/** Sites with random rules and headers of random values: each text that is written has to be read back as the model. */
async function proof(): Promise<Result[]> {
  let different = 0
  let written = 0
  for (let seed = 0; written < TEXTS; seed++) {
    const chance = new Chance(seed)
    const site = randomSite(chance)
    const value = String.fromCharCode(...chance.list(30, () => 32 + chance.below(95)))
    const rules = acceptedRules(site)
    if (rules === null) continue
    const items = siteConfig(
      `h${seed}.example.com`,
      { kind: 'site', environmentId: 'e', site: { link: `e-${seed}`, rules, graceFolder: null } },
      { ...PLACE, listen: [...PLACE.listen], tlsListen: [] },
    )
    const all = [...items, directive('add_header', 'X-Random', value)]
    if (differenceOf(all, configText(all), 'bench') !== null) different += 1
    written += 1
  }
  return [
    {
      figure: `${written.toLocaleString('en')} random texts for NGINX that mean something else`,
      ours: different,
      peer: null,
      unit: '',
      judged: `${different}`,
      target: '0',
      ok: different === 0,
    },
  ]
}

/** Null: no bundle may bring them. */
function acceptedRules(site: CaseSite): ServingRules | null {
  try {
    return rulesOf(site)
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

export const nginxServingFigure: Figure = { name: 'nginx-serving', run: serving }
export const nginxProofFigure: Figure = { name: 'nginx-proof', run: proof }
