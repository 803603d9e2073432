import { Fault } from '../../base/fault.ts'
import { ApiProblem } from '../../contract/client.ts'
import type { Whoami } from '../../contract/shapes/session.ts'
import type { Command, Run } from '../command.ts'
import { without } from '../logins.ts'
import { Server } from '../server.ts'

const SERVER = {
  name: 'SERVER',
  optional: true,
  help: 'Its address; FAIRLEAD_SERVER or this machine without it',
}

async function login(run: Run): Promise<number> {
  const { context, args, output } = run
  const { base } = new Server(context, { address: args.optionalWord(0), key: null })
  if (base.startsWith('http://') && !/^http:\/\/(localhost|127\.|\[::1\])/.test(base))
    output.say('This address has no HTTPS: whoever is on the way reads what you type.', 'yellow')
  const made = args.has('key-stdin') ? await givenKey(run) : await newKey(run, base)
  const who = await whoIs(run, base, made.key)
  await context.logins.save([{ server: base, ...made }, ...without(context.logins.all(), base)])
  output.result({ server: base, login: who.user?.login }, () => [])
  output.say(`✓ Signed in at ${base} as ${who.user?.login}.`, 'green')
  return 0
}

async function givenKey({ context }: Run): Promise<{ key: string; keyId: null }> {
  const typed = await context.secret('API key: ')
  if (!typed?.text) throw new Fault('usage', 'There is no key on standard input.')
  return { key: typed.text, keyId: null }
}

/** Signs in for a moment, and makes a key that stays. */
async function newKey(run: Run, base: string): Promise<{ key: string; keyId: string }> {
  const { context } = run
  const authorization = `Bearer ${await accessToken(run, base)}`
  const { client } = new Server(context, { address: base, key: null })
  const json = { name: `fairlead login on ${context.logins.hostname}`.slice(0, 80) }
  const { value } = await client.call('api-keys.create', { json, headers: { authorization } })
  return { key: value.key, keyId: value.id }
}

async function accessToken(run: Run, base: string): Promise<string> {
  const { context, args } = run
  const { client } = new Server(context, { address: base, key: null })
  const email = args.optional('email') ?? (await context.ask('E-mail address: '))
  const password = email === null ? null : await context.secret('Password: ')
  if (!email || !password)
    throw new Fault('unavailable', 'There is nobody to ask for the e-mail address and the password.', {
      hint: 'Say --email and send the password as one line of standard input, or use --key-stdin.',
    })
  const proof = { login: email, password: password.text, as: 'token' as const }
  try {
    return tokenOf((await client.call('session.open', { json: proof })).value)
  } catch (thrown) {
    const wantsMore = thrown instanceof ApiProblem && Array.isArray(thrown.problem['factors'])
    const code =
      wantsMore && password.isTyped ? await context.ask('Code of the app, or a recovery code: ') : null
    if (code === null) throw thrown
    const factor = /^\d{3} ?\d{3}$/.test(code) ? { totp: code } : { recoveryCode: code }
    return tokenOf((await client.call('session.open', { json: { ...proof, ...factor } })).value)
  }
}

function tokenOf(answer: object): string {
  if ('accessToken' in answer && typeof answer.accessToken === 'string') return answer.accessToken
  throw new Error('the server has not answered the token that was asked for')
}

async function whoIs({ context }: Run, base: string, key: string): Promise<Whoami> {
  const { value } = await new Server(context, { address: base, key }).client.call('session.show', {})
  if (value.kind === 'key') return value
  throw new Fault('unauthenticated', 'The server does not know this API key.', {
    hint: 'Is it of this server, and has it not expired? "fairlead key list" shows those there are.',
  })
}

async function logout({ context, args, output }: Run): Promise<number> {
  const server = new Server(context, { address: args.optionalWord(0) })
  const kept = context.logins.all().find((known) => known.server === server.base)
  if (!kept)
    throw new Fault('not_found', `There is no login for ${server.base} on this machine.`, {
      hint: 'FAIRLEAD_KEY is an environment variable: unset it in your shell.',
    })
  if (kept.keyId !== null)
    try {
      const { client } = new Server(context, { address: kept.server, key: kept.key })
      await client.call('api-keys.delete', { params: { id: kept.keyId } })
    } catch (thrown) {
      // A key opens nothing any more, or may not end itself: either way it is forgotten here, and that is told.
      const why = thrown instanceof ApiProblem ? thrown.problem.detail : String(thrown)
      output.say(`The key itself could not be revoked: ${why}`, 'yellow')
    }
  await context.logins.save(without(context.logins.all(), kept.server))
  output.result({ server: kept.server }, () => [])
  output.say(`✓ Signed out from ${kept.server}.`, 'green')
  return 0
}

export const LOGIN_COMMANDS: Command[] = [
  {
    name: 'login',
    group: 'Access',
    summary: 'Sign in to a server, and keep an API key for it on this machine',
    description:
      'The password is asked for and not kept; what stays is an API key, in a file that only you can read. FAIRLEAD_SERVER and FAIRLEAD_KEY come before it.',
    positionals: [SERVER],
    flags: {
      email: { value: 'ADDRESS', help: 'Your e-mail address; asked for without it' },
      'key-stdin': { help: 'Keep an API key from standard input instead of making one' },
    },
    examples: ['fairlead login https://deploy.example.com'],
    run: login,
  },
  {
    name: 'logout',
    group: 'Access',
    summary: 'Revoke and forget the API key of this machine for a server',
    positionals: [SERVER],
    flags: {},
    examples: ['fairlead logout'],
    run: logout,
  },
]
