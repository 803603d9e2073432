import { errnoOf, Fault } from '../base/fault.ts'
import { ApiProblem } from '../contract/client.ts'
import { problemOf } from '../contract/problem.ts'
import type { Problem } from '../contract/shapes.ts'
import { COMMANDS } from './commands.ts'
import type { CliContext } from './context.ts'
import { helpText } from './help.ts'
import { Output } from './output.ts'
import { parseCommandLine } from './parse.ts'

/** Runs one command line and answers its exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runCli(context: CliContext): Promise<number> {
  const output = new Output(context, context.argv.includes('--json'))
  try {
    const parsed = parseCommandLine(COMMANDS, context.argv, context.env)
    if (parsed.kind === 'run') return await parsed.command.run({ context, output, args: parsed.args })
    if (parsed.kind === 'help') context.out.write(helpText(COMMANDS, parsed.topic))
    else output.result({ version: context.version }, () => [context.version])
    return 0
  } catch (thrown) {
    const problem = thrown instanceof ApiProblem ? thrown.problem : problemOf(asLocalFault(thrown))
    output.problem(withAdvice(problem, thrown))
    output.result({ problem }, () => [])
    if (problem.code === 'internal' && thrown instanceof Error)
      for (const line of (thrown.stack ?? '').split('\n')) output.say(line, 'dim')
    return problem.code === 'usage' && !(thrown instanceof ApiProblem) ? 2 : 1
  }
}

/** The page's ways of signing in are none for a command. */
const withAdvice = (problem: Problem, thrown: unknown): Problem =>
  problem.code === 'unauthenticated' && thrown instanceof ApiProblem && !Array.isArray(problem['factors'])
    ? {
        ...problem,
        hint: `${problem.hint ?? ''} On the command line: run "fairlead login", or set FAIRLEAD_KEY.`.trim(),
      }
    : problem

/** What went wrong on this side: a system call names its file and its reason, all else is a mistake of ours. */
function asLocalFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  if (thrown instanceof Error && errnoOf(thrown) !== undefined)
    return new Fault('unavailable', thrown.message, { cause: thrown })
  return new Fault('internal', `Something went wrong inside Fairlead: ${String(thrown)}`, {
    hint: 'This is a mistake in Fairlead. Please report it with the lines below.',
    cause: thrown,
  })
}
