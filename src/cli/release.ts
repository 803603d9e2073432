import type { Deployment, LogLine } from '../contract/shapes.ts'
import { isEnded } from '../domain/operation.ts'
import type { Run } from './command.ts'
import { followLog } from './log-stream.ts'
import type { Output } from './output.ts'
import type { Server } from './server.ts'

/** Flags of every command that makes a deployment. */
export const RELEASE_FLAGS = {
  service: { value: 'NAME', required: true, help: 'The service' },
  message: { value: 'TEXT', help: 'What this release is about' },
  'no-wait': { help: 'Do not wait for the outcome' },
} as const

/** Follows a deployment to its end unless told not to, and answers the exit code. */
export async function finishRelease(run: Run, server: Server, accepted: Deployment): Promise<number> {
  const { output, args, context } = run
  if (args.has('no-wait')) {
    output.result(accepted, () => [accepted.id])
    output.say(`Accepted. "fairlead logs ${accepted.id} --follow" shows how it goes.`)
    return 0
  }
  if (accepted.approval?.state === 'pending') {
    output.result(accepted, () => [accepted.id])
    output.say(`Deployment ${accepted.id} is not live: it waits until a second person approves it.`, 'yellow')
    output.say(`  fairlead deployment approve ${accepted.id}`)
    return 0
  }
  if (!isEnded(accepted.status)) {
    output.say(`Deployment ${accepted.id} runs on the server; to stop watching does not cancel it.`, 'dim')
    for await (const line of followLog(context, server, accepted.id)) sayLine(output, line)
  }
  const params = { id: accepted.id }
  const { value } = await server.patiently(() => server.client.call('deployments.show', { params }))
  return tellOutcome(output, value)
}

function tellOutcome(output: Output, deployment: Deployment): number {
  output.result(deployment, () => (deployment.status === 'succeeded' ? deployment.urls : []))
  const place = `${deployment.service}/${deployment.environment}`
  if (deployment.status === 'succeeded') {
    output.say(`✓ Live on ${place}: deployment ${deployment.id}`, 'green')
    return 0
  }
  output.say(`✗ Deployment ${deployment.id} to ${place} ${OUTCOMES[deployment.status]}`, 'red')
  if (deployment.problem) output.problem(deployment.problem)
  return 1
}

const OUTCOMES: Record<Deployment['status'], string> = {
  queued: 'is still queued',
  running: 'is still running',
  succeeded: 'succeeded',
  failed: 'failed; what was live before is untouched',
  reverted: 'was found wrong and reverted; what was live before is live again',
  cancelled: 'was cancelled',
  superseded: 'was superseded by a newer one',
  stuck: 'is stuck: putting the earlier state back failed',
}

const LEVELS = { info: undefined, warn: 'yellow', error: 'red' } as const

/** A line of a log as prose, while waiting. */
export function sayLine(output: Output, line: LogLine): void {
  output.say(`  ${lineText(line)}`, LEVELS[line.level])
}

export const lineText = ({ step, level, text }: LogLine): string =>
  `${step === null ? '' : `${step}: `}${level === 'info' ? '' : `${level}: `}${text}`
