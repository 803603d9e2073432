import { Fault, shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { TreeKey } from '../domain/bundle.ts'
import type { ProbeAnswer } from '../ports/gateway.ts'
import type { Sampled } from './comparison.ts'
import type { StepContext } from './step.ts'

/** The reserved path on which a gateway tells which tree answers. */
export const MARKER_PATH = '/.well-known/fairlead'

/**
 * Which of these host names answer at the gateway now. Those that don't are reported and don't count later;
 * if none does, nothing can be verified and the deployment fails before the switch.
 */
export async function askWhichAnswer(context: StepContext, hostnames: string[]): Promise<string[]> {
  const answers = await Promise.all(hostnames.map((hostname) => ask(context, hostname, MARKER_PATH)))
  const answering = hostnames.filter((_, index) => answers[index]?.status === 200)
  for (const [index, hostname] of hostnames.entries())
    if (!answering.includes(hostname))
      context.say(
        `${context.world.probe.url(hostname)} does not answer (${told(answers[index])}); it won't be counted.`,
        'warn',
      )
  if (answering.length === 0)
    throw new Fault('deployment_failed', `No address of the environment answers: ${hostnames.join(', ')}.`, {
      hint: 'Nothing was switched. Check that the gateway runs and can be reached, then deploy again.',
    })
  return answering
}

/** After the switch: the marker names the new tree at every address, and the sampled files are what the manifest says. */
export async function verifyFromOutside(
  context: StepContext,
  given: { hostnames: string[]; tree: TreeKey; sample: Sampled[] },
): Promise<void> {
  for (const hostname of given.hostnames) {
    const answer = await ask(context, hostname, MARKER_PATH)
    const seen = treeOf(answer)
    if (seen !== given.tree)
      throw wrongAnswer(
        `${context.world.probe.url(hostname)} answers from ${seen ? `the tree ${seen.slice(0, 12)}` : `nothing (${told(answer)})`} instead of ${given.tree.slice(0, 12)}.`,
      )
    await verifyFiles(context, hostname, given.sample)
  }
  context.say(
    `Verified ${given.sample.length} ${given.sample.length === 1 ? 'file' : 'files'} at ${given.hostnames.map((hostname) => context.world.probe.url(hostname)).join(', ')}.`,
  )
}

async function verifyFiles(context: StepContext, hostname: string, sample: Sampled[]): Promise<void> {
  const queue = [...sample]
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const answer = await ask(context, hostname, file.url)
      if (answer.status !== 200 || answer.sha256 !== file.sha256)
        throw wrongAnswer(
          `${shown(file.path)} is not what visitors get at ${shown(file.url)} (${told(answer)}, ${answer.size} bytes).`,
        )
    }
  }
  await Promise.all(Array.from({ length: LIMITS.verify.parallel }, worker))
}

const wrongAnswer = (message: string): Fault =>
  new Fault('deployment_reverted', message, {
    hint: 'The deployment that was live before is live again. Something between the files and the visitors changes answers.',
  })

/** An answer, or what stands for none: status 0 with the reason as body. */
async function ask(context: StepContext, hostname: string, path: string): Promise<ProbeAnswer> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(LIMITS.verify.answerMs)])
  try {
    return await context.world.probe.ask({ hostname, path, signal })
  } catch (error) {
    context.signal.throwIfAborted()
    const reason = Buffer.from(error instanceof Error ? error.message : 'no answer')
    return { status: 0, headers: {}, body: reason, size: 0, sha256: '' }
  }
}

const told = (answer: ProbeAnswer | undefined): string =>
  !answer || answer.status === 0
    ? `no answer: ${shown(Buffer.from(answer?.body ?? []).toString())}`
    : `status ${answer.status}`

export function treeOf(answer: ProbeAnswer): TreeKey | null {
  if (answer.status !== 200) return null
  try {
    const body = JSON.parse(Buffer.from(answer.body).toString()) as { tree?: unknown } // checked right here
    return typeof body.tree === 'string' ? body.tree : null
  } catch {
    return null
  }
}
