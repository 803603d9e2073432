/** One page of a long list of services, beside one indexed SELECT over HTTP. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Figure, percentile, type Result, timed } from './measure.ts'
import { withServer } from './server.ts'

const SERVICES = 10_000
const ASKED = 2_000
const AT_ONCE = 8

async function list(): Promise<Result[]> {
  return await withServer(async (server, folder) => {
    const waiting = Array.from({ length: SERVICES }, (_, index) => `service-${index}`)
    const create = async () => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop())
        await server.call('POST', '/services', { name })
    }
    await Promise.all(Array.from({ length: AT_ONCE }, create))
    const pages = await cursors(server.api)
    const peer = oneSelect(folder)
    const times = { ours: [] as number[], peer: [] as number[] }
    for (let index = 0; index < ASKED; index++) {
      const page = pages[index % pages.length] ?? ''
      times.ours.push(await timed(() => get(`${server.api}${page}`)))
      times.peer.push(await timed(() => get(`${peer.url}?after=${(index * 37) % SERVICES}`)))
    }
    await peer.stop()
    const [ours, theirs] = [percentile(times.ours, 0.99), percentile(times.peer, 0.99)]
    return [
      {
        figure: 'list of services, 10,000 services, p99 (beside one SELECT)',
        ours,
        peer: theirs,
        unit: 'ms',
        judged: `${ours.toFixed(1)} ms`,
        target: '≤ 10 ms',
        ok: ours <= 10,
      },
    ]
  })
}

async function get(url: string): Promise<void> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: ${response.status}`)
  await response.arrayBuffer()
}

/** The addresses of all pages, as a client finds them. */
async function cursors(api: string): Promise<string[]> {
  const pages: string[] = []
  for (let next: string | null = ''; next !== null; ) {
    const path: string = `/api/v1/services?limit=50${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`
    pages.push(path)
    const page = (await (await fetch(`${api}${path}`)).json()) as { next: string | null }
    next = page.next
  }
  return pages
}

function oneSelect(folder: string): { url: string; stop(): Promise<void> } {
  mkdirSync(folder, { recursive: true })
  const db = new DatabaseSync(join(folder, 'peer.db'))
  db.exec(`CREATE TABLE services (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${SERVICES})
    INSERT INTO services SELECT i, 'service-' || i FROM n`)
  const select = db.prepare('SELECT number, name FROM services WHERE number > ? ORDER BY number LIMIT 50')
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: (request) => Response.json(select.all(Number(new URL(request.url).searchParams.get('after')))),
  })
  return {
    url: `${server.url}`,
    stop: async () => {
      await server.stop(true)
      db.close()
    },
  }
}

export const listFigure: Figure = { name: 'list', run: list }
