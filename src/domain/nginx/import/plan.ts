/** What of an operator's configuration becomes sites of Fairlead, and what keeps the rest from it. */

import { Fault } from '../../../base/fault.ts'
import { canonicalHostname } from '../../hostname.ts'
import { besidesServers, type ForeignConfig, type ForeignServer, serversOf, textOf } from './config.ts'
import type { ReadServer } from './found.ts'
import { type ForeignListen, listenObstacles, listensOf, narrower, type OwnListens } from './listens.ts'
import { type NameParts, nameOf } from './names.ts'
import { type Obstacle, obstacle } from './obstacle.ts'
import { readServer } from './server.ts'
import { serviceName, siteOf } from './sites.ts'
import type { ImportedName, ImportedSite, ImportPlan, ImportUnit } from './unit.ts'

export interface ImportOptions {
  listens: OwnListens
  /** What relative paths begin at. */
  prefix: string
}

interface Read extends ReadServer {
  listens: ForeignListen[]
  isPlain: boolean
  isSecure: boolean
  hostnames: string[]
  isCatchAll: boolean
  hasOddNames: boolean
}

export function planImport(config: ForeignConfig, options: ImportOptions): ImportPlan {
  const servers = serversOf(config).map((server) => read(server, options))
  const groups = grouped(servers)
  const named = groups.filter((group) => group.some(({ hostnames }) => hostnames.length > 0))
  const files = new Set(named.flat().map(({ server }) => server.file))
  const unnamed = groups.flat().filter(({ server }) => !files.has(server.file))
  const taken = new Set<string>()
  const units = named.map((group) => unitOf(group, { servers, config, options, taken }))
  return {
    units: units.map((unit) => withServices(unit, { units, taken })),
    leftAlone: [...new Set(unnamed.map(({ server }) => server.file))],
    unread: config.unread,
  }
}

function read(server: ForeignServer, { prefix }: ImportOptions): Read {
  const found = readServer(server, prefix)
  const hostnames = new Set<string>()
  let [isCatchAll, hasOddNames] = [server.names.length === 0, false]
  for (const name of server.names) {
    const canonical = canonicalsOf(name)
    if (canonical !== null) for (const one of canonical) hostnames.add(one)
    else if (isForNobody(name)) isCatchAll = true
    else {
      hasOddNames = true
      found.obstacles.push(obstacle(namedIn(server, name), oddName(name)))
    }
  }
  return { ...found, ...listensOf(server), hostnames: [...hostnames], isCatchAll, hasOddNames }
}

const namedIn = ({ statements, file, line }: ForeignServer, name: string) =>
  statements.find(({ words }) => words[0] === 'server_name' && words.includes(name)) ?? {
    words: ['server_name', name],
    block: null,
    file,
    line,
  }

const isForNobody = (name: string): boolean => ['_', '', '-', 'localhost'].includes(name)

const oddName = (name: string) => ({
  why: name.startsWith('~')
    ? `${name} is a regular expression, and Fairlead's URLs are names`
    : `${name} is no name that a URL can have`,
  remedy: name.endsWith('.*') || name.startsWith('~') ? 'Write the names that it means.' : 'Take it out.',
})

