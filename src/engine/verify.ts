import { Fault, shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { TreeKey } from '../domain/bundle.ts'
import type { ProbeAnswer } from '../ports/gateway.ts'
import { addressOf, ask, MARKER_PATH, told, treeOf } from './ask.ts'
import type { Sampled } from './comparison.ts'
import type { StepContext } from './step.ts'

/**
 * Which of these host names answer at the gateway now. Those that don't are reported and don't count later;
 * if none does, nothing can be verified and the deployment fails before the switch.
 */
export async function askWhichAnswer(context: StepContext, hostnames: string[]): Promise<string[]> {
  const answers = await Promise.all(hostnames.map((hostname) => asked(context, hostname, MARKER_PATH)))
  const answering = hostnames.filter((_, index) => answers[index]?.status === 200)
  for (const [index, hostname] of hostnames.entries())
    if (!answering.includes(hostname))
      context.say(
        `${addressOf(context.world, hostname)} does not answer (${told(answers[index])}); it won't be counted.`,
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
    const answer = await asked(context, hostname, MARKER_PATH)
    const seen = treeOf(answer)
    if (seen !== given.tree)
      throw wrongAnswer(
        `${addressOf(context.world, hostname)} answers from ${seen ? `the tree ${seen.slice(0, 12)}` : `nothing (${told(answer)})`} instead of ${given.tree.slice(0, 12)}.`,
      )
    await verifyFiles(context, hostname, given.sample)
  }
  context.say(
    `Verified ${given.sample.length} ${given.sample.length === 1 ? 'file' : 'files'} at ${given.hostnames.map((hostname) => addressOf(context.world, hostname)).join(', ')}.`,
  )
}

async function verifyFiles(context: StepContext, hostname: string, sample: Sampled[]): Promise<void> {
  const queue = [...sample]
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const answer = await asked(context, hostname, file.url)
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

const asked = ({ world, signal }: StepContext, hostname: string, path: string): Promise<ProbeAnswer> =>
  ask(world, hostname, { path, signal })
