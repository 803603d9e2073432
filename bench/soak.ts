/** A long run of everything at once: what the process holds must not grow. */
import { request } from 'node:http'
import { descriptors, type Figure, median, megabytes, type Result, residentBytes } from './measure.ts'
import { deployments, type Server, withServer } from './server.ts'
import { siteTar } from './site-tar.ts'

const SAMPLE_MS = 2_000
/** Flat: the last quarter at most a tenth and 4 MB above the second, when caches and the heap had settled. */
const GROWTH = 1.1
const SLACK_MB = 4

async function soak({ seconds }: { seconds: number }): Promise<Result[]> {
  return await withServer(async (server) => {
    await server.call('POST', '/services', { name: 'soak' })
    const endsAt = performance.now() + seconds * 1000
    const memory: number[] = []
    const open: number[] = []
    const isOver = () => performance.now() > endsAt
    const counts = { requests: 0, deployments: 0 }
    const sample = async () => {
      while (!isOver()) {
        await Bun.sleep(SAMPLE_MS)
        memory.push(megabytes(residentBytes(server.pid)))
        open.push(descriptors(server.pid))
      }
    }
    const keep = async (work: () => Promise<void>) => {
      while (!isOver()) await work()
    }
    await Promise.all([
      sample(),
      keep(async () => {
        await deploy(server, counts.deployments++)
        await Bun.sleep(100)
      }),
      keep(async () => {
        counts.requests++
        await visit(server)
      }),
      keep(async () => {
        await aborted(server)
        await Bun.sleep(200)
      }),
      keep(async () => {
        await stream(server)
      }),
    ])
    const told = `${seconds} s, ${counts.deployments} deployments, ${counts.requests} visits`
    return [flat(`soak (${told}): resident memory`, memory, 'MB'), flat('soak: open descriptors', open, '')]
  })
}

function flat(figure: string, samples: number[], unit: Result['unit']): Result {
  const quarter = Math.floor(samples.length / 4)
  const [peer, ours] = [median(samples.slice(quarter, 2 * quarter)), median(samples.slice(-quarter))]
  const most = peer * GROWTH + SLACK_MB
  return { figure, ours, peer, unit, judged: (ours / peer).toFixed(2), target: 'flat', ok: ours <= most }
}

async function deploy(server: Server, round: number): Promise<void> {
  const response = await fetch(`${server.api}/api/v1${deployments('soak')}?wait=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-tar' },
    body: siteTar({ 'index.html': `round ${round}`, 'assets/app-B2c3D4e5.js': `${round}`.repeat(500) }),
  })
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
}

async function visit(server: Server): Promise<void> {
  const site = { headers: { host: `production.soak.localhost:${server.sitesPort}` } }
  await (await fetch(`http://127.0.0.1:${server.sitesPort}/`, site)).arrayBuffer()
  await (await fetch(`${server.api}/api/v1/services`)).arrayBuffer()
  await (await fetch(`${server.api}/api/v1${deployments('soak')}`)).arrayBuffer()
}

/** An upload whose sender goes away in the middle. */
function aborted(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-tar', 'content-length': 10_000_000 }
    const sent = request(`${server.api}/api/v1${deployments('soak')}`, { method: 'POST', headers })
    sent.on('error', () => resolve())
    sent.on('close', () => resolve())
    sent.write(Buffer.alloc(1_000_000), () => sent.destroy())
  })
}

/** A watcher that reads the event stream for a moment and leaves. */
async function stream(server: Server): Promise<void> {
  const leaving = new AbortController()
  const response = await fetch(`${server.api}/api/v1/events`, {
    headers: { accept: 'text/event-stream' },
    signal: leaving.signal,
  })
  await response.body?.getReader().read()
  await Bun.sleep(500)
  leaving.abort()
}

export const soakFigure: Figure = { name: 'soak', run: soak }
