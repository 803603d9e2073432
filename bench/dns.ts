/** Random operations on zones full of foreign records, with kills and lost answers in between. */
import { chance, Fuzz, type FuzzReport } from '../test/dns/fuzz.ts'
import { bindStage, type OpenStage, pdnsStage } from '../test/dns/fuzz-stages.ts'
import type { Figure, Result } from './measure.ts'

const [FOREIGN, OPERATIONS] = [300, 500]
const SERVERS: [name: string, open: typeof bindStage][] = [
  ['BIND', bindStage],
  ['PowerDNS', pdnsStage],
]

async function dns(): Promise<Result[]> {
  const results: Result[] = []
  for (const [name, open] of SERVERS) {
    const seed = Date.now() % 2 ** 31
    const roll = chance(seed)
    const opened = await open(FOREIGN, roll)
    results.push(judged(name, await fuzzed(opened, roll), seed))
  }
  return results
}

async function fuzzed({ stage, end }: OpenStage, roll: (below: number) => number): Promise<FuzzReport> {
  try {
    return await new Fuzz(stage, roll).run(OPERATIONS)
  } finally {
    await end()
  }
}

function judged(name: string, report: FuzzReport, seed: number): Result {
  const { foreign, orphans, unconverged, made, conflicts, unavailable, givenUp, lost, dropped, kills } =
    report
  const wrong = [...foreign, ...orphans, ...unconverged]
  for (const line of wrong.slice(0, 20)) console.log(`${name}, seed ${seed}: ${line}`)
  const faults = `${givenUp} given up, ${lost} answers lost, ${dropped} cut off, ${kills} kills`
  console.log(
    `${name}, seed ${seed}: ${made} made, ${conflicts} conflicts, ${unavailable} unavailable; ${faults}`,
  )
  return {
    figure: `DNS in ${name}: ${FOREIGN} foreign records, ${OPERATIONS} operations`,
    ours: wrong.length,
    peer: null,
    unit: '',
    judged: `${foreign.length} changed, ${orphans.length} orphans, ${unconverged.length} left`,
    target: 'all 0',
    ok: wrong.length === 0,
  }
}

export const dnsFigure: Figure = { name: 'dns', run: dns }
