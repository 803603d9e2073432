import { parentPort } from 'node:worker_threads'
import { replyOf } from './unpack/crossing.ts'
import { extract } from './unpack/extract.ts'
import { finish } from './unpack/finish.ts'
import { type Answer, forgetPlan, type Request, STOP, shareable } from './unpack/messages.ts'
import { judge } from './unpack/plan.ts'

/** The thread's side of `Unpackers`: one request at a time, one reply each. */
parentPort?.on('message', (request: Request) => {
  answer(request).then(
    (answered) => parentPort?.postMessage({ ok: true, answer: answered }, []),
    (error: unknown) => {
      // The other worker need not go on with an archive that is refused.
      Atomics.store(new Int32Array(request.job.control), STOP, 1)
      forgetPlan()
      parentPort?.postMessage(replyOf(error), [])
    },
  )
})

async function answer(request: Request): Promise<Answer> {
  switch (request.step) {
    case 'judge':
      return shareable(request.job, await judge(request.job))
    case 'extract':
      return extract(request.job, request.shared)
    case 'finish':
      try {
        return finish(request.job, request.shared, request.extracted)
      } finally {
        forgetPlan()
      }
  }
}
