/** Why a way in by a provider has failed: told on the page to which the browser is led back. */
import { Fault, type FaultCode } from '../../base/fault.ts'
import { ask, waiting } from './challenge.ts'
import type { FactorWorld } from './factors.ts'

interface Told {
  code: FaultCode
  message: string
  hint?: string | undefined
}

const asked = (holder: string) => ({ kind: 'sign-in-problem', text: '', holder }) as const

/** Remembers it for this browser: in an address anybody could write a problem for it. */
export function leaveProblem(
  world: FactorWorld,
  holder: string,
  { code, message, hint }: Pick<Fault, 'code' | 'message' | 'hint'>,
): void {
  ask(world, asked(holder), { code, message, hint } satisfies Told)
}

/** Null where nothing has failed within the last five minutes. */
export function problemLeft(world: FactorWorld, holder: string): Fault | null {
  const told = waiting<Told>(world, asked(holder))
  return told && new Fault(told.code, told.message, told.hint === undefined ? {} : { hint: told.hint })
}
