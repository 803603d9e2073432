import { Fault } from '../../base/fault.ts'
import type { Log } from '../../base/log.ts'
import { randomId } from '../../base/secrets.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { SIZES } from '../../domain/nginx/http.ts'
import type { NginxPlace } from '../../domain/nginx/place.ts'
import type { Outcome } from './batches.ts'
import { type CandidateOptions, testAlone } from './candidate.ts'
import type { Changes } from './changes.ts'
import type { OperatorConfig } from './operator.ts'
import { askReload, type Complaint, testConfig } from './program.ts'
import type { RunningNginx } from './running.ts'
import type { NginxSetup } from './settings.ts'
import type { SiteFolder } from './site-folder.ts'
import { firstText, siteText } from './text.ts'

/** What is wanted of one host name; null: nothing stands there. */
export interface Order {
  hostname: Hostname
  site: HostSite | null
}

export interface PublisherOptions {
  setup: NginxSetup
  place: NginxPlace
  candidate: CandidateOptions
  changes: Changes
  sites: SiteFolder
  running: RunningNginx
  operatorConfig: () => OperatorConfig
  commandMs: number
  log: Log
  reached: (step: string) => void
}

/** Orders that can be carried out, and those that can't, each with its Fault. */
interface Sorted {
  good: Order[]
  bad: Map<Hostname, unknown>
}

/**
 * The one writer of our NGINX files. A batch of orders is judged alone, written, tested together with everything else,
 * loaded, and seen to answer; otherwise what stood before stands again and answers. One batch at a time.
 */
export class Publisher {
  readonly #options: PublisherOptions
  #operator: OperatorConfig | null = null
  /** What the running server was last seen to answer by. */
  #generation: string | null = null

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  async work(orders: readonly Order[]): Promise<{ outcomes: Outcome[]; counts: boolean }> {
    // Something that could not be brought back when it failed.
    await this.#options.changes.restore()
    // Of two orders for one name the later one is what is wanted.
    const wanted = [...new Map(orders.map((order) => [order.hostname, order])).values()]
    const written = this.#written(wanted)
    const alone = await this.#judgeAlone(written.good)
    const placed = await this.#place(alone.good)
    if (placed.generation !== null) await this.#load(placed.generation)
    const bad = new Map([...written.bad, ...alone.bad, ...placed.bad])
    return {
      outcomes: orders.map(({ hostname }) => (bad.has(hostname) ? { fault: bad.get(hostname) } : null)),
      counts: placed.generation !== null,
    }
  }

  /** Brings back what stood before a change that an earlier process did not end, and has NGINX answer by it. */
  async recover(): Promise<void> {
    const { changes, sites, setup, commandMs, log } = this.#options
    await sites.sweep()
    if (!(await changes.restore())) return
    log.write('warn', 'An unfinished change of NGINX was taken back.')
    try {
      await askReload(setup.reload, commandMs)
    } catch (error) {
      // Whatever is wrong with NGINX, the next order meets it again and says so.
      log.write('warn', 'NGINX could not be told to reload.', { error })
    }
  }

  /** Those whose text can be made at all. */
  #written(orders: readonly Order[]): Sorted {
    const sorted: Sorted = { good: [], bad: new Map() }
    for (const order of orders)
      try {
        if (order.site !== null) siteText(order.hostname, order.site, this.#options.place)
        sorted.good.push(order)
      } catch (error) {
        sorted.bad.set(order.hostname, error)
      }
    return sorted
  }

  async #judgeAlone(orders: readonly Order[]): Promise<Sorted> {
    const complaint = await this.#complaintAlone(orders)
    if (complaint === null) return { good: [...orders], bad: new Map() }
    const [only, ...more] = orders
    if (only && more.length === 0)
      return { good: [], bad: new Map([[only.hostname, refused(only, complaint)]]) }
    return await halves(orders, (half) => this.#judgeAlone(half))
  }

  async #complaintAlone(orders: readonly Order[]): Promise<Complaint | null> {
    const { place, candidate } = this.#options
    if (orders.every(({ site }) => site === null)) return null
    const operator = { ...this.#operatorConfig(), http: new Map(), listens: [] }
    return await testAlone(
      (privately) => {
        const there = { ...place, ...privately }
        const texts = orders.flatMap(({ hostname, site }) =>
          site === null ? [] : [siteText(hostname, site, there)],
        )
        return [firstText(there, randomId(), operator), ...texts]
      },
      place,
      candidate,
    )
  }

