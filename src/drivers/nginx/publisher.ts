import { nextTurn } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import type { Log } from '../../base/log.ts'
import { randomId } from '../../base/secrets.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import { SIZES } from '../../domain/nginx/http.ts'
import type { NginxPlace } from '../../domain/nginx/place.ts'
import type { Outcome } from './batches.ts'
import { type CandidateOptions, testAlone } from './candidate.ts'
import type { Change, Changes } from './changes.ts'
import type { OperatorConfig } from './operator.ts'
import { askReload, type Complaint, testConfig } from './program.ts'
import type { RunningNginx } from './running.ts'
import type { NginxSetup } from './settings.ts'
import type { SiteFolder, Wanted } from './site-folder.ts'
import { FirstText, siteText } from './text.ts'

/** What is wanted of one host name; null: nothing stands there. */
export interface Order {
  hostname: Hostname
  site: HostSite | null
  /** Over whatever stands there. */
  anyway?: true
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

/** An order and the text that it comes to, which is long in the making. */
type Draft = Order & Wanted

/** Drafts that can be carried out, and those that can't, each with its Fault. */
interface Sorted {
  good: Draft[]
  bad: Map<Hostname, unknown>
}

interface Placed {
  bad: Map<Hostname, unknown>
  generation: string | null
}

/**
 * The one writer of our NGINX files. A batch of orders is judged alone, written, tested together with everything else,
 * loaded, and seen to answer; otherwise what stood before stands again and answers. One batch at a time.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #first = new FirstText()
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
    const written = await this.#written(wanted)
    const done = (await this.#standsAlready(written.good)) ? null : await this.#publish(written.good)
    const bad = new Map([...written.bad, ...(done?.bad ?? [])])
    return {
      outcomes: orders.map(({ hostname }) => (bad.has(hostname) ? { fault: bad.get(hostname) } : null)),
      counts: done !== null,
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

  async #publish(drafts: readonly Draft[]): Promise<Pick<Sorted, 'bad'>> {
    this.#requireInclude()
    const alone = await this.#judgeAlone(drafts)
    const placed = await this.#place(alone.good)
    const isLess = alone.good.every(({ site }) => site === null)
    if (placed.generation !== null) await this.#load(placed.generation, isLess)
    return { bad: new Map([...alone.bad, ...placed.bad]) }
  }

  /** What a site comes to here. */
  textOf(hostname: Hostname, site: HostSite): string {
    return siteText(hostname, site, this.#options.place)
  }

  /** Those whose text can be made at all, and is in nobody's way. */
  async #written(orders: readonly Order[]): Promise<Sorted> {
    const { sites } = this.#options
    const sorted: Sorted = { good: [], bad: new Map() }
    for (const order of orders) {
      const { hostname, site, anyway } = order
      try {
        const text = site && this.textOf(hostname, site)
        sorted.good.push({
          ...order,
          text,
          ...(!anyway && { seen: await sites.ownText(hostname, text) }),
        })
      } catch (error) {
        sorted.bad.set(hostname, error)
      }
      await nextTurn()
    }
    return sorted
  }