/** `.example.com` is the name itself and all below it. Null: it is no name of a URL. */
function canonicalsOf(name: string): string[] | null {
  if (name.startsWith('~') || name.endsWith('.*')) return null
  const names = name.startsWith('.') ? [name.slice(1), `*${name}`] : [name]
  try {
    return names.map((one) => canonicalHostname(one).hostname)
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

/** Servers whose files share a name, directly or by way of others. */
function grouped(servers: readonly Read[]): Read[][] {
  const groups: { keys: Set<string>; servers: Read[] }[] = []
  for (const one of servers) {
    const keys = new Set([`file ${one.server.file}`, ...one.hostnames])
    const near = groups.filter((group) => !group.keys.isDisjointFrom(keys))
    const [first = { keys: new Set<string>(), servers: [] }, ...others] = near
    for (const other of others) {
      for (const key of other.keys) first.keys.add(key)
      first.servers.push(...other.servers)
      groups.splice(groups.indexOf(other), 1)
    }
    for (const key of keys) first.keys.add(key)
    first.servers.push(one)
    if (near.length === 0) groups.push(first)
  }
  return groups.map((group) => group.servers)
}

interface Around {
  servers: readonly Read[]
  config: ForeignConfig
  options: ImportOptions
  /** Names of services so far. */
  taken: Set<string>
}

function unitOf(group: readonly Read[], { servers, config, options, taken }: Around): ImportUnit {
  const files = [...new Set(group.map(({ server }) => server.file))]
  const others = servers.filter((one) => !group.includes(one)).flatMap(({ listens }) => listens)
  const notes = new Set(group.flatMap((one) => [...one.notes]))
  const inFiles = files.flatMap((file) => fileObstacles(config, file))
  const obstacles = [
    ...inFiles,
    ...group.flatMap((one) => [
      ...one.obstacles,
      ...listenObstacles(one.listens, options.listens),
      ...catchAll(one),
    ]),
    ...narrower(
      group.flatMap(({ listens }) => listens),
      others,
      options.listens,
    ),
  ]
  const named = new Map<string, NameParts>()
  for (const hostname of new Set(group.flatMap(({ hostnames }) => hostnames)))
    named.set(hostname, nameOf(hostname, group, { notes, obstacles }))
  const sites: ImportedSite[] = []
  const names = [...named].flatMap(([hostname, parts]): ImportedName[] => {
    if (parts.content === null) return []
    const site = siteOf(parts.content, { hostname, sites, taken, notes, obstacles })
    return [
      {
        hostname,
        kind: 'site',
        redirectTo: null,
        redirectStatus: null,
        https: parts.https,
        service: site.service,
      },
    ]
  })
  for (const [hostname, { redirect, https }] of named) {
    if (redirect === null) continue
    names.push({
      hostname,
      kind: 'redirect',
      redirectTo: redirect.text,
      redirectStatus: redirect.status,
      https,
      service: '',
    })
  }
  const hasCatchAll = group.some((one) => one.isCatchAll)
  return {
    files,
    isWhole: inFiles.length === 0 && !group.some((one) => one.hasOddNames),
    hostnames: [...named.keys()],
    sites,
    names,
    hasCatchAll,
    notes: [...notes],
    obstacles: unlike(obstacles),
  }
}

/** A redirect belongs to the site that it leads to, else to one service with those of its file. */
function withServices(
  unit: ImportUnit,
  { units, taken }: { units: readonly ImportUnit[]; taken: Set<string> },
) {
  const sites = units.flatMap(({ names }) => names.filter(({ kind }) => kind === 'site'))
  let alone: string | null = null
  const names = unit.names.map((name): ImportedName => {
    if (name.service !== '') return name
    const target = (name.redirectTo ?? '').replace(/^https?:\/\//, '').replace(/:\d+$/, '')
    const known = sites.find(({ hostname }) => hostname === target)?.service
    if (known === undefined) alone ??= serviceName(name.hostname, taken)
    return { ...name, service: known ?? alone ?? '' }
  })
  return { ...unit, names }
}

const unlike = (obstacles: readonly Obstacle[]): Obstacle[] => [
  ...new Map(obstacles.map((one) => [JSON.stringify([one.file, one.line, one.why]), one])).values(),
]

/** What keeps a file from going as a whole. */
function fileObstacles(config: ForeignConfig, path: string): Obstacle[] {
  const file = config.files.find((one) => one.path === path)
  const whole = (why: string, remedy: string, line = 1): Obstacle => ({
    file: path,
    line,
    directive: 'server { … }',
    why,
    remedy,
    accept: null,
  })
  const besides = besidesServers(config, path)
  if (file === undefined)
    return [
      whole(
        'it stands in the main file of NGINX, which stays',
        'Put it into a file of its own in the folder of enabled sites, and reload NGINX.',
      ),
    ]
  if (!file.isByPattern || file.times > 1)
    return [
      whole(
        file.times > 1
          ? 'several lines of include name this file'
          : 'a line of include names this very file, so that NGINX would miss it',
        'Include the folder by a pattern (sites-enabled/*), and reload NGINX.',
      ),
    ]
  return besides.map((statement) =>
    whole(
      `it also says "${textOf(statement)}" for all servers, which others may need`,
      'Put that line into a file of its own (conf.d), and reload NGINX.',
      statement.line,
    ),
  )
}

/** A server for names that nobody has. */
function catchAll({
  isCatchAll,
  hostnames,
  server,
  listens,
  root,
  tried,
  move,
  isNothing,
}: Read): Obstacle[] {
  const first = listens.find(({ isDefault }) => isDefault)
  const isHarmless = move !== null || isNothing || root !== null || tried !== null
  const gone = {
    why: 'it also answers for names that nobody has, and Fairlead answers those with a neutral page',
    remedy: 'Leave that behind, or put it into a file of its own.',
    accept: 'catch-all',
  } as const
  if (isCatchAll && hostnames.length === 0)
    return [
      {
        file: server.file,
        line: server.line,
        directive: `server { … } (lines ${server.line} to ${server.lastLine})`,
        why: gone.why,
        remedy: gone.remedy,
        accept: isHarmless ? 'catch-all' : null,
      },
    ]
  return first ? [obstacle(first.statement, gone)] : []
}
