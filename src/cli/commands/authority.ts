import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { AuthorityTest, Settings, SettingsPatch } from '../../contract/shapes/settings.ts'
import { authorityLabel, directoryOf, KNOWN_AUTHORITIES } from '../../domain/authorities.ts'
import { CHALLENGE_WAYS } from '../../domain/https.ts'
import type { Command, Run } from '../command.ts'
import type { Output } from '../output.ts'
import { Server } from '../server.ts'
import { textOf } from '../text-file.ts'

type Wish = NonNullable<SettingsPatch['certificates']>

const WORDS = KNOWN_AUTHORITIES.map(({ word }) => word).join(', ')

/** What the CA says of itself. */
function tellAuthority(output: Output, test: AuthorityTest): void {
  output.say(`${authorityLabel(test.directoryUrl)}  ${test.directoryUrl}`)
  if (test.problem) return output.problem(test.problem)
  if (test.termsOfService !== null) output.say(`Its terms of service: ${test.termsOfService}`)
  if (test.externalAccountRequired)
    output.say('It takes an account that it has given out: --external-key-id, --external-key-stdin')
  for (const [name, sentence] of Object.entries(test.profiles)) output.say(`Profile ${name}: ${sentence}`)
}

/** Whether its terms are agreed to: said by a flag, or asked where there is a terminal. */
async function agreed({ context, args }: Run, test: AuthorityTest): Promise<boolean> {
  if (args.has('agree-terms')) return true
  const question =
    test.termsOfService === null ? 'It names no terms. Ask it for certificates?' : 'Do you agree to them?'
  return /^y(es)?$/i.test((await context.ask(`${question} [y/N] `))?.trim() ?? '')
}

/** What the flags say. Throws `usage`. */
async function wished({ context, args }: Run): Promise<Wish> {
  const keyId = args.optional('external-key-id')
  const [contact, profile] = [args.optional('contact'), args.optional('profile')]
  const challenge = CHALLENGE_WAYS.find((way) => way === args.optional('challenge'))
  const root = args.optional('root')
  if ((keyId === undefined) === args.has('external-key-stdin'))
    throw new Fault('usage', 'An external account is --external-key-id and --external-key-stdin together.', {
      hint: 'The key comes as one line of standard input, or is asked for on a terminal.',
    })
  return {
    ...(contact !== undefined && { contact: orNull(contact) }),
    ...(profile !== undefined && { profile: orNull(profile) }),
    ...(challenge !== undefined && { challenge }),
    ...(root !== undefined && { root: await textOf(context, root, LIMITS.certificate.chainBytes) }),
    ...(keyId !== undefined && { externalKeyId: keyId, externalHmacKey: await typedKey(context) }),
  }
}

const orNull = (text: string): string | null => (text === 'none' ? null : text)

async function typedKey(context: Run['context']): Promise<string> {
  const typed = await context.secret('Key of the external account: ')
  if (typed && typed.text !== '') return typed.text.trim()
  throw new Fault('usage', 'No key of the external account came.', {
    hint: 'Send it as one line of standard input, or run this on a terminal and type it.',
  })
}

const authorityFacts = (output: Output, { certificates: ca }: Settings): void =>
  output.facts(ca, [
    ['CA', ca.directoryUrl && authorityLabel(ca.directoryUrl)],
    ['directory', ca.directoryUrl],
    ['contact', ca.contact],
    ['terms', ca.termsAgreed ? 'agreed to' : 'not agreed to: nothing is asked of it before'],
    ['root', ca.root && 'its own'],
    [
      'external account',
      ca.externalKeyId &&
        `${ca.externalKeyId}, ${ca.externalHmacKeySet ? 'its key is kept, sealed' : 'its key has to be entered'}`,
    ],
    ['profile', ca.profile],
    ['challenge', ca.challenge],
  ])

async function asked(
  { client }: Server,
  json: { directoryUrl?: string; root?: string | null },
): Promise<AuthorityTest> {
  return (await client.call('settings.test-certificates', { json })).value
}

/** Asks the CA first, shows its terms, and keeps it. */
async function setUp(run: Run, word: string): Promise<number> {
  const { context, output } = run
  const server = new Server(context)
  const before = await server.client.call('settings.show', {})
  const wish = await wished(run)
  const directoryUrl = directoryOf(word)
  const { certificates } = before.value
  const root = wish.root ?? (certificates.directoryUrl === directoryUrl ? certificates.root : null)
  const test = await asked(server, { directoryUrl, root })
  tellAuthority(output, test)
  if (!test.ok) {
    output.result(test, () => [])
    output.say('Nothing was changed.')
    return 1
  }
  const isAgreed = certificates.directoryUrl === directoryUrl && certificates.termsAgreed
  const termsAgreed = isAgreed || (await agreed(run, test))
  const { value } = await server.client.call('settings.update', {
    json: { certificates: { ...wish, directoryUrl, root, termsAgreed } },
    ...(before.etag !== null && { headers: { 'if-match': before.etag } }),
  })
  authorityFacts(output, value)
  if (termsAgreed) output.say('✓ URLs can get certificates: fairlead url update URL --https auto', 'green')
  else output.warn('Nothing is asked of it before its terms are agreed to: run this again with --agree-terms')
  return 0
}

export const AUTHORITY_COMMANDS: Command[] = [
  {
    name: 'setting authority',
    group: 'Server',
    summary: 'Say which CA gives certificates; without one, ask the CA that is set up',
    description: `The CA is asked first, and its terms of service are shown. By name there are: ${WORDS}. With another CA than before, what that one was told is forgotten; certificates stay until they are renewed.`,
    positionals: [
      { name: 'CA', help: 'Its name, or the https:// address of its ACME directory', optional: true },
    ],
    flags: {
      'agree-terms': { help: 'Agree to its terms of service, which are shown; else it asks on a terminal' },
      contact: { value: 'EMAIL', help: 'Where the CA writes to; "none"' },
      root: { value: 'FILE', help: 'What the HTTPS of a private CA is trusted by (PEM)' },
      'external-key-id': { value: 'ID', help: 'Of an account that the CA has given out' },
      'external-key-stdin': { help: 'Read its key from standard input, or ask for it on a terminal' },
      profile: { value: 'NAME', help: 'The kind of certificate, as the CA calls it; "none"' },
      challenge: {
        value: 'WAY',
        among: CHALLENGE_WAYS,
        help: 'How the CA is shown that names are ours; auto: DNS for wildcards, HTTP for others',
      },
    },
    examples: [
      'fairlead setting authority letsencrypt-staging --contact ops@example.com --agree-terms',
      'fairlead setting authority https://ca.internal/acme/acme/directory --root ca.pem --agree-terms',
      'fairlead setting authority',
    ],
    async run(run) {
      const { context, args, output } = run
      const word = args.optionalWord(0)
      if (word !== undefined) return await setUp(run, word)
      const test = await asked(new Server(context), {})
      tellAuthority(output, test)
      output.result(test, () => [])
      return test.ok ? 0 : 1
    },
  },
]
