/** Whom a refusal on its way out concerns. Kept beside the Fault, so that it can be no part of the answer. */
import type { Fault } from '../base/fault.ts'
import type { Actor } from '../domain/operation.ts'

const actors = new WeakMap<Fault, Actor>()
const hidden = new WeakSet<Fault>()

/** The credentials were somebody's: a revoked key, say. */
export function concerning(fault: Fault, actor: Actor): Fault {
  actors.set(fault, actor)
  return fault
}
export const actorOf = (fault: Fault): Actor | undefined => actors.get(fault)

/** The thing is there, but not for the caller. */
export function hiding(fault: Fault, isThere: boolean): Fault {
  if (isThere) hidden.add(fault)
  return fault
}
export const isHiding = (fault: Fault): boolean => hidden.has(fault)
