/**
 * Password hashes: bcrypt, off the event loop and in a line of its own, so that a burst of sign-ins leaves the machine
 * to everybody else.
 */
import { availableParallelism } from 'node:os'
import { stopwatch } from './clock.ts'
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'
import { bcryptHash, bcryptVerify, commonPasswordsJson } from './platform.ts'
import { Slots } from './slots.ts'

const { bytes: MOST_BYTES, hashMs, leastCost, mostCost, waiting } = LIMITS.password
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
/** NFC makes at most four code units one; anything longer than this can't become short enough. */
const MOST_UNITS = 4 * MOST_BYTES

export interface PasswordsOptions {
  /** The cost of new hashes, instead of measuring what this machine does in a quarter of a second. */
  cost?: number
  /** Hashes at the same time. */
  parallel?: number
  waiting?: number
}

export class Passwords {
  private readonly slots: Slots
  /** Only ever rises, so that unknown and known accounts take the same time. */
  private cost: number | null
  private measured: Promise<number> | null = null

  constructor(options: PasswordsOptions = {}) {
    const parallel = options.parallel ?? threads(availableParallelism())
    const most = options.waiting ?? waiting
    const retryAfter = Math.ceil((most * hashMs) / parallel / 1000)
    this.slots = new Slots({ parallel, waiting: most, full: () => tooMany(retryAfter) })
    this.cost = options.cost ?? null
  }

  /** The hash of a password to keep. Throws `invalid` for one that bcrypt can't tell from another, `too_many_requests`. */
  async hash(password: string, signal?: AbortSignal): Promise<string> {
    const whole = readable(password)
    if (whole === null)
      throw new Fault('invalid', 'The password is empty, too long or holds control characters.', {
        hint: `Choose one of at most ${MOST_BYTES} bytes.`,
      })
    const cost = await this.currentCost()
    return await this.slots.run(() => bcryptHash(whole, cost), signal)
  }

  /**
   * Whether the password made the hash. A no takes the same time as `verifyNothing`. Throws `too_many_requests`, the
   * signal's reason when aborted while waiting, and `broken_data` for a hash that is none.
   */
  async verify(password: string, hash: string, signal?: AbortSignal): Promise<boolean> {
    const own = costOf(hash)
    const cost = await this.currentCost(own)
    const whole = readable(password)
    if (whole === null) return await this.verifyNothing(signal)
    return await this.slots.run(async () => {
      const isRight = await bcryptVerify(whole, hash)
      // Each cost is twice the work of the one before: these add up to one comparison at the current cost.
      const owed = isRight ? own : cost
      for (let missing = own; missing < owed; missing++) await compareInVain(missing)
      return isRight
    }, signal)
  }

  /** Takes the time of a comparison and says no: for accounts that do not exist or have no password. */
  async verifyNothing(signal?: AbortSignal): Promise<false> {
    const cost = await this.currentCost()
    return await this.slots.run(() => compareInVain(cost), signal)
  }

  /** Whether a hash that was just verified is weaker than new ones are. */
  needsRehash(hash: string): boolean {
    return this.cost !== null && costOf(hash) < this.cost
  }

  private async currentCost(seen = 0): Promise<number> {
    if (this.cost === null) {
      this.measured ??= measuredCost()
      this.cost ??= await this.measured
    }
    this.cost = Math.max(this.cost, seen)
    return this.cost
  }
}

const tooMany = (retryAfter: number): Fault =>
  new Fault('too_many_requests', 'Too many sign-ins wait for their turn already.', {
    hint: `Try again in ${retryAfter} s.`,
    extra: { retryAfter },
  })

/** Bun reads files on the same threads, of which there is one a core and at least three: one is left to the readers. */
const threads = (cores: number): number => (cores <= 2 ? cores : cores - 1)

/** The password as it is hashed (NFC); null for one that bcrypt would cut or can't tell from another. */
function readable(password: string): string | null {
  if (password.length > MOST_UNITS || !password.isWellFormed()) return null
  const whole = password.normalize('NFC')
  return whole === '' || Buffer.byteLength(whole) > MOST_BYTES || /\p{Cc}/u.test(whole) ? null : whole
}

function costOf(hash: string): number {
  const cost = Number(BCRYPT.exec(hash)?.[1])
  if (!(cost <= mostCost))
    throw new Fault('broken_data', 'A password hash in the database is damaged.', {
      hint: 'Give the account a new password with a reset link.',
    })
  return cost
}

const NOBODYS_SALT_AND_HASH = '.'.repeat(53)

async function compareInVain(cost: number): Promise<false> {
  await bcryptVerify('nobody', `$2b$${String(cost).padStart(2, '0')}$${NOBODYS_SALT_AND_HASH}`)
  return false
}

/** The quickest of three: whatever else runs meanwhile can only make it slower. */
async function measuredCost(): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 3; i++) {
    const taken = stopwatch()
    await compareInVain(leastCost)
    quickest = Math.min(quickest, taken())
  }
  return costFor(quickest)
}

/** The cost whose time is nearest to the wanted one, from the milliseconds that the least cost takes. */
export function costFor(leastCostMs: number): number {
  const more = Math.round(Math.log2(hashMs / leastCostMs))
  return Math.min(mostCost, Math.max(leastCost, leastCost + more))
}

/** Whether a password is among the most common ones, in whatever case. Keeps nothing in memory. */
export function isCommonPassword(password: string): boolean {
  const json = commonPasswordsJson()
  const entry = JSON.stringify(password.normalize('NFKC').toLowerCase())
  return json.includes(`,${entry}`) || json.indexOf(`[${entry}`) === 0
}
