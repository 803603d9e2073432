/** 100,000 calls made up from the OpenAPI document, by everybody: how many answers are not as it describes them. */
import * as fc from 'fast-check'
import { startTestApp } from '../test/api/app.ts'
import { ARCHIVES } from '../test/reference/archives.ts'
import { madeUpCalls } from '../test/reference/calls/calls.ts'
import { castOf } from '../test/reference/calls/cast.ts'
import { Crowd } from '../test/reference/calls/crowd.ts'
import { Judge } from '../test/reference/judge.ts'
import type { Figure, Result } from './measure.ts'

const CALLS = 100_000
/** Made and forgotten in pieces, so that they never all lie in memory. */
const PIECE = 2_000

/** In this process, where the limits on how much may be asked are lifted: they would answer most of it. */
async function calls(): Promise<Result[]> {
  const app = await startTestApp()
  try {
    const cast = await castOf(app)
    const judge = new Judge()
    const crowd = new Crowd({ url: app.url, judge, ...cast, archives: Object.values(ARCHIVES) })
    const seed = Number(process.env['FC_SEED'] ?? crypto.getRandomValues(new Uint32Array(1))[0])
    console.log(`seed ${seed}`)
    const made = madeUpCalls(judge.document)
    let bad = 0
    for (let done = 0; done < CALLS; done += PIECE) {
      await crowd.make(fc.sample(made, { numRuns: PIECE, seed: seed + done }))
      for (const { call, answer, complaints } of crowd.complaints.splice(0)) {
        bad++
        console.log(`${complaints.join('; ')}\n  ${call}\n  ${answer}`)
      }
    }
    cast.close()
    const good = `${(100 * crowd.share((status) => status < 400)).toFixed(0)} % granted`
    return [
      {
        figure: `${CALLS.toLocaleString('en')} made-up calls (${good}): answers not as described`,
        ours: bad,
        peer: null,
        unit: '',
        judged: String(bad),
        target: '0',
        ok: bad === 0,
      },
    ]
  } finally {
    await app.stop()
  }
}

export const callsFigure: Figure = { name: 'calls', run: calls }
