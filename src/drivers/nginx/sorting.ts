/** Which of several sites NGINX refuses, when it refuses them together. */
import type { Fault } from '../../base/fault.ts'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import type { Complaint } from './program.ts'
import { refusedSite } from './refusals.ts'
import type { Wanted } from './site-folder.ts'

/** What is wanted of one host name; null: nothing stands there. */
export interface Order {
  hostname: Hostname
  site: HostSite | null
  /** Over whatever stands there. */
  anyway?: true
}

/** An order and the text that it comes to, which is long in the making. */
export type Draft = Order & Wanted

/** Drafts that can be carried out, and those that can't, each with its Fault. */
export interface Sorted {
  good: Draft[]
  bad: Map<Hostname, unknown>
}

/** What NGINX has against drafts; null: nothing. */
export type Judge = (drafts: readonly Draft[]) => Promise<Complaint | Fault | null>

export async function sorted(drafts: readonly Draft[], judge: Judge): Promise<Sorted> {
  const refusal = await judge(drafts)
  if (refusal === null) return { good: [...drafts], bad: new Map() }
  return await sortedOut(drafts, refusal, judge)
}

/** Of drafts that are refused together. */
export async function sortedOut(
  drafts: readonly Draft[],
  refusal: Complaint | Fault,
  judge: Judge,
): Promise<Sorted> {
  const [only, ...more] = drafts
  if (only && more.length === 0)
    return { good: [], bad: new Map([[only.hostname, refusedSite(only.hostname, refusal)]]) }
  const middle = Math.ceil(drafts.length / 2)
  const first = await sorted(drafts.slice(0, middle), judge)
  const second = await sorted(drafts.slice(middle), judge)
  return { good: [...first.good, ...second.good], bad: new Map([...first.bad, ...second.bad]) }
}
