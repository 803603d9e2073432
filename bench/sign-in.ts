/** Fifty people sign in at once, each of whom costs a quarter of a second of a core; what does everybody else notice? */
import { spawn } from 'node:child_process'
import { type Figure, median, percentile, type Result, timed } from './measure.ts'
import { PROGRAM, type Server, withServer } from './server.ts'

const SIGN_INS = 50
const EVERY_MS = 5
const QUIET_ROUNDS = 1_000
const [LOGIN, PASSWORD] = ['ann@example.com', 'nine lanterns on the quay']

async function signIns(): Promise<Result[]> {
  return await withServer(async (server) => {
    await makeOwner(server.data)
    return [await asked(server)]
  })
}

async function asked(server: Server): Promise<Result> {
  // The first sign-in after a start also measures what a hash may cost.
  await signIn(server)
  let rounds = QUIET_ROUNDS
  const before = await pulse(server, () => rounds-- > 0)
  const took: number[] = []
  let isOver = false
  const burst = Promise.all(
    Array.from({ length: SIGN_INS }, async () => took.push(await timed(() => signIn(server)))),
  ).finally(() => (isOver = true))
  const during = await pulse(server, () => !isOver)
  await burst
  const [ours, alone] = [percentile(during, 0.99), percentile(before, 0.99)]
  return {
    figure: `/healthz during ${SIGN_INS} sign-ins (${during.length} answers, each ${median(took).toFixed(0)} ms), p99`,
    ours,
    peer: alone,
    unit: 'ms',
    judged: `${ours.toFixed(1)} ms`,
    target: '≤ 50 ms',
    ok: ours <= 50 && during.length >= 100,
  }
}

/**
 * Milliseconds of answers that are asked for every 5 ms, whether the last one has come or not, each counted from when
 * it was due: a server that stands still is slow for everybody who came meanwhile.
 */
async function pulse(server: Server, isWanted: () => boolean): Promise<number[]> {
  const answers: Promise<number>[] = []
  for (let due = performance.now(); isWanted(); due += EVERY_MS) {
    await Bun.sleep(Math.max(0, due - performance.now()))
    answers.push(health(server, due))
  }
  return await Promise.all(answers)
}

async function health(server: Server, due: number): Promise<number> {
  const response = await fetch(`${server.api}/healthz`)
  if (!response.ok) throw new Error(`/healthz: ${response.status}`)
  await response.arrayBuffer()
  return performance.now() - due
}

const signIn = (server: Server): Promise<unknown> =>
  server.call('POST', '/session', { login: LOGIN, password: PASSWORD })

/** As a script does it. */
async function makeOwner(data: string): Promise<void> {
  const [program, ...first] = PROGRAM
  const words = ['user', 'create', '--email', LOGIN, '--role', 'owner', '--password-stdin', '--data', data]
  const child = spawn(program, [...first, ...words], { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(PASSWORD)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`user create ended with ${code}`)
}

export const signInFigure: Figure = { name: 'sign-in', run: signIns }
