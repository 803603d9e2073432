/** Whom a refusal on its way out concerns. Kept beside the Fault, so that it can be no part of the answer. */
import { sourceOf } from '../base/addresses.ts'
import { type Fault, shown } from '../base/fault.ts'
import type { Actor } from '../domain/operation.ts'
import type { Refusals } from '../engine/refusals.ts'

const actors = new WeakMap<Fault, Actor>()
const hidden = new WeakSet<Fault>()

/** The credentials were somebody's: a revoked key, say. */
export function concerning(fault: Fault, actor: Actor): Fault {
  actors.set(fault, actor)
  return fault
}

/** The thing is there, but not for the caller. */
export function hiding(fault: Fault, isThere: boolean): Fault {
  if (isThere) hidden.add(fault)
  return fault
}

export interface Refused {
  /** The row of the table, or the path of a place outside of it. */
  route: string
  params?: Record<string, string>
  address: string
  /** Null: nobody has said who asks. */
  actor: Actor | null
}

/** For the audit: what a known actor was refused, and how often strangers were. Other faults are no refusals. */
export function noteRefusal(
  refusals: Refusals,
  fault: Fault,
  { route, params = {}, ...from }: Refused,
): void {
  const isRefusal = ['unauthenticated', 'forbidden', 'misdirected'].includes(fault.code)
  if (!isRefusal && !hidden.has(fault)) return
  const actor = from.actor ?? actors.get(fault)
  if (!actor) return refusals.ofStranger(sourceOf(from.address))
  const { permission } = fault.extra
  const named = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, shown(value, 80)]))
  refusals.ofActor(actor, {
    route,
    code: fault.code,
    ...(typeof permission === 'string' && { permission }),
    ...named,
  })
}
