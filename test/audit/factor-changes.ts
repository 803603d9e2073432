/** What changes of the own factors, and the ways in by them, tell the audit. */
import { Secret, TOTP } from 'otpauth'
import type { Headers } from '../access/people.ts'
import { Authenticator } from '../account/authenticator.ts'
import { cookiesOf } from '../account/guests.ts'
import { type Case, type Changing, PASSWORD, type Stage, withPassword } from './stage.ts'

const proof = { password: PASSWORD }
const codeOfApp = (secret: string): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate()

/** Somebody whose authenticator app is set up, or waits to be confirmed by this code. */
async function withApp(at: Stage, confirmed = true) {
  const { login, headers, id } = await withPassword(at)
  const code = codeOfApp(await at.made('secret', '/profile/totp', { json: proof, headers }))
  if (confirmed) await at.asked('POST', '/profile/totp/confirm', { json: { code }, headers })
  return { login, headers, id, code }
}

/** A passkey that is still to be kept. */
async function newPasskey({ app }: Stage, headers: Headers) {
  const authenticator = new Authenticator(() => `http://localhost:${new URL(app.url).port}`)
  const { body } = await app.ask('POST', '/profile/passkeys/options', { json: proof, headers })
  return { authenticator, json: { name: 'Laptop', response: authenticator.register(body) } }
}

async function withPasskey(at: Stage) {
  const { login, headers } = await withPassword(at)
  const { authenticator, json } = await newPasskey(at, headers)
  const { body } = await at.app.ask('POST', '/profile/passkeys', { json, headers })
  const { passkey } = body as { passkey: { id: string } }
  return { login, headers, authenticator, path: `/profile/passkeys/${passkey.id}` }
}

/** The browser of somebody whose password was right. */
const halfWay = async ({ app }: Stage, login: string): Promise<Headers> =>
  cookiesOf((await app.ask('POST', '/session', { json: { login, ...proof } })).headers)

export const FACTORS = {
  // It counts when it is confirmed.
  'totp.propose': {
    tells: [],
    call: async (at) => {
      const { login, headers } = await withPassword(at)
      return { path: '/profile/totp', given: { json: proof, headers }, by: login }
    },
  },
  'totp.confirm': {
    tells: ['totp.added'],
    data: { before: false, after: true },
    call: async (at) => {
      const { login, headers, code } = await withApp(at, false)
      return { path: '/profile/totp/confirm', given: { json: { code }, headers }, by: login }
    },
  },
  'totp.remove': {
    tells: ['totp.removed'],
    data: { before: true, after: false },
    call: async (at) => {
      const { login, headers } = await withApp(at)
      return { path: '/profile/totp', given: { json: proof, headers }, by: login }
    },
  },
  'recovery-codes.create': {
    tells: ['recovery-codes.made'],
    data: { before: 10, after: 10 },
    call: async (at) => {
      const { login, headers } = await withApp(at)
      return { path: '/profile/recovery-codes', given: { json: proof, headers }, by: login }
    },
  },
  'passkeys.options': {
    tells: [],
    call: async (at) => {
      const { login, headers } = await withPassword(at)
      return { path: '/profile/passkeys/options', given: { json: proof, headers }, by: login }
    },
  },
  'passkeys.create': {
    tells: ['passkey.added'],
    data: { after: { name: 'Laptop' } },
    call: async (at) => {
      const { login, headers } = await withPassword(at)
      const { json } = await newPasskey(at, headers)
      return { path: '/profile/passkeys', given: { json, headers }, by: login }
    },
  },
  'passkeys.update': {
    tells: ['passkey.renamed'],
    data: { before: 'Laptop', after: 'Phone' },
    call: async (at) => {
      const { login, headers, path } = await withPasskey(at)
      return { path, given: { json: { name: 'Phone' }, headers }, by: login }
    },
  },
  'passkeys.delete': {
    tells: ['passkey.removed'],
    data: { before: { name: 'Laptop' } },
    call: async (at) => {
      const { login, headers, path } = await withPasskey(at)
      return { path, given: { json: proof, headers }, by: login }
    },
  },
  // Questions.
  'sign-in.passkey-options': { tells: [], call: () => ({ path: '/session/passkey/options' }) },
  'sign-in.second-factor-options': {
    tells: [],
    call: async (at) => {
      const { login } = await withPasskey(at)
      const headers = await halfWay(at, login)
      return { path: '/session/second-factor/options', given: { headers } }
    },
  },
  'sign-in.second-factor': {
    tells: ['session.opened'],
    data: { methods: ['password', 'passkey'] },
    call: async (at) => {
      const { login, authenticator } = await withPasskey(at)
      const headers = await halfWay(at, login)
      const { text } = await at.asked('POST', '/session/second-factor/options', { headers })
      const json = { passkey: authenticator.sign(JSON.parse(text) as { challenge: string }) } // as the contract has it
      return { path: '/session/second-factor', given: { json, headers }, by: login }
    },
  },
  'sign-in.passkey': {
    tells: ['session.opened'],
    data: { methods: ['passkey'] },
    call: async (at) => {
      const { login, authenticator } = await withPasskey(at)
      const { headers: set, body } = await at.app.ask('POST', '/session/passkey/options')
      const json = { response: authenticator.sign(body) }
      return { path: '/session/passkey', given: { json, headers: cookiesOf(set) }, by: login }
    },
  },
  'factors.reset': {
    tells: ['factors.reset'],
    data: { before: { totp: true } },
    call: async (at) => ({ path: `/users/${(await withApp(at)).id}/factors` }),
  },
} satisfies Partial<Record<Changing, Case>>
