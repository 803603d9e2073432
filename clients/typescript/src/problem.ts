/** What goes wrong: problem documents (RFC 9457). */
import type { Problem, ProblemCode } from './generated/types.ts'

/** A problem that the server answered. Decide by `code`; show `message` and `hint` to people. */
export class FairleadProblem extends Error {
  override readonly name = 'FairleadProblem'
  readonly code: ProblemCode
  readonly status: number
  /** What to do about it. */
  readonly hint: string | null
  /** The fields that are wrong. */
  readonly errors: Problem['errors']
  /** The whole document, such as the `deployment` of an upload that was refused. */
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.code = problem.code
    this.status = problem.status
    this.hint = problem.hint
    this.errors = problem.errors
    this.problem = problem
  }
}

/** Whether something that was thrown is a problem, and one of these codes if any are named. */
export function isProblem(thrown: unknown, ...codes: ProblemCode[]): thrown is FairleadProblem {
  return thrown instanceof FairleadProblem && (codes.length === 0 || codes.includes(thrown.code))
}

/** The problem document of a failed answer, or one that says what came instead. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text()
  if (response.headers.get('content-type')?.includes('json')) {
    const body = parsed(text)
    if (body) return body
  }
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code: 'unavailable',
    detail: `The server answered ${response.status} ${response.statusText} without a problem document.`,
    hint: 'Is this the address of a Fairlead server? A proxy in front of it may have answered instead.',
    errors: [],
  }
}

function parsed(text: string): Problem | null {
  try {
    const body = JSON.parse(text) as Partial<Problem> | null
    return typeof body?.detail === 'string' && typeof body.code === 'string' ? (body as Problem) : null
  } catch {
    return null // announced as JSON, but none
  }
}
