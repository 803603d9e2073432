import { nextTurn } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { randomId } from '../../base/secrets.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import type { Outcome } from './batches.ts'
import { testAlone } from './candidate.ts'
import { type Change, changedByHand } from './changes.ts'
import { type Exchange, operatorChangeOf, withMoves } from './exchange.ts'
import type { OperatorConfig } from './operator.ts'
import type { Complaint } from './program.ts'
import type { PublisherOptions } from './publishing.ts'
import { notIncluded, refusedAsItIs, refusedSite, requireTls } from './refusals.ts'
import { type Draft, type Order, type Sorted, sorted, sortedOut } from './sorting.ts'
import { FirstText, siteText } from './text.ts'

/**
 * The one writer of our NGINX files. A batch of orders is judged alone, written, tested together with everything else,
 * loaded, and seen to answer; otherwise what stood before stands again and answers. One batch at a time.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #first = new FirstText()
  #operator: OperatorConfig | null = null
  /** What every worker of the running server was last seen to answer by; null: not known. */
  #generation: string | null = null

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  async work(orders: readonly Order[]): Promise<{ outcomes: Outcome[]; counts: boolean }> {
    // Something that could not be brought back when it failed.
    await this.#options.changes.restore()
    await this.#options.secured.look()
    // Of two orders for one name the later one is what is wanted.
    const wanted = [...new Map(orders.map((order) => [order.hostname, order])).values()]
    const written = await this.#written(wanted)
    const done = await this.#published(written.good)
    const bad = new Map([...written.bad, ...(done?.bad ?? [])])
    return {
      outcomes: orders.map(({ hostname }) => (bad.has(hostname) ? { fault: bad.get(hostname) } : null)),
      counts: done !== null,
    }
  }

  /** Null: it stood already. */
  async #published(drafts: readonly Draft[]): Promise<Pick<Sorted, 'bad'> | null> {
    const { first, changes, sites } = this.#options
    // It is written with every site that changes.
    const { isByHand, file } = await first.look()
    if (!isByHand) return (await this.#standsAlready(drafts)) ? null : await this.#publish(drafts)
    const differ = await Promise.all(drafts.map((draft) => changes.differ(sites.changesOf(draft))))
    const fault = changedByHand(file)
    return { bad: new Map(drafts.filter((_, at) => differ[at]).map(({ hostname }) => [hostname, fault])) }
  }

  /** Sites and files of the operator's change together, or nothing does. */
  async exchange(exchange: Exchange): Promise<void> {
    const { sites, moves } = exchange
    const { changes, commands, first, secured, operatorConfig } = this.#options
    await changes.restore()
    const [{ isByHand, file }] = await Promise.all([first.look(), secured.look()])
    if (isByHand) throw changedByHand(file)
    const { good, bad } = await this.#written(sites)
    for (const fault of bad.values()) throw fault
    this.#requireInclude()
    const [{ hostname: name } = { hostname: '' }] = sites
    const own = withMoves(
      good.flatMap((draft) => this.#options.sites.changesOf(draft)),
      moves,
    )
    // What never came has nothing to give back, whatever NGINX thinks of the rest.
    if (sites.every(({ site }) => site === null) && !(await changes.differ(own))) return
    const alone = await this.#complaintAlone(good)
    if (alone !== null) throw refusedSite(name, alone)
    const generation = randomId()
    this.#operator = operatorConfig(operatorChangeOf(exchange))
    try {
      const refusal = await this.#attempt(withMoves(this.#changesOf(good, generation), moves))
      const asItIs = refusal === null ? null : await commands.test()
      if (asItIs !== null) throw this.#asItIs(asItIs)
      if (refusal !== null) throw refusedSite(name, refusal)
      await this.#load(generation, false)
      for (const { hostname, text } of good) secured.note(hostname, text)
    } finally {
      this.#operator = null // what it says has changed with the files
    }
  }

  /** Brings back what stood before a change that an earlier process did not end, and has NGINX answer by it. */
  async recover(): Promise<void> {
    const { changes, sites, log } = this.#options
    await sites.sweep()
    if (!(await changes.restore())) return
    log.write('warn', 'An unfinished change of NGINX was taken back.')
    try {
      await this.#options.commands.reload()
    } catch (error) {
      // Whatever is wrong with NGINX, the next order meets it again and says so.
      log.write('warn', 'NGINX could not be told to reload.', { error })
    }
  }

  /** Writes the file of what all sites share anew, whatever somebody has made of it. */
  async restoreFirst(): Promise<void> {
    const { first, changes, secured } = this.#options
    await changes.restore()
    await Promise.all([first.look(), secured.look()])
    this.#operator = null
    const generation = randomId()
    const refusal = await this.#attempt(this.#changesOf([], generation, true))
    if (refusal !== null) throw this.#asItIs(refusal)
    await this.#load(generation, false)
  }

  async #publish(drafts: readonly Draft[]): Promise<Pick<Sorted, 'bad'>> {
    this.#requireInclude()
    const alone = await sorted(drafts, (some) => this.#complaintAlone(some))
    const placed = await this.#place(alone.good)
    const isLess = alone.good.every(({ site }) => site === null)
    if (placed.generation !== null) {
      await this.#load(placed.generation, isLess)
      for (const { hostname, text } of alone.good)
        if (!placed.bad.has(hostname)) this.#options.secured.note(hostname, text)
    }
    return { bad: new Map([...alone.bad, ...placed.bad]) }
  }

  /** What a site comes to here. */
  textOf(hostname: Hostname, site: HostSite): string {
    return siteText(hostname, site, this.#options.place)
  }

  /** Those whose text can be made at all, and is in nobody's way. */
  async #written(orders: readonly Order[]): Promise<Sorted> {
    const { sites } = this.#options
    const made: Sorted = { good: [], bad: new Map() }
    for (const order of orders) {
      const { hostname, site, anyway } = order
      try {
        requireTls(hostname, site, this.#options.place)
        const text = site && this.textOf(hostname, site)
        made.good.push({
          ...order,
          text,
          ...(!anyway && { seen: await sites.ownText(hostname, text) }),
        })
      } catch (error) {
        made.bad.set(hostname, error)
      }
      await nextTurn()
    }
    return made
  }

  async #complaintAlone(drafts: readonly Draft[]): Promise<Complaint | null> {
    const { place, candidate } = this.#options
    if (drafts.every(({ site }) => site === null)) return null
    const operator = { ...this.#operatorConfig(), http: new Map(), listens: [] }
    const { secured } = this.#options
    const more = { operator, isSecured: secured.any(drafts), refused: secured.refused(drafts) }
    await this.#options.commands.mend()
    return await testAlone(
      async (privately) => {
        const there = { ...place, ...privately }
        const texts = [this.#first.of(there, randomId(), more)]
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
  async #place(drafts: readonly Draft[]): Promise<Pick<Sorted, 'bad'> & { generation: string | null }> {
    const generation = randomId()
    const bad: Sorted['bad'] = new Map()
    if (drafts.length === 0) return { bad, generation: null }
    let refusal = await this.#attempt(this.#changesOf(drafts, generation))
    // What the operator has changed meanwhile may want another first file.
    if (refusal !== null && this.#lookAgain())
      refusal = await this.#attempt(this.#changesOf(drafts, generation))
    if (refusal === null) return { bad, generation }
    const unsound = await this.#options.commands.test()
    if (unsound !== null) throw this.#asItIs(unsound)
    const found = await sortedOut(drafts, refusal, (some) => this.#complaintTogether(some))
    if (found.good.length === 0) return { bad: found.bad, generation: null }
    const last = await this.#attempt(this.#changesOf(found.good, generation))
    if (last === null) return { bad: found.bad, generation }
    for (const draft of found.good) found.bad.set(draft.hostname, refusedSite(draft.hostname, last))
    return { bad: found.bad, generation: null }
  }

  /** What NGINX has against some beside everything else. None of them stands afterwards. */
  async #complaintTogether(drafts: readonly Draft[]): Promise<Complaint | Fault | null> {
    const refusal = await this.#attempt(this.#changesOf(drafts, randomId()))
    if (refusal === null) await this.#options.changes.restore()
    return refusal
  }

  /** Null: written, and NGINX has nothing against it. Otherwise what stood before stands again. */
  async #attempt(wanted: readonly Change[]): Promise<Complaint | Fault | null> {
    const { changes, reached } = this.#options
    try {
      await changes.make(wanted)
      const complaint = await this.#options.commands.test()
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

  /** `anyway`: whatever somebody has made of the file that all share. */
  #changesOf(drafts: readonly Draft[], generation: string, anyway = false): Change[] {
    const { first, sites, place, secured } = this.#options
    const operator = this.#operatorConfig()
    const more = { operator, isSecured: secured.any(drafts), refused: secured.refused(drafts) }
    return [
      ...drafts.flatMap((draft) => sites.changesOf(draft)),
      ...first.changesOf(this.#first.of(place, generation, more), anyway),
    ]
  }

  async #standsAlready(drafts: readonly Draft[]): Promise<boolean> {
    const { changes, running } = this.#options
    const generation = this.#generation
    if (generation === null || (await changes.differ(this.#changesOf(drafts, generation)))) return false
    return (await running.mark()) === generation
  }

  /** NGINX refuses what stands without any change of ours. */
  #asItIs(complaint: Complaint | Fault): Fault {
    if (complaint instanceof Fault) return complaint
    const { sites, setup } = this.#options
    return refusedAsItIs(complaint, { test: setup.test, isOurs: (file) => sites.isOurs(file) })
  }

  /** Without it NGINX would take no notice of what is written. */
  #requireInclude(): void {
    const isMissing = ({ httpBlock, include }: OperatorConfig) => httpBlock !== null && include === null
    if (!isMissing(this.#operatorConfig())) return
    this.#operator = null // it may have been added meanwhile
    if (!isMissing(this.#operatorConfig())) return
    throw notIncluded(this.#options.setup)
  }

  /** `isLess`: sites are only taken away, which is done when nobody is there to answer for them. */
  async #load(generation: string, isLess: boolean): Promise<void> {
    const { changes, running, log, reached } = this.#options
    const reload = async () => {
      await this.#options.commands.reload()
      reached('reload asked')
    }
    // Should it fail, some may answer by what failed and some by what stood before.
    this.#generation = null
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
    const more = { isSecured: true, refused: [] }
    const first = () => this.#first.of(place, '', { operator: this.#operatorConfig(), ...more })
    const before = first()
    this.#operator = operatorConfig()
    return first() !== before
  }
}
