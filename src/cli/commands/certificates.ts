import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { Certificate, CertificateDetails } from '../../contract/shapes/https.ts'
import { CERTIFICATE_KINDS } from '../../domain/https.ts'
import type { Command } from '../command.ts'
import type { Output } from '../output.ts'
import { requireYes } from '../people.ts'
import { Server } from '../server.ts'
import { textOf } from '../text-file.ts'
import { listQuery, PAGE_FLAGS } from '../things.ts'
import { daysText } from '../url-https.ts'

const CERTIFICATE = { name: 'CERTIFICATE', help: 'Its id, or its fingerprint' }

const usedBy = ({ urls }: Certificate): string => urls.map(({ hostname }) => hostname).join(' ') || '–'

function certificateFacts(output: Output, certificate: CertificateDetails): void {
  output.facts(certificate, [
    ['names', certificate.names.join(' ')],
    ['id', certificate.id],
    ['kind', certificate.kind],
    ['issuer', certificate.issuer],
    ['serial', certificate.serial],
    ['fingerprint', certificate.fingerprint],
    ['from', certificate.notBefore],
    ['until', `${certificate.notAfter} (${daysText(output, certificate.notAfter)})`],
    ['asked of', certificate.directoryUrl],
    ['renewal', certificate.renewAt],
    ['used by', usedBy(certificate)],
    ['created', output.time(certificate.createdAt)],
  ])
  for (const { message, hint } of certificate.warnings) {
    output.warn(message)
    output.say(`  ${hint}`)
  }
}

const ID = /^[a-z0-9]{20}$/

/** Throws `not_found`. */
async function named(server: Server, word: string): Promise<CertificateDetails> {
  const id = ID.test(word) ? word : await idOf(server, word.replaceAll(':', '').toLowerCase())
  if (id !== null) return (await server.client.call('certificates.show', { params: { id } })).value
  throw new Fault('not_found', `There is no certificate "${shown(word, 100)}".`, {
    hint: 'Run "fairlead certificate list" to see them.',
  })
}

async function idOf({ client }: Server, fingerprint: string): Promise<string | null> {
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: { limit: number; cursor?: string } = { limit: 200, ...(cursor !== '' && { cursor }) }
    const { value } = await client.call('certificates.list', { query })
    const found = value.items.find((one) => one.fingerprint === fingerprint)
    if (found) return found.id
    cursor = value.next
  }
  return null
}

export const CERTIFICATE_COMMANDS: Command[] = [
  {
    name: 'certificate list',
    group: 'Things',
    summary: 'List the certificates, with the days that are left to them',
    positionals: [],
    flags: { kind: { value: 'KIND', among: CERTIFICATE_KINDS, help: 'Of this kind' }, ...PAGE_FLAGS },
    examples: ['fairlead certificate list', 'fairlead certificate list --kind own'],
    async run({ context, args, output }) {
      const kind = CERTIFICATE_KINDS.find((one) => one === args.optional('kind'))
      const query = { ...listQuery(args), ...(kind !== undefined && { kind }) }
      const { value } = await new Server(context).client.call('certificates.list', { query })
      output.table(
        value,
        [
          ['NAMES', ({ names }) => names.join(' ')],
          ['KIND', (certificate) => certificate.kind],
          ['LEFT', ({ notAfter }) => daysText(output, notAfter)],
          ['USED BY', usedBy],
          ['ISSUER', ({ issuer }) => issuer],
          ['ID', ({ id }) => id],
        ],
        'No certificates yet: "fairlead url update URL --https auto" gets one, "fairlead certificate add" brings one.',
      )
      return 0
    },
  },
  {
    name: 'certificate show',
    group: 'Things',
    summary: 'Show a certificate, never its key',
    positionals: [CERTIFICATE],
    flags: { chain: { help: 'Print the certificate and those that lead to a root, as PEM' } },
    examples: [
      'fairlead certificate show k3v9q0m2x7c5n1p8r4t6',
      'fairlead certificate show k3v9q0m2x7c5n1p8r4t6 --chain',
    ],
    async run({ context, args, output }) {
      const certificate = await named(new Server(context), args.word(0))
      if (args.has('chain')) output.result(certificate, () => certificate.chain.trimEnd().split('\n'))
      else certificateFacts(output, certificate)
      return 0
    },
  },
  {
    name: 'certificate add',
    group: 'Things',
    summary: 'Bring a certificate with its key, for URLs whose HTTPS is "own"',
    description:
      'Both as PEM; "-" is standard input. The key is never an argument, since other people of a machine can read command lines; it is sealed, and no answer holds it. A certificate that has expired, does not fit its key or is weak is refused with every reason.',
    positionals: [],
    flags: {
      certificate: {
        value: 'FILE',
        required: true,
        help: 'The certificate first, then those that lead to a root (fullchain.pem)',
      },
      key: { value: 'FILE', default: '-', help: 'Its private key, without a passphrase (privkey.pem)' },
    },
    examples: [
      'fairlead certificate add --certificate fullchain.pem --key privkey.pem',
      'fairlead certificate add --certificate fullchain.pem < privkey.pem',
    ],
    async run({ context, args, output }) {
      const [certificateFile, keyFile] = [args.text('certificate'), args.text('key')]
      if (certificateFile === '-' && keyFile === '-')
        throw new Fault('usage', 'The certificate and its key can not both come on standard input.', {
          hint: 'Name a file for one of them.',
        })
      const { chainBytes, keyBytes } = LIMITS.certificate
      const json = {
        certificate: await textOf(context, certificateFile, chainBytes),
        key: await textOf(context, keyFile, keyBytes),
      }
      const headers = { 'idempotency-key': context.randomId() }
      const server = new Server(context)
      const call = () => server.client.call('certificates.create', { json, headers })
      const { value } = await server.patiently(call)
      certificateFacts(output, value)
      output.say(`✓ Kept, and good for ${daysText(output, value.notAfter)}`, 'green')
      output.say('URLs answer with it when they are told: fairlead url update URL --https own')
      return 0
    },
  },
  {
    name: 'certificate delete',
    group: 'Things',
    summary: 'Delete a certificate that no URL answers with, and its key',
    positionals: [CERTIFICATE],
    flags: { yes: { help: 'Do not ask' } },
    examples: ['fairlead certificate delete k3v9q0m2x7c5n1p8r4t6 --yes'],
    async run(run) {
      const { context, args, output } = run
      const server = new Server(context)
      const { id, names } = await named(server, args.word(0))
      await requireYes(run, `Delete the certificate of ${names.join(' ')}?`, names[0] ?? id)
      const { value } = await server.client.call('certificates.delete', { params: { id } })
      output.result(value, () => [])
      output.say('✓ Deleted', 'green')
      return 0
    },
  },
]
