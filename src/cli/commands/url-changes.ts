import { Fault } from '../../base/fault.ts'
import type { Url } from '../../contract/shapes/urls.ts'
import type { Command, Run } from '../command.ts'
import { Server } from '../server.ts'
import { followOperation } from '../things.ts'
import { URL_WORD, urlNamed } from '../url-facts.ts'
import { daysText, HTTPS_FLAGS, httpsWish } from '../url-https.ts'

const wait = { 'no-wait': { help: 'Do not wait for the outcome' } } as const

/** Follows what was begun, and tells how the URL answers then. */
async function finishChange(run: Run, server: Server, url: Url): Promise<number> {
  const { args, output } = run
  const { operation, unicode, hostname } = url
  if (args.has('no-wait') || operation === null) {
    output.result(url, () => [url.id])
    output.say(`Accepted. "fairlead url show ${hostname}" shows how far it is.`)
    return 0
  }
  const ended = await followOperation(run, server, operation.id)
  if (ended.status !== 'succeeded') {
    output.result(ended, () => [])
    output.say(`✗ ${unicode} answers as before: operation ${ended.id} ${ended.status}`, 'red')
    if (ended.problem) output.problem(ended.problem)
    return 1
  }
  const { value } = await server.patiently(() => server.client.call('urls.show', { params: { id: url.id } }))
  output.result(value, () => [value.url])
  const { certificate } = value.https
  const until = certificate ? `: its certificate is good for ${daysText(output, certificate.notAfter)}` : ''
  output.say(`✓ ${unicode} answers by ${value.https.mode === 'none' ? 'HTTP' : 'HTTPS'}${until}`, 'green')
  return 0
}

export const URL_CHANGE_COMMANDS: Command[] = [
  {
    name: 'url update',
    group: 'Things',
    summary: 'Change how a URL answers over HTTPS; what is not named stays',
    description: 'The certificate is had first; visitors are answered all the while.',
    positionals: [URL_WORD],
    flags: { ...HTTPS_FLAGS, ...wait },
    examples: [
      'fairlead url update docs.example.com --https auto',
      'fairlead url update docs.example.com --hsts 31536000,subdomains --min-tls 1.3',
      'fairlead url update docs.example.com --https none',
    ],
    async run(run) {
      const { context, args } = run
      const json = httpsWish(args)
      if (Object.keys(json).length === 0)
        throw new Fault('usage', 'Nothing to change is named.', {
          hint: 'Run "fairlead url update --help" for the list.',
        })
      const server = new Server(context)
      const { id } = await urlNamed(server, args.word(0))
      const { value } = await server.client.call('urls.update', { params: { id }, json })
      return await finishChange(run, server, value)
    },
  },
  {
    name: 'url renew',
    group: 'Things',
    summary: 'Ask the CA for a new certificate of a URL now',
    description:
      'They are renewed by themselves: this is for a key that somebody has seen, or a CA that asks for it.',
    positionals: [URL_WORD],
    flags: wait,
    examples: ['fairlead url renew docs.example.com'],
    async run(run) {
      const { context, args } = run
      const server = new Server(context)
      const { id } = await urlNamed(server, args.word(0))
      const { value } = await server.client.call('urls.renew', { params: { id } })
      return await finishChange(run, server, value)
    },
  },
]
