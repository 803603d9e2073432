import type { RecordChange, RecordSet, Zone } from '../domain/dns/records.ts'

export type { RecordChange, RecordSet, Zone } from '../domain/dns/records.ts'

/** Where a zone is answered authoritatively; one name may have several addresses, which are the same server. */
export interface NameServer {
  name: string
  address: string
  port: number
}

export interface DnsQuestion {
  name: string
  type: string
}

/**
 * The values of one name and type as this very server has them, spelled as in a RecordSet; empty: it says that there are
 * none; null: it doesn't answer, or not authoritatively. Of a proxied set the values are the provider's own.
 */
export type AskNameServer = (
  server: NameServer,
  question: DnsQuestion,
  signal: AbortSignal,
) => Promise<string[] | null>

/** Who holds zones. Bounded in time and retries; secrets never stand in a Fault. */
export interface DnsProvider {
  /** Whether changes reach the zone by themselves; false: a person makes them (`manual`). */
  readonly writes: boolean
  zones(signal: AbortSignal): Promise<Zone[]>
  /**
   * A wanted set as this provider keeps and shows it: values canonical, sorted, each once; a TTL and `proxied` where those
   * are the provider's to say. Plans compare such sets with what `sets` tells. Throws `invalid` for what it can't keep.
   */
  asKept(set: RecordSet): RecordSet
  /** Every record set at this very name. */
  sets(zone: Zone, name: string, signal: AbortSignal): Promise<RecordSet[]>
  /** Every record set of the zone, for finding strays; null where the provider can't tell. */
  all(zone: Zone, signal: AbortSignal): Promise<RecordSet[] | null>
  /**
   * Makes all changes, in one call where the provider takes them together. A set that already is what is wanted is fine
   * (twice is once); one that is neither that nor `before` throws `conflict` naming it, and nothing of it is written.
   * When the outcome of a call is unknown (a timeout), what stands is read back before it is tried again. Resolves when the
   * provider reads back what was wanted.
   */
  change(zone: Zone, changes: RecordChange[], signal: AbortSignal): Promise<void>
  /** Who has to answer the change before it counts; empty: nobody can be asked. */
  nameservers(zone: Zone, signal: AbortSignal): Promise<NameServer[]>
}
