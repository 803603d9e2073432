/** Sites of ours in the place of files of the operator's, or the other way round. */
import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Hostname, HostSite } from '../../domain/host-site.ts'
import type { MovedFile } from '../../ports/hosts.ts'
import type { Change } from './changes.ts'
import type { OperatorChange } from './operator.ts'

/** All or nothing. */
export interface Exchange {
  sites: { hostname: Hostname; site: HostSite | null }[]
  moves: MovedFile[]
}

/** Links make room, or are made where there will be some. */
export const withMoves = (changes: readonly Change[], moves: readonly MovedFile[]): Change[] => [
  ...changes.map((change): Change => (change.kind === 'link' ? { ...change, isMadeRoom: true } : change)),
  ...moves.map(({ path, to }): Change => ({ path, kind: 'move', content: null, to })),
]

/** What the operator's configuration says then: files go, or they come back when the sites go. */
export const operatorChangeOf = ({ sites, moves }: Exchange): OperatorChange => ({
  gone: new Set(moves.map(({ path }) => path)),
  come: sites.every(({ site }) => site === null) ? readableAt(moves) : [],
})

/** Where what comes can be read as long as it hasn't come. */
const readableAt = (moves: readonly MovedFile[]): string[] =>
  moves.flatMap(({ path, to }) => {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (!found?.isSymbolicLink()) return found ? [path] : []
    const target = resolve(dirname(to), readlinkSync(path))
    return [moves.find((other) => other.to === target)?.path ?? target]
  })
