/** How users are named, made and shown on the command line. */
import { Fault, shown } from '../base/fault.ts'
import type { Grant, User } from '../contract/shapes/account.ts'
import type { Args, Run } from './command.ts'
import type { Output } from './output.ts'
import type { Server } from './server.ts'

export const USER = { name: 'USER', help: 'The login: an e-mail address, or the name of a machine' }

/** Flags that say which role, and where. */
export const ROLE_FLAGS = {
  role: { value: 'ROLE', help: 'A role, such as owner, admin, deployer or viewer' },
  service: { value: 'NAME', help: 'In this service only' },
  environment: { value: 'NAME', help: 'In this environment of the service only' },
} as const

export function wishedPlace(args: Args): { service?: string; environment?: string } {
  const [service, environment] = [args.optional('service'), args.optional('environment')]
  return { ...(service !== undefined && { service }), ...(environment !== undefined && { environment }) }
}

/** Throws `not_found`. */
export async function userNamed(server: Server, login: string): Promise<User> {
  const { value } = await server.client.call('users.list', { query: { login } })
  const [user] = value.items
  if (!user)
    throw new Fault('not_found', `There is no user "${shown(login, 60)}".`, {
      hint: 'Run "fairlead user list" to see the logins.',
    })
  return user
}

/** `deployer at web/staging`; a role without a place is one in the whole instance. */
export const grantText = ({ role, service, environment }: Pick<Grant, 'role' | 'service' | 'environment'>) =>
  service === null ? role : `${role} at ${service}${environment === null ? '' : `/${environment}`}`

export const userFacts = (output: Output, user: User): void =>
  output.facts(user, [
    ['login', user.login],
    ['name', user.name],
    ['id', user.id],
    ['kind', user.kind],
    ['state', user.disabled ? 'disabled' : 'enabled'],
    ...user.grants.map((grant): [string, string] => ['role', `${grantText(grant)}  (grant ${grant.id})`]),
    ['signs in by', factorsText(user) || (user.kind === 'machine' ? null : 'nothing yet')],
    ['last seen', output.time(user.lastSeenAt)],
    ['created', output.time(user.createdAt)],
  ])

const factorsText = ({ factors }: User): string =>
  [
    ...(factors.password ? ['password'] : []),
    ...(factors.totp ? ['authenticator app'] : []),
    ...(factors.passkeys > 0 ? ['passkey'] : []),
    ...(factors.identities > 0 ? ['identity provider'] : []),
  ].join(', ')

/** A new password: of standard input, or typed twice and not shown. Throws `usage`, `cancelled`. */
export async function newPassword({ context }: Run): Promise<string> {
  const first = await context.secret('New password: ')
  if (first === null || first.text === '')
    throw new Fault('usage', 'No password came.', {
      hint: 'Send it as one line of standard input, or run this on a terminal and type it.',
    })
  if (first.isTyped && (await context.secret('The same once more: '))?.text !== first.text)
    throw new Fault('cancelled', 'These were two different ones; nothing was changed.')
  return first.text
}

/** Asks before something is done that can't be taken back; without a terminal --yes must stand there. */
export async function requireYes({ context, args }: Run, question: string, word: string): Promise<void> {
  if (args.has('yes')) return
  const answer = await context.ask(`${question} Type ${word} to go on: `)
  if (answer === null)
    throw new Fault('usage', 'This asks first, and there is no terminal to ask on.', { hint: 'Say --yes.' })
  if (answer.trim() !== word)
    throw new Fault(
      'cancelled',
      `"${shown(answer.trim(), 60)}" is not what was asked for; nothing was changed.`,
    )
}
