/** How many certificates are asked for in an hour and at the same time: counted in rows, so that no restart begins anew. */

import { isoTime, pause } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { LIMITS } from '../../../base/limits.ts'
import { authorityLabel } from '../../../domain/authorities.ts'
import type { World } from '../../step.ts'
import { blockedUntil, requireUnblocked } from './at-authority.ts'

const HOUR_MS = 3_600_000

type Counted = Pick<World, 'store' | 'clock'>

export interface Turn {
  certificateId: string
  directoryUrl: string
  operationId: string
}

/** When the next order may be placed; now, or earlier, when it may. `most`: in an hour. */
export function nextTurnAt({ store, clock }: Counted, directoryUrl: string, most: number): number {
  const now = clock.now()
  // Those of a clock that was ahead count as just placed.
  const since = store.acmeOrders
    .since(directoryUrl, now - HOUR_MS)
    .map(({ orderedAt }) => Math.min(orderedAt, now))
  const counted = since.at(-most)
  return Math.max(
    counted === undefined ? 0 : counted + HOUR_MS,
    blockedUntil({ store, clock }, directoryUrl) ?? 0,
  )
}

export const hasFreeHand = ({ store }: Pick<World, 'store'>, directoryUrl: string): boolean =>
  store.acmeOrders.open(directoryUrl) < LIMITS.certificate.ordersAtOnce

/** Waits until an order may be placed, and notes it. One that was noted before has its turn. Throws `unavailable`. */
export async function takeTurn(world: Counted, turn: Turn, signal: AbortSignal): Promise<void> {
  const { turnMs, turnPauseMs, ordersPerHour } = LIMITS.certificate
  const began = world.clock.now()
  for (;;) {
    if (hasTaken(world, turn, ordersPerHour)) return
    requireUnblocked(world, turn.directoryUrl)
    const now = world.clock.now()
    const at = nextTurnAt(world, turn.directoryUrl, ordersPerHour)
    if (Math.max(at, now) - began > turnMs || now < began) throw tooMany(turn, at)
    await pause(world.clock, turnPauseMs, signal)
  }
}

function hasTaken(world: Counted, turn: Turn, most: number): boolean {
  const { store, clock } = world
  return store.tx(() => {
    if (store.acmeOrders.find(turn.certificateId) !== null) return true
    const now = clock.now()
    if (nextTurnAt(world, turn.directoryUrl, most) > now || !hasFreeHand(world, turn.directoryUrl))
      return false
    store.acmeOrders.create({ ...turn, now })
    return true
  })
}

const tooMany = ({ directoryUrl }: Turn, at: number): Fault =>
  new Fault(
    'unavailable',
    `${authorityLabel(directoryUrl)} is asked for so many certificates just now that there is no turn for this one.`,
    {
      hint: `At most ${LIMITS.certificate.ordersPerHour} are asked for in an hour, and ${LIMITS.certificate.ordersAtOnce} at the same time. Try again${at > 0 ? ` after ${isoTime(at)}` : ''}.`,
      ...(at > 0 && { extra: { retryAt: at } }),
    },
  )
