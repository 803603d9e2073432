/** The real program, killed at random moments while certificates come and go: it converges, and nothing is left over. */
import { afterAll, expect } from 'bun:test'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Named } from '../dns/named.ts'
import { needs } from '../needs.ts'
import { freePort, ServerProgram, tarOf } from './program.ts'
import { Secured } from './secured.ts'

const KILLS = Number(process.env.FAIRLEAD_KILLS ?? 30)
const HOSTNAMES = ['docs.example.com', '*.stars.example.com']
const production = { service: 'web', environment: 'production' }
let stage: Secured | null = null
afterAll(() => stage?.end())

async function wish({ client }: ServerProgram, hostname: string, turn: number): Promise<unknown> {
  const { value } = await client.call('urls.all', { query: { hostname } })
  const [url] = value.items
  if (!url) return client.call('urls.create', { params: production, json: { hostname, https: 'auto' } })
  const params = { id: url.id }
  if (turn % 3 === 0) return client.call('urls.delete', { params })
  if (turn % 3 === 1) return client.call('urls.update', { params, json: { redirectToHttps: turn % 2 === 0 } })
  return client.call('urls.renew', { params })
}

function column(data: string, sql: string): string[] {
  const database = new DatabaseSync(join(data, 'fairlead.db'))
  const values = database.prepare(sql).all()
  database.close()
  return values.map((row) => String(Object.values(row)[0])).toSorted()
}

needs(
  'pebble',
  'openssl',
  'named',
  'nsupdate',
  'dig',
)(
  `${KILLS} kills while certificates come and go end in the old state or the new one`,
  async () => {
    const zone = await Named.start()
    stage = await Secured.prepared({ gateway: 'builtin', zone, badNonces: 30, reused: 50 })
    const { data, ports } = stage
    const before = await stage.records()
    const place = { data, port: await freePort(), sitesPort: ports.http }
    const start = () =>
      new ServerProgram(place, { more: ['--sites-tls-listen', `127.0.0.1:${ports.tls}`] }).up()
    let program = await start()
    await program.client.call('services.create', { json: { name: 'web', kind: 'static' } })
    await program.client.call('deployments.create', {
      params: production,
      body: tarOf({ 'index.html': 'one' }),
    })
    await program.settled()
    let interrupted = 0
    for (let kill = 1; kill <= KILLS; kill++) {
      for (const [at, hostname] of HOSTNAMES.entries()) await wish(program, hostname, kill + at)
      // Anywhere from the first step to the last one: each takes some hundredths of a second.
      await Bun.sleep(Math.random() * 1_500)
      await program.end('SIGKILL')
      if (program.openOperations() > 0) interrupted++
      program = await start()
      // And once more, in what goes on.
      await Bun.sleep(Math.random() * 300)
      await program.end('SIGKILL')
      program = await start()
      await program.settled()
      expect(column(data, "SELECT id FROM operations WHERE status = 'stuck'")).toEqual([])
      for (const hostname of HOSTNAMES) {
        const { value } = await program.client.call('urls.all', { query: { hostname } })
        const [url] = value.items
        if (!url) continue
        expect(url).toMatchObject({ state: 'attached', https: { state: 'valid', problem: null } })
        expect(await stage.visit(hostname.replace('*', 'any'))).toMatchObject({
          trusted: true,
          fingerprint: url.https.certificate?.fingerprint ?? '',
          body: 'one',
        })
      }
      expect(stage.files('challenges')).toEqual([])
      const texts = (await stage.records()).filter((line) => line.includes('_acme-challenge'))
      expect(texts).toEqual([])
    }
    console.log(`${interrupted} of ${KILLS} kills hit an operation that was queued or running`)
    expect(interrupted).toBeGreaterThan(KILLS / 4)
    await program.end('SIGTERM')
    program = await start()
    const used = column(data, 'SELECT certificate_id FROM urls WHERE certificate_id IS NOT NULL')
    await program.until('only certificates that are used', () =>
      Promise.resolve(
        stage?.files('certificates').toSorted().join() === used.map((id) => `${id}.pem`).join(),
      ),
    )
    const kept = column(data, 'SELECT id FROM certificates WHERE key IS NOT NULL')
    expect(kept).toEqual(used)
    for (const hostname of HOSTNAMES) {
      const { value } = await program.client.call('urls.all', { query: { hostname } })
      for (const { id } of value.items) await program.client.call('urls.delete', { params: { id } })
    }
    await program.settled()
    expect(await stage.records()).toEqual(before)
    await program.end('SIGTERM')
  },
  900_000,
)
