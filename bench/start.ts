/** From the start of the process to its first answer, with a long history in the base. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Figure, inPairs, median, must, type Result, timed } from './measure.ts'
import { deployments, firstAnswer, freePort, inFolder, startServer } from './server.ts'
import { siteTar } from './site-tar.ts'

const DEPLOYMENTS = 100_000
const ROUNDS = 7
const EMPTY_SERVER =
  'Bun.serve({ port: Number(process.argv.at(-1)), hostname: "127.0.0.1", fetch: () => new Response("") })'

async function starts(): Promise<Result[]> {
  return await inFolder(async (folder) => {
    const data = join(folder, 'data')
    await oneDeployment(data)
    multiply(join(data, 'fairlead.db'))
    const times = await inPairs(
      async () => {
        const server = await startServer(data)
        await server.stop()
        return server.startMs
      },
      emptyServer,
      ROUNDS,
    )
    const [ours, peer] = [median(times.ours), median(times.peer)]
    return [
      {
        figure: 'start to first answer, 100,000 deployments (beside bun -e)',
        ours,
        peer,
        unit: 'ms',
        judged: `${ours.toFixed(0)} ms`,
        target: '≤ 300 ms',
        ok: ours <= 300,
      },
    ]
  })
}

async function emptyServer(): Promise<number> {
  const port = await freePort()
  let child: ReturnType<typeof spawn> | undefined
  const ms = await timed(async () => {
    child = spawn(process.execPath, ['-e', EMPTY_SERVER, `${port}`], { stdio: 'ignore' })
    await firstAnswer(`http://127.0.0.1:${port}/`)
  })
  child?.kill()
  return ms
}

async function oneDeployment(data: string): Promise<void> {
  const server = await startServer(data)
  await server.call('POST', '/services', { name: 'old' })
  const response = await fetch(`${server.api}/api/v1${deployments('old')}?wait=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-tar' },
    body: siteTar({ 'index.html': 'old' }),
  })
  if (response.status !== 201) throw new Error(await response.text())
  await server.stop()
  await must(['sync'])
}

/** A real deployment with its steps, log and events, copied until there are 100,000. */
function multiply(path: string): void {
  const db = new DatabaseSync(path)
  db.exec(`
    BEGIN IMMEDIATE;
    CREATE TEMP TABLE copies AS WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${DEPLOYMENTS - 1})
      SELECT i, printf('copy%016d', i) AS id, o.id AS of, o.number AS base FROM n, (SELECT id, number FROM operations LIMIT 1) o;
    INSERT INTO operations SELECT base + i, c.id, kind, service_id, environment_id, status, direction, cancel_requested,
      actor, facts, problem, created_at + i, started_at + i, finished_at + i FROM copies c JOIN operations o ON o.id = c.of;
    INSERT INTO deployments SELECT c.id, number + i, environment_id, bundle, cause, origin_number, source, message, urls, hidden_at, approval
      FROM copies c JOIN deployments d ON d.id = c.of;
    INSERT INTO steps SELECT c.id, position, name, kind, status, begun_at + i, ended_at + i
      FROM copies c JOIN steps s ON s.operation_id = c.of;
    INSERT INTO log_lines SELECT c.id, number, at + i, level, step, text FROM copies c JOIN log_lines l ON l.operation_id = c.of;
    INSERT INTO events (at, kind, actor, service_id, service, environment_id, environment, operation_id, data)
      SELECT at + i, kind, actor, service_id, service, environment_id, environment, c.id, data
      FROM copies c JOIN events e ON e.operation_id = c.of;
    COMMIT;
    ANALYZE;
    PRAGMA wal_checkpoint(TRUNCATE)`)
  db.close()
}

export const startFigure: Figure = { name: 'start', run: starts }
