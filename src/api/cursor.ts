/** The opaque cursors of lists: the list they belong to and the place in it. */
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { PageOf } from '../store/services.ts'

const Place = z.strictObject({
  list: z.string(),
  after: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
})

export const encodeCursor = (list: string, after: number): string =>
  Buffer.from(JSON.stringify({ list, after })).toString('base64url')

/** The number after which the page begins. Throws `invalid` for anything that this list did not answer. */
export function decodeCursor(list: string, cursor: string): number {
  const place = Place.safeParse(jsonOf(cursor))
  if (place.success && place.data.list === list) return place.data.after
  throw new Fault('invalid', 'The cursor is not one of this list.', {
    hint: 'Send the "next" of the page before as it came, or leave it out to begin at the first page.',
    errors: [{ field: 'cursor', message: 'is not a cursor of this list' }],
  })
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return null // refused by the schema
  }
}

export interface PageQuery {
  limit: number
  cursor?: string | undefined
}

export interface ListOf<Row> {
  list: string
  query: PageQuery
  rows: (place: { limit: number; after: number | null }) => Row[]
  /** The number that a cursor remembers of the last row of a page. */
  numberOf: (row: Row) => number
  /** Whether a row is for this reader; the others are not there. */
  passes?: (row: Row) => boolean
}

/** One page of rows and the cursor of the next; one row more is read to know whether there is one. */
export function pageOf<Row>(given: ListOf<Row>): {
  rows: Row[]
  next: string | null
} {
  const { list, query, numberOf } = given
  const after = query.cursor === undefined ? null : decodeCursor(list, query.cursor)
  const found = passing(given, { limit: query.limit + 1, after })
  const shown = found.slice(0, query.limit)
  const last = shown.at(-1)
  return {
    rows: shown,
    next: found.length > query.limit && last !== undefined ? encodeCursor(list, numberOf(last)) : null,
  }
}

const READ_AT_ONCE_ROWS = 200

/** The rows that pass, read further until there are enough. */
function passing<Row>({ rows, numberOf, passes }: ListOf<Row>, { limit, after }: PageOf): Row[] {
  if (!passes) return rows({ limit, after })
  const found: Row[] = []
  for (let from = after; ; ) {
    const batch = rows({ limit: READ_AT_ONCE_ROWS, after: from })
    for (const row of batch) if (passes(row) && found.push(row) === limit) return found
    const last = batch.at(-1)
    if (!last || batch.length < READ_AT_ONCE_ROWS) return found
    from = numberOf(last)
  }
}
