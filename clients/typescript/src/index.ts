/** A typed client of Fairlead's HTTP API, without dependencies. */
import type { Fairlead } from './generated/operations.ts'
import { ROUTES, type RouteName } from './generated/routes.ts'
import { methodOf } from './method.ts'
import { type ClientOptions, Transport } from './transport.ts'

export type * from './generated/operations.ts'
export type { RouteName } from './generated/routes.ts'
export type * from './generated/types.ts'
export type { List, Log, Method, Page, StreamOptions } from './method.ts'
export { FairleadProblem, isProblem } from './problem.ts'
export type { Archive, CallOptions, ClientOptions, Reply } from './transport.ts'

/** The operations of a server, by noun and verb: `fairlead({server, key}).services.list()`. */
export function fairlead(options: ClientOptions = {}): Fairlead {
  const transport = new Transport(options)
  const root: Record<string, unknown> = {}
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const words = name.split('.').map(camelCase)
    const verb = words.pop() ?? ''
    let place = root
    for (const word of words) place = (place[word] ??= {}) as Record<string, unknown>
    place[verb] = Object.assign(methodOf(transport, name), place[verb])
  }
  return root as unknown as Fairlead
}

const camelCase = (word: string): string =>
  word.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
