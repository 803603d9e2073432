/** What all servers of one host name come to. */
import type { RedirectStatus } from '../../host-site.ts'
import { redirectText } from '../../redirect-target.ts'
import type { ReadServer } from './found.ts'
import type { HostMove } from './moves.ts'
import type { Obstacle } from './obstacle.ts'
import type { ImportedHttps } from './unit.ts'

interface Answering extends ReadServer {
  hostnames: string[]
  isPlain: boolean
  isSecure: boolean
}

type Role =
  | { kind: 'content' }
  | { kind: 'redirect'; text: string; status: RedirectStatus; losesPath: boolean }
  | { kind: 'to-https' }
  | { kind: 'nothing' }

export interface NameParts {
  /** The server whose files answer. */
  content: ReadServer | null
  redirect: { text: string; status: RedirectStatus } | null
  https: ImportedHttps | null
}

interface Heard {
  notes: Set<string>
  obstacles: Obstacle[]
}

export function nameOf(hostname: string, group: readonly Answering[], heard: Heard): NameParts {
  const own = group.filter(({ hostnames }) => hostnames.includes(hostname))
  const plain = first(
    own.filter(({ isPlain }) => isPlain),
    hostname,
    heard,
  )
  const secure = first(
    own.filter(({ isSecure }) => isSecure),
    hostname,
    heard,
  )
  const answering = secure ?? plain
  if (answering === null) return NONE
  const refuse = (why: string, remedy: string): NameParts => {
    heard.obstacles.push(whole(answering.server, why, remedy))
    return NONE
  }
  if (secure?.role.kind === 'to-https')
    return refuse(`${hostname} leads to itself over HTTPS`, 'Write where it is to lead.')
  if (secure === null && plain?.role.kind === 'to-https')
    return refuse(
      `${hostname} leads to HTTPS, and no server here answers it there`,
      'Put its server for HTTPS where NGINX reads it, or take this one out.',
    )
  if (answering.role.kind === 'nothing')
    return refuse(`${hostname} answers with nothing`, 'Take the server out, or give it a root.')
  if (secure !== null && plain !== null && !agree(plain, secure))
    return refuse(
      `${hostname} answers with something else over plain HTTP than over HTTPS`,
      'Let plain HTTP lead to HTTPS, or answer with the same.',
    )
  const https = secure === null ? null : httpsOf(secure, plain)
  if (https === undefined)
    return refuse(`${hostname} has no certificate and key of its own`, 'Name both in its server.')
  const { role, server } = answering
  if (role.kind === 'redirect' && role.losesPath)
    heard.obstacles.push({
      ...whole(
        server,
        `${hostname} leads to ${role.text} whatever the path, and a redirect here keeps it`,
        'Leave that behind.',
      ),
      accept: 'paths',
    })
  return {
    content: role.kind === 'content' ? server : null,
    redirect: role.kind === 'redirect' ? { text: role.text, status: role.status } : null,
    https,
  }
}

const NONE: NameParts = { content: null, redirect: null, https: null }

interface Serving {
  server: Answering
  role: Role
}

/** NGINX takes the first server of a name. */
function first(own: readonly Answering[], hostname: string, { notes }: Heard): Serving | null {
  const [server, ...others] = own
  if (server === undefined) return null
  if (others.length > 0)
    notes.add(`${hostname} has several servers; NGINX takes the first, and so is it here.`)
  return { server, role: roleOf(hostname, server) }
}

function roleOf(hostname: string, server: Answering): Role {
  const move = server.moveOf.get(hostname) ?? server.move
  if (move !== null) return moved(hostname, move)
  return server.isNothing ? { kind: 'nothing' } : { kind: 'content' }
}

function moved(hostname: string, { hostname: to, scheme, port, status, losesPath }: HostMove): Role {
  if (to === null || to === hostname) return { kind: 'to-https' }
  return { kind: 'redirect', text: redirectText({ scheme, hostname: to, port }), status, losesPath }
}

/** Over plain HTTP the same as over HTTPS, or on the way there. */
function agree(plain: Serving, secure: Serving): boolean {
  if (plain.role.kind === 'to-https' || plain.role.kind === 'nothing') return true
  if (plain.role.kind === 'content' && secure.role.kind === 'content')
    return plain.server === secure.server || plain.server.root === secure.server.root
  if (plain.role.kind !== 'redirect' || secure.role.kind !== 'redirect') return false
  return bare(plain.role.text) === bare(secure.role.text)
}

const bare = (text: string): string => text.replace(/^https?:\/\//, '')

function httpsOf({ server }: Serving, plain: Serving | null): ImportedHttps | undefined {
  const { certificate, certificateKey } = server.certificate
  if (certificate === null || certificateKey === null) return undefined
  const isBoth = plain !== null && (plain.role.kind === 'content' || plain.role.kind === 'redirect')
  return { certificate, certificateKey, redirect: !isBoth, hsts: server.hsts }
}

const whole = ({ server }: Answering, why: string, remedy: string): Obstacle => ({
  file: server.file,
  line: server.line,
  directive: `server { … } (lines ${server.line} to ${server.lastLine})`,
  why,
  remedy,
  accept: null,
})
