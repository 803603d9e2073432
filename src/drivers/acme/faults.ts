/** What a CA says no with, as Faults. */
import { Fault, shown } from '../../base/fault.ts'
import type { AuthorityProblem } from '../../ports/certificate-authority.ts'

const ACME = 'urn:ietf:params:acme:error:'

/** `rateLimited` of the standard's own kinds, else the whole. */
export const kindOf = ({ type }: AuthorityProblem): string =>
  type.startsWith(ACME) ? type.slice(ACME.length) : type

/** What to do, by what went wrong (RFC 8555 §6.7, RFC 9773 §7.3). */
const HINTS: Record<string, string> = {
  accountDoesNotExist: 'Try again: an account is opened anew.',
  alreadyReplaced: 'Another certificate has come after this one already.',
  badCSR: 'The CA does not take the request; its words may say why.',
  badSignatureAlgorithm: 'The CA takes no ES256, which every CA has to.',
  caa: 'A CAA record in DNS does not let this CA make certificates for the name. Change it, or use the CA that it names.',
  connection: 'The CA could not reach this server. Port 80 of the name has to be open to it, or use dns-01.',
  dns: 'The CA found no such record in DNS, or no answer. Check that the name is public and leads here.',
  externalAccountRequired:
    'The CA wants an external account: enter the key ID and the HMAC key that it gives out.',
  incorrectResponse: 'What the CA found is not what it had asked for: does the name lead to this server?',
  invalidContact: 'Correct the email address in the settings of certificates.',
  invalidProfile: 'Choose another profile in the settings of certificates.',
  orderNotReady: 'Try again; a new order is made.',
  rejectedIdentifier: 'The CA makes no certificates for this name. A CA of your own may.',
  tls: 'The CA could not speak TLS with this server.',
  unauthorized:
    'The CA did not find what it had asked for: does the name lead to this server, by every address that it has?',
  unsupportedContact: 'Correct the email address in the settings of certificates.',
  userActionRequired: 'The CA wants you to agree to its new terms.',
}

export const hintFor = (problem: AuthorityProblem): string =>
  HINTS[kindOf(problem)] ?? 'Do what it says; the CA may tell more about it.'

/** A sentence, with what the CA said at its end. */
export const told = (sentence: string, problem: AuthorityProblem | null): string =>
  problem === null || problem.detail === ''
    ? `${sentence}.`
    : `${sentence}: ${problem.detail.replace(/\.$/, '')}.`

/** `what`: "refuses to make an order for a.example". */
export function refused(
  label: string,
  what: string,
  given: { status: number; problem: AuthorityProblem | null },
): Fault {
  const { status, problem } = given
  const kind = problem && kindOf(problem)
  const isGone = kind === 'accountDoesNotExist' || (status === 404 && kind !== 'unauthorized')
  const sentence = `The CA ${label} refuses to ${what}`
  return new Fault(
    isGone ? 'not_found' : 'conflict',
    told(problem ? sentence : `${sentence} (status ${status})`, problem),
    {
      hint: problem ? hintFor(problem) : 'Check the address of its directory.',
      extra: problem ? { authorityProblem: problem } : {},
    },
  )
}

export const strange = (label: string, what: string, about: string): Fault =>
  new Fault('unavailable', `The CA ${label} answers ${what} when asked to ${about}.`, {
    hint: 'Check that the address of its directory is right, and that nothing stands in between.',
  })

export function toWait(
  label: string,
  what: string,
  given: { retryAt: number; problem: AuthorityProblem | null },
): Fault {
  const { retryAt, problem } = given
  const when = `${new Date(retryAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return new Fault(
    'unavailable',
    told(`The CA ${label} wants to be left alone until ${when}, asked to ${what}`, problem),
    {
      hint: 'It is tried again then by itself.',
      extra: { retryAt, ...(problem && { authorityProblem: problem }) },
    },
  )
}

const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA)/

const UNTRUSTED_HINTS: [code: RegExp, hint: string][] = [
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)/, 'If the time of this machine is wrong, set its clock.'],
  [/ALTNAME/, 'Check the address of its directory: its certificate is for another host.'],
  [
    /^/,
    'If it is a CA of your own, enter the root certificate of its HTTPS in the settings of certificates.',
  ],
]

/** A connection that failed for a reason which does not pass, and that an admin can do something about; null: another. */
export function untrusted(label: string, { cause }: Fault): Fault | null {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (!UNTRUSTED.test(code)) return null
  const [, hint = ''] = UNTRUSTED_HINTS.find(([pattern]) => pattern.test(code)) ?? []
  const message = `The certificate of the CA ${label} itself is not trusted here (${shown(code, 60)}).`
  return new Fault('unavailable', message, { hint, cause })
}
