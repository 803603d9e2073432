/** The one way in which drivers change anything: look, act, and look again until what was wanted stands. */
import { type Clock, pause } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { type RecordChange, type RecordSet, sameSet } from '../../domain/dns/records.ts'
import { described, keyOf } from './record-set.ts'

/** It is not known whether a request was carried out, or it failed in passing: look what stands, perhaps try again. */
export class Unclear extends Error {
  override readonly name = 'Unclear'
  /** What is wrong if it stays so. */
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault.message, { cause: fault })
    this.fault = fault
  }
}

export interface Convergence {
  zone: string
  /** Canonical, see `canonicalChanges`. */
  changes: readonly RecordChange[]
  /** What stands now at the names that are to be changed: at least of the types in `changes`, CNAME, and all beside a CNAME. */
  look: () => Promise<RecordSet[]>
  /** Makes these changes, of which each `before` stands there. Throws Unclear, or a Fault that ends it. */
  act: (todo: RecordChange[]) => Promise<void>
  clock: Clock
  signal: AbortSignal
}

/** Resolves when the provider shows what is wanted. Throws `conflict`, and what `act` throws. */
export async function converge({ zone, changes, look, act, clock, signal }: Convergence): Promise<void> {
  let isMade = false
  let last = new Fault('unavailable', `The zone ${zone} took a change and does not show it.`, {
    hint: 'Look there whether something puts the records back.',
  })
  for (let attempt = 1; attempt <= LIMITS.dnsExchange.attempts; attempt++) {
    const todo = stillToDo(changes, await look())
    if (todo.length === 0) return
    try {
      if (!isMade) await act(todo)
      else await pause(clock, LIMITS.dnsExchange.pauseMs * attempt, signal)
      isMade = true
    } catch (thrown) {
      signal.throwIfAborted()
      if (!(thrown instanceof Unclear)) throw thrown
      last = thrown.fault
      await pause(clock, LIMITS.dnsExchange.pauseMs * attempt, signal)
    }
  }
  if (stillToDo(changes, await look()).length > 0) throw last
}

/** Throws `conflict` when something stands there that is neither what was seen nor what is wanted, or that forbids it. */
function stillToDo(changes: readonly RecordChange[], seen: readonly RecordSet[]): RecordChange[] {
  const standing = new Map(seen.map((set) => [keyOf(set), set]))
  const todo = changes.filter((change) => {
    const now = standing.get(keyOf(change)) ?? null
    if (sameSet(now, change.after)) return false
    if (sameSet(now, change.before)) return true
    throw conflict(change, now)
  })
  // What is made in one call is made together: a part that stands alone was made by somebody else.
  const alone = changes.find((change) => change.after && !todo.includes(change) && !isKept(change))
  if (alone && todo.some(({ after }) => after)) throw conflict(alone, standing.get(keyOf(alone)) ?? null)
  for (const { name, type, after } of todo) {
    if (after) standing.set(keyOf(after), after)
    else standing.delete(keyOf({ name, type }))
  }
  for (const { after } of todo) if (after) requireAlone(after, [...standing.values()])
  return todo
}

const isKept = ({ before, after }: RecordChange): boolean => sameSet(before, after)

/** Beside a CNAME stands nothing (RFC 1034 §3.6.2): servers drop one of both, some without a word. */
function requireAlone(set: RecordSet, standing: readonly RecordSet[]): void {
  const others = standing.filter(({ name, type }) => name === set.name && type !== set.type)
  const [beside] = set.type === 'CNAME' ? others : others.filter(({ type }) => type === 'CNAME')
  if (beside)
    throw new Fault(
      'conflict',
      `At ${set.name} stands ${described(beside)}, beside which no ${set.type} can be.`,
      {
        hint: 'A CNAME is the only record of its name. Choose another name, or see whether the other record may go.',
      },
    )
}

const conflict = ({ name, type, before }: RecordChange, now: RecordSet | null): Fault =>
  new Fault('conflict', `At ${name} stands ${described(now)}, where ${described(before)} was expected.`, {
    hint: `Somebody else has changed the ${type} record. It was left alone; look whether it may go, then try again.`,
  })
