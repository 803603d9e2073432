/** Promotion and rollback of a tree that is there, and deployments under load. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { realSites, zip } from '../test/sites/real-sites.ts'
import { startLoad } from './loading.ts'
import { type Figure, inPairs, median, must, type Result, timed } from './measure.ts'
import { deployments, type Server, upload, withServer } from './server.ts'
import { siteTar } from './site-tar.ts'

const ROUNDS = 12
const DEPLOYMENTS = 200

async function promotions(): Promise<Result[]> {
  return await withServer(async (server, folder) => {
    await twoEnvironments(server, folder)
    const live = join(folder, 'live')
    for (const name of ['a', 'b']) mkdirSync(join(folder, name))
    const byHand = async (round: number) =>
      await timed(async () => {
        await must(['ln', '-sfn', round % 2 === 0 ? 'a' : 'b', `${live}.new`])
        await must(['mv', '-T', `${live}.new`, live])
      })
    const post = (body: unknown) => () =>
      timed(() => server.call('POST', `${deployments('icons')}?wait=true`, body))
    const promotion: number[] = []
    const rollback = await inPairs(
      async () => {
        promotion.push(await post({ promoteFrom: 'staging' })())
        await must(['sync'])
        return await post({ rollbackTo: 'previous' })()
      },
      byHand,
      ROUNDS,
    )
    const peer = median(rollback.peer)
    return [
      switched('promotion, 21,000 files, request to answer', median(promotion), peer),
      switched('rollback to a tree that is there', median(rollback.ours), peer),
    ]
  })
}

const switched = (figure: string, ours: number, peer: number): Result => ({
  figure,
  ours,
  peer,
  unit: 'ms',
  judged: `${ours.toFixed(1)} ms`,
  target: '≤ 50 ms',
  ok: ours <= 50,
})

/** Production has the icons live; staging another site, whose tree is there because it is live. */
async function twoEnvironments(server: Server, folder: string): Promise<void> {
  const icons = realSites().find(({ name }) => name === 'svg-icons')?.folder ?? ''
  const archive = join(folder, 'icons.zip')
  zip(icons, archive)
  await server.call('POST', '/services', { name: 'icons' })
  await server.call('PATCH', '/services/icons/environments/production', { retain: 3 })
  await server.call('POST', '/services/icons/environments', { name: 'staging' })
  await upload(server, 'icons', archive)
  await must(['zip', '-q', archive, 'package.json'], { cwd: icons })
  await must(['zip', '-q', '-d', archive, 'package.json'])
  await must([
    'curl',
    '-sS',
    '--fail-with-body',
    '-T',
    archive,
    '-X',
    'POST',
    `${server.api}/api/v1${deployments('icons', 'staging')}?wait=true`,
  ])
}

/** 200 deployments with equal rules while clients ask at full speed over connections that they keep. */
async function underLoad(): Promise<Result[]> {
  return await withServer(async (server) => {
    await server.call('POST', '/services', { name: 'load' })
    await put(server, 0)
    const load = startLoad(server.sitesPort, 'never', [`production.load.localhost:${server.sitesPort}`])
    const times: number[] = []
    for (let version = 1; version <= DEPLOYMENTS; version++)
      times.push(await timed(() => put(server, version)))
    const report = await load.end()
    const wrong = report.errors + report.strange + report.backwards
    return [
      {
        figure: `${DEPLOYMENTS} deployments under load (${report.answers} answers, ${report.connections} connections)`,
        ours: median(times),
        peer: null,
        unit: 'ms',
        judged: `${report.errors} errors, ${report.strange} strange, ${report.backwards} old after new`,
        target: 'all 0',
        ok: wrong === 0 && report.newest === DEPLOYMENTS,
      },
    ]
  })
}

async function put(server: Server, version: number): Promise<void> {
  const response = await fetch(`${server.api}/api/v1${deployments('load')}?wait=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-tar' },
    body: siteTar({ 'index.html': `version ${version} of ${DEPLOYMENTS}` }),
  })
  if (response.status !== 201)
    throw new Error(`deployment ${version}: ${response.status} ${await response.text()}`)
}

export const switchFigure: Figure = { name: 'switch', run: promotions }
export const loadFigure: Figure = { name: 'load', run: underLoad }
