import type { RecordChange, RecordSet } from '../../src/domain/dns/records.ts'
import type { Standing } from '../../src/domain/dns/standing.ts'

/** Record sets of lines such as `docs.example.com 300 A 203.0.113.5`. */
export function zoneOfLines(lines: readonly string[]): RecordSet[] {
  const sets = new Map<string, RecordSet>()
  for (const line of lines) {
    const [name = '', ttl, type = '', ...words] = line.split(' ')
    const key = `${name} ${type}`
    const values = [...(sets.get(key)?.values ?? []), words.join(' ')].toSorted()
    sets.set(key, { name, type, ttlSeconds: Number(ttl), values })
  }
  return [...sets.values()]
}

/** The lines of record sets, sorted. */
export const linesOf = (sets: readonly RecordSet[]): string[] =>
  sets
    .flatMap(({ name, ttlSeconds, type, values }) =>
      values.map((value) => `${name} ${ttlSeconds} ${type} ${value}`),
    )
    .toSorted()

/** What a provider would read at each of the names. */
export const standingAt = (names: readonly string[], sets: readonly RecordSet[]): Standing =>
  new Map(names.map((name) => [name, sets.filter((set) => set.name === name)]))

/** Changes as lines: `- ` what goes, `+ ` what comes. */
export const changeLines = (changes: readonly RecordChange[]): string[] =>
  changes.flatMap(({ before, after }) => [
    ...linesOf(before ? [before] : []).map((line) => `- ${line}`),
    ...linesOf(after ? [after] : []).map((line) => `+ ${line}`),
  ])

/** A provider's part: refuses what is not as it was seen, and a CNAME that would not be alone. */
export function applied(sets: readonly RecordSet[], changes: readonly RecordChange[]): RecordSet[] {
  let zone = [...sets]
  for (const { name, type, before, after } of changes) {
    const now = zone.find((set) => set.name === name && set.type === type) ?? null
    if (JSON.stringify(now) !== JSON.stringify(before))
      throw new Error(`${name} ${type} is not as it was seen`)
    zone = zone.filter((set) => set !== now)
    if (after) zone.push(after)
  }
  for (const { name, type } of zone)
    if (
      type === 'CNAME' &&
      zone.filter((set) => set.name === name && !/^RRSIG|^NSEC/.test(set.type)).length > 1
    )
      throw new Error(`the CNAME at ${name} is not alone`)
  return zone
}