  /** Writes and tests; what is good stands afterwards and is not kept yet. Without a generation nothing has to be loaded. */
  async #place(orders: readonly Order[]): Promise<Omit<Sorted, 'good'> & { generation: string | null }> {
    const bad = new Map<Hostname, unknown>()
    if (orders.length === 0 || (await this.#standsAlready(orders))) return { bad, generation: null }
    const generation = randomId()
    if ((await this.#attempt(orders, generation)) === null) return { bad, generation }
    // What the operator has changed meanwhile may want another first file.
    if (this.#lookAgain() && (await this.#attempt(orders, generation)) === null) return { bad, generation }
    await this.#requireSound()
    const sorted = await this.#sort(orders)
    if (sorted.good.length === 0) return { bad: sorted.bad, generation: null }
    const refusal = await this.#attempt(sorted.good, generation)
    if (refusal === null) return { bad: sorted.bad, generation }
    for (const order of sorted.good) sorted.bad.set(order.hostname, asFaultOf(order, refusal))
    return { bad: sorted.bad, generation: null }
  }

  /** Finds those that NGINX refuses among orders that it refuses together. Nothing stands afterwards. */
  async #sort(orders: readonly Order[]): Promise<Sorted> {
    const refusal = await this.#attempt(orders, randomId())
    if (refusal === null) {
      await this.#options.changes.restore()
      return { good: [...orders], bad: new Map() }
    }
    const [only, ...more] = orders
    if (only && more.length === 0)
      return { good: [], bad: new Map([[only.hostname, asFaultOf(only, refusal)]]) }
    return await halves(orders, (half) => this.#sort(half))
  }

  /** Null: written, and NGINX has nothing against it. Otherwise what stood before stands again. */
  async #attempt(orders: readonly Order[], generation: string): Promise<Complaint | Fault | null> {
    const { changes, setup, commandMs, reached } = this.#options
    try {
      await changes.make(this.#changesOf(orders, generation))
      const complaint = await testConfig(setup.test, commandMs)
      reached('tested')
      if (complaint === null) return null
      await changes.restore()
      return complaint
    } catch (error) {
      await changes.restore()
      if (error instanceof Fault && error.code === 'conflict') return error
      throw error
    }
  }

  #changesOf(orders: readonly Order[], generation: string) {
    const { sites, place } = this.#options
    return [
      ...orders.flatMap(({ hostname, site }) =>
        sites.changesOf(hostname, site && { site, text: siteText(hostname, site, place) }),
      ),
      ...sites.changesOfFirst(firstText(place, generation, this.#operatorConfig())),
    ]
  }

  async #standsAlready(orders: readonly Order[]): Promise<boolean> {
    const { changes, running } = this.#options
    const generation = this.#generation
    if (generation === null || (await changes.differ(this.#changesOf(orders, generation)))) return false
    return (await running.mark()) === generation
  }

  /** Throws when NGINX refuses what stands without any change of ours. */
  async #requireSound(): Promise<void> {
    const { sites, setup, commandMs } = this.#options
    const complaint = await testConfig(setup.test, commandMs)
    if (complaint === null) return
    const { file } = complaint
    const whose =
      file === null || sites.isOurs(file)
        ? 'Fairlead has changed nothing, so something else has.'
        : `${file} is not Fairlead's, and nothing was changed.`
    throw new Fault('conflict', `NGINX refuses its configuration as it is: ${complaint.line}`, {
      hint: `${whose} Mend it ("${setup.test.join(' ')}" tells the same), then try again.`,
    })
  }

  async #load(generation: string): Promise<void> {
    const { changes, running, setup, commandMs, log, reached } = this.#options
    const reload = async () => {
      await askReload(setup.reload, commandMs)
      reached('reload asked')
    }
    try {
      await running.reloaded(generation, reload)
      reached('answers')
    } catch (error) {
      await changes.restore()
      // It may be at work on the new one still; what it reads last counts.
      await reload().catch((cause: unknown) =>
        log.write('warn', 'NGINX could not be told to reload what stood before.', { error: cause }),
      )
      throw error
    }
    await changes.keep()
    this.#generation = generation
  }

  #operatorConfig(): OperatorConfig {
    this.#operator ??= this.#options.operatorConfig()
    return this.#operator
  }

  /** Whether the operator's configuration asks for another first file than it did. */
  #lookAgain(): boolean {
    const { place, operatorConfig } = this.#options
    const before = firstText(place, '', this.#operatorConfig())
    this.#operator = operatorConfig()
    return firstText(place, '', this.#operator) !== before
  }
}

async function halves(
  orders: readonly Order[],
  sort: (half: readonly Order[]) => Promise<Sorted>,
): Promise<Sorted> {
  const middle = Math.ceil(orders.length / 2)
  const first = await sort(orders.slice(0, middle))
  const second = await sort(orders.slice(middle))
  return { good: [...first.good, ...second.good], bad: new Map([...first.bad, ...second.bad]) }
}

const asFaultOf = (order: Order, refusal: Complaint | Fault): Fault =>
  refusal instanceof Fault ? refusal : refused(order, refusal)

function refused({ hostname }: Order, { line }: Complaint): Fault {
  const [size, wanted] = SIZES.find(([name]) => line.includes(name)) ?? []
  return new Fault('conflict', `NGINX refuses the site of ${hostname}: ${line}`, {
    hint: size
      ? `What the configuration sets is too small for it. Write ${size} ${wanted}; inside http { } where it is less, then try again.`
      : 'Nothing was changed. "fairlead doctor" says what NGINX lacks here.',
  })
}