  async #judgeAlone(drafts: readonly Draft[]): Promise<Sorted> {
    const complaint = await this.#complaintAlone(drafts)
    if (complaint === null) return { good: [...drafts], bad: new Map() }
    return await this.#sort(drafts, complaint, (half) => this.#judgeAlone(half))
  }

  async #complaintAlone(drafts: readonly Draft[]): Promise<Complaint | null> {
    const { place, candidate } = this.#options
    if (drafts.every(({ site }) => site === null)) return null
    const operator = { ...this.#operatorConfig(), http: new Map(), listens: [] }
    return await testAlone(
      async (privately) => {
        const there = { ...place, ...privately }
        const texts = [this.#first.of(there, randomId(), operator)]
        for (const { hostname, site } of drafts) {
          if (site !== null) texts.push(siteText(hostname, site, there))
          await nextTurn()
        }
        return texts
      },
      place,
      candidate,
    )
  }

  /** Writes and tests; what is good stands afterwards and is not kept yet. Without a generation nothing has to be loaded. */
  async #place(drafts: readonly Draft[]): Promise<Placed> {
    const generation = randomId()
    const bad: Placed['bad'] = new Map()
    if (drafts.length === 0) return { bad, generation: null }
    let refusal = await this.#attempt(drafts, generation)
    // What the operator has changed meanwhile may want another first file.
    if (refusal !== null && this.#lookAgain()) refusal = await this.#attempt(drafts, generation)
    if (refusal === null) return { bad, generation }
    await this.#requireSound()
    const sorted = await this.#sort(drafts, refusal, (half) => this.#judgeTogether(half))
    if (sorted.good.length === 0) return { bad: sorted.bad, generation: null }
    const last = await this.#attempt(sorted.good, generation)
    if (last === null) return { bad: sorted.bad, generation }
    for (const draft of sorted.good) sorted.bad.set(draft.hostname, refused(draft, last))
    return { bad: sorted.bad, generation: null }
  }

  /** Which NGINX takes beside everything else. None of them stands afterwards. */
  async #judgeTogether(drafts: readonly Draft[]): Promise<Sorted> {
    const refusal = await this.#attempt(drafts, randomId())
    if (refusal !== null) return await this.#sort(drafts, refusal, (half) => this.#judgeTogether(half))
    await this.#options.changes.restore()
    return { good: [...drafts], bad: new Map() }
  }

  /** Finds those that are refused among drafts that are refused together. */
  async #sort(
    drafts: readonly Draft[],
    refusal: Complaint | Fault,
    judge: (half: readonly Draft[]) => Promise<Sorted>,
  ): Promise<Sorted> {
    const [only, ...more] = drafts
    if (only && more.length === 0)
      return { good: [], bad: new Map([[only.hostname, refused(only, refusal)]]) }
    const middle = Math.ceil(drafts.length / 2)
    const first = await judge(drafts.slice(0, middle))
    const second = await judge(drafts.slice(middle))
    return { good: [...first.good, ...second.good], bad: new Map([...first.bad, ...second.bad]) }
  }

  /** Null: written, and NGINX has nothing against it. Otherwise what stood before stands again. */
  async #attempt(drafts: readonly Draft[], generation: string): Promise<Complaint | Fault | null> {
    const { changes, setup, commandMs, reached } = this.#options
    try {
      await changes.make(this.#changesOf(drafts, generation))
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

  #changesOf(drafts: readonly Draft[], generation: string): Change[] {
    const { sites, place } = this.#options
    return [
      ...drafts.flatMap((draft) => sites.changesOf(draft)),
      ...sites.changesOfFirst(this.#first.of(place, generation, this.#operatorConfig())),
    ]
  }

  async #standsAlready(drafts: readonly Draft[]): Promise<boolean> {
    const { changes, running } = this.#options
    const generation = this.#generation
    if (generation === null || (await changes.differ(this.#changesOf(drafts, generation)))) return false
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

  /** Without it NGINX would take no notice of what is written. */
  #requireInclude(): void {
    const isMissing = ({ httpBlock, include }: OperatorConfig) => httpBlock !== null && include === null
    if (!isMissing(this.#operatorConfig())) return
    this.#operator = null // it may have been added meanwhile
    if (!isMissing(this.#operatorConfig())) return
    const { enabled, config } = this.#options.setup
    throw new Fault('unavailable', `NGINX's configuration does not include the sites in ${enabled}.`, {
      hint: `Add inside http { } of ${config}: include ${enabled}/*.conf;`,
    })
  }

  /** `isLess`: sites are only taken away, which is done when nobody is there to answer for them. */
  async #load(generation: string, isLess: boolean): Promise<void> {
    const { changes, running, setup, commandMs, log, reached } = this.#options
    const reload = async () => {
      await askReload(setup.reload, commandMs)
      reached('reload asked')
    }
    try {
      if (isLess && (await running.isDown())) return await changes.keep()
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
    const before = this.#first.of(place, '', this.#operatorConfig())
    this.#operator = operatorConfig()
    return this.#first.of(place, '', this.#operator) !== before
  }
}

/** Why a draft can't stand, in NGINX's own words where it has some. */
function refused({ hostname }: Draft, refusal: Complaint | Fault): Fault {
  if (refusal instanceof Fault) return refusal
  const { line } = refusal
  const [size, wanted] = SIZES.find(([name]) => line.includes(name)) ?? []
  return new Fault('conflict', `NGINX refuses the site of ${hostname}: ${line}`, {
    hint: size
      ? `What the configuration sets is too small for it. Write ${size} ${wanted}; inside http { } where it is less, then try again.`
      : 'Nothing was changed. "fairlead doctor" says what NGINX lacks here.',
  })
}
