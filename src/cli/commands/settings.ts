import { LIMITS } from '../../base/limits.ts'
import type { Command } from '../command.ts'
import { Server } from '../server.ts'
import { known, patchOf, valueOfWords, valuesOf, valueText } from '../setting-values.ts'
import { textOf } from '../text-file.ts'

const KEY = { name: 'KEY', help: 'Which one, as "setting list" names it: gateway.kind, dns.addresses, …' }

/** A file, where others are words. */
const ROOT = 'certificates.root'

/** Of PEM its first line is enough beside other settings. */
const lineOf = (text: string): string => text.replace(/\n[\s\S]*/, ' …')

export const SETTING_COMMANDS: Command[] = [
  {
    name: 'setting list',
    group: 'Server',
    summary: 'List the settings of the instance: the gateway of URLs, their DNS records, their HTTPS',
    positionals: [],
    flags: {},
    examples: ['fairlead setting list'],
    async run({ context, output }) {
      const { value } = await new Server(context).client.call('settings.show', {})
      output.facts(
        value,
        [...valuesOf(value)].map(([key, one]): [string, string] => [key, lineOf(valueText(one))]),
      )
      return 0
    },
  },
  {
    name: 'setting show',
    group: 'Server',
    summary: 'Show one setting',
    positionals: [KEY],
    flags: {},
    examples: ['fairlead setting show gateway.kind'],
    async run({ context, args, output }) {
      const { value } = await new Server(context).client.call('settings.show', {})
      const one = known(valuesOf(value), args.word(0))
      output.result(one, () => valueText(one).trimEnd().split('\n'))
      return 0
    },
  },
  {
    name: 'setting set',
    group: 'Server',
    summary: 'Change one setting',
    description:
      'Several words are a list, "none" is nothing; certificates.root takes a file. Words that begin with "-" come after "--". Which gateway URLs use, and where it keeps and serves them, stays as it is while URLs are attached.',
    positionals: [KEY, { name: 'VALUE', help: 'What it is from now on', many: true }],
    flags: {},
    examples: [
      'fairlead setting set gateway.kind nginx',
      'fairlead setting set gateway.nginx.enabled /etc/nginx/sites-enabled',
      'fairlead setting set gateway.nginx.reload -- sudo -n /usr/sbin/nginx -s reload',
      'fairlead setting set dns.addresses 203.0.113.5 2001:db8::5',
      'fairlead setting set https.default auto',
    ],
    async run({ context, args, output }) {
      const { client } = new Server(context)
      const before = await client.call('settings.show', {})
      const key = args.word(0)
      known(valuesOf(before.value), key)
      const words = args.wordsFrom(1)
      const wanted =
        key === ROOT && words.join() !== 'none'
          ? await textOf(context, args.word(1), LIMITS.certificate.chainBytes)
          : valueOfWords(key, words)
      const { value } = await client.call('settings.update', {
        json: patchOf(key, wanted),
        ...(before.etag !== null && { headers: { 'if-match': before.etag } }),
      })
      output.facts(value, [[key, lineOf(valueText(known(valuesOf(value), key)))]])
      if (key.startsWith('gateway.')) output.say('Ask the gateway with: fairlead setting test')
      return 0
    },
  },
  {
    name: 'setting test',
    group: 'Server',
    summary: 'Say what the gateway lacks for URLs, each with its remedy',
    positionals: [],
    flags: {},
    examples: ['fairlead setting test'],
    async run({ context, output }) {
      const { value } = await new Server(context).client.call('settings.test-gateway', {})
      const { findings } = value
      output.result(value, () =>
        findings.flatMap(({ level, message, remedy }) => [`${level}: ${message}`, `  ${remedy}`]),
      )
      const problems = findings.filter(({ level }) => level === 'problem')
      if (problems.length === 0) output.say('✓ URLs can be attached', 'green')
      return problems.length === 0 ? 0 : 1
    },
  },
]
