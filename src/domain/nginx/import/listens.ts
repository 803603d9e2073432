/** Where a server of an operator's listens, and whether sites of ours would be found there. */

import type { Statement } from '../parse.ts'
import type { Listen } from '../place.ts'
import type { ForeignServer } from './config.ts'
import { type Obstacle, obstacle } from './obstacle.ts'

export interface ForeignListen {
  statement: Statement
  /** Null: a socket that is no address. */
  port: number | null
  /** Null: every address of the machine. */
  address: string | null
  isSecure: boolean
  isDefault: boolean
}

export interface Listens {
  listens: ForeignListen[]
  isPlain: boolean
  isSecure: boolean
}

const USUAL: Statement = { words: ['listen', '80'], block: null, file: '', line: 0 }

export function listensOf({ statements }: ForeignServer): Listens {
  const given = statements.filter(({ words: [name] }) => name === 'listen')
  const isAllSecure = statements.some(({ words: [name, value] }) => name === 'ssl' && value === 'on')
  const listens = (given.length === 0 ? [USUAL] : given).map((one) => listenOf(one, isAllSecure))
  return {
    listens,
    isPlain: listens.some(({ isSecure }) => !isSecure),
    isSecure: listens.some(({ isSecure }) => isSecure),
  }
}

function listenOf(statement: Statement, isAllSecure: boolean): ForeignListen {
  const [, first = '', ...more] = statement.words
  const [, bracketed, plain, port] = /^(?:(\[[^\]]*\])|([^:]*[^:\d][^:]*))?(?::?(\d+))?$/.exec(first) ?? []
  const host = (bracketed ?? plain ?? '').replace(/[[\]]/g, '')
  return {
    statement,
    port: first.startsWith('unix:') ? null : Number(port ?? 80),
    address: ['', '*', '0.0.0.0', '::'].includes(host) ? null : host,
    isSecure: isAllSecure || more.includes('ssl') || more.includes('quic'),
    isDefault: more.includes('default_server') || more.includes('default'),
  }
}

export interface OwnListens {
  listen: readonly Listen[]
  tlsListen: readonly Listen[]
}

/** Where it listens and sites of Fairlead do not. */
export function listenObstacles(listens: readonly ForeignListen[], own: OwnListens): Obstacle[] {
  return listens.flatMap(({ statement, port, isSecure }) => {
    const ours = (isSecure ? own.tlsListen : own.listen).map((one) => one.port)
    if (port !== null && ours.includes(port)) return []
    const key = isSecure ? 'gateway.nginx.tlsListen' : 'gateway.nginx.listen'
    return [
      obstacle(statement, {
        why: `sites of Fairlead do not answer there, but at port ${[...new Set(ours)].join(', ')}`,
        remedy: `Take the line out, or let them answer there too: fairlead setting set ${key}`,
      }),
    ]
  })
}

/** Listening at an exact address, others take visitors away who come by it. */
export function narrower(
  listens: readonly ForeignListen[],
  others: readonly ForeignListen[],
  own: OwnListens,
): Obstacle[] {
  const ours = [...own.listen, ...own.tlsListen]
  const hidden = (port: number, address: string) =>
    !ours.some((one) => one.port === port && one.address === address) &&
    listens.some((one) => one.port === port && (one.address === null || one.address === address))
  return others.flatMap(({ statement, port, address }) =>
    port !== null && address !== null && hidden(port, address)
      ? [
          obstacle(statement, {
            why: `another server listens at ${address} by itself, so that visitors who come by it would not find the site`,
            remedy: `Let it listen at all addresses (listen ${port};), or let sites answer there too: fairlead setting set gateway.nginx.listen`,
          }),
        ]
      : [],
  )
}
