/** A site of 21,000 files on its way to live: the first time, again, and as a folder. */
import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { filesOf, realSites, zip } from '../test/sites/real-sites.ts'
import { type Figure, inPairs, median, must, PAIRS, type Result, timed } from './measure.ts'
import { freePort, PROGRAM, type Server, upload, withServer } from './server.ts'

const CHANGED = 10

/** A copy of the site to change, and its ZIP. */
function site(folder: string): { files: string; archive: string } {
  const icons = realSites().find(({ name }) => name === 'svg-icons')
  const files = join(folder, 'site')
  cpSync(icons?.folder ?? '', files, { recursive: true })
  const archive = join(folder, 'site.zip')
  zip(files, archive)
  return { files, archive }
}

/** Ten files anywhere in the site get content that was never there. */
function change(files: string, round: number): string[] {
  const all = filesOf(files).filter((path) => path.endsWith('.svg'))
  const chosen = Array.from(
    { length: CHANGED },
    (_, index) => all[(index * 2003 + round * 7) % all.length] ?? '',
  )
  for (const path of chosen)
    writeFileSync(
      join(files, path),
      `<svg xmlns="http://www.w3.org/2000/svg"><!-- ${round} ${path} --></svg>`,
    )
  return chosen
}

/** The peer: fetch to a file, unzip, flush, switch a link. */
async function byHand(folder: string, url: string, round: number): Promise<number> {
  const tree = join(folder, `tree-${round}`)
  const link = join(folder, 'live')
  mkdirSync(tree)
  const ms = await timed(async () => {
    await must(['curl', '-sS', '-f', '-o', join(folder, 'fetched.zip'), url])
    await must(['unzip', '-q', join(folder, 'fetched.zip'), '-d', tree])
    await must(['sync', '-f', tree])
    await must(['ln', '-sfn', tree, `${link}.new`])
    await must(['mv', '-T', `${link}.new`, link])
  })
  return ms
}

/**
 * Each upload is an archive that the server never saw, to a service that has nothing yet. The first one is not counted:
 * it warms the server, as the machine's own programs are. Nothing is deleted in between, since ext4 takes long to hand
 * out inodes beside ones that were just freed.
 */
async function uploads(): Promise<Result[]> {
  return await withServer(async (server, folder) => {
    const { files, archive } = site(folder)
    const source = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response(Bun.file(archive)) })
    const toLive = async (service: string) => {
      await must(['zip', '-q', archive, ...change(files, service.length)], { cwd: files })
      await server.call('POST', '/services', { name: service })
      await must(['sync'])
      return await timed(() => upload(server, service, archive))
    }
    await toLive('icons')
    const times = await inPairs(
      (round) => toLive(`icons-${'x'.repeat(round)}x`),
      (round) => byHand(folder, `${source.url}`, round),
    )
    await source.stop(true)
    const again = await agains(server, files, archive)
    const [ours, peer] = [median(times.ours), median(times.peer)]
    return [
      {
        figure: 'upload to live, 21,000 files',
        ours,
        peer,
        unit: 'ms',
        ...judged('ratio', ours / peer, 0.7),
      },
      {
        figure: 'again, 10 files changed (beside the first)',
        ours: median(again),
        peer: ours,
        unit: 'ms',
        ...judged('ratio', median(again) / ours, 0.6),
      },
    ]
  })
}

async function agains(server: Server, files: string, archive: string): Promise<number[]> {
  const times: number[] = []
  for (let round = 0; round < PAIRS; round++) {
    await must(['zip', '-q', archive, ...change(files, 100 + round)], { cwd: files })
    await must(['sync'])
    times.push(await timed(() => upload(server, 'icons', archive)))
  }
  return times
}

/** Counts what passes between a client and the server, both ways. */
async function relay(server: Server): Promise<{ url: string; bytes(): number; close(): void }> {
  let bytes = 0
  const port = await freePort()
  const listener = createServer((client) => {
    const upstream = connect(Number(new URL(server.api).port), '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (chunk) => (bytes += chunk.length))
      from.on('error', () => to.destroy())
      from.pipe(to)
    }
  }).listen(port, '127.0.0.1')
  return { url: `http://127.0.0.1:${port}`, bytes: () => bytes, close: () => listener.close() }
}

async function folderDeploy(): Promise<Result[]> {
  return await withServer(async (server, folder) => {
    const { files, archive } = site(folder)
    await server.call('POST', '/services', { name: 'icons' })
    const deploy = (url: string) =>
      must([...PROGRAM, 'deploy', files, '--service', 'icons', '--environment', 'production'], {
        env: { ...process.env, FAIRLEAD_SERVER: url },
      })
    await deploy(server.api)
    const wire: number[] = []
    for (let round = 0; round < PAIRS; round++) {
      change(files, round)
      const counted = await relay(server)
      await deploy(counted.url)
      wire.push(counted.bytes())
      counted.close()
    }
    const [ours, peer] = [median(wire), statSync(archive).size]
    return [
      {
        figure: 'folder deploy, 10 changed, bytes on the wire (beside the ZIP)',
        ours,
        peer,
        unit: 'B',
        judged: `${((ours / peer) * 100).toFixed(2)} %`,
        target: '≤ 1 %',
        ok: ours / peer <= 0.01,
      },
    ]
  })
}

const judged = (what: string, value: number, most: number): Pick<Result, 'judged' | 'target' | 'ok'> => ({
  judged: `${what} ${value.toFixed(2)}`,
  target: `≤ ${most}`,
  ok: value <= most,
})

export const uploadFigure: Figure = { name: 'upload', run: uploads }
export const folderFigure: Figure = { name: 'folder', run: folderDeploy }
