/** Settings of the instance: the gateway that URLs use, and what their DNS records say. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { GATEWAY_KINDS } from '../../domain/url.ts'
import { Finding } from './urls.ts'

const { pathChars, words, wordChars, listens, addresses, hostnameChars, ttlSecondsLeast, ttlSecondsMost } =
  LIMITS.url

const path = z
  .string()
  .max(pathChars)
  .regex(/^\/[^\0\r\n]*$/, 'must be an absolute path')
const argv = z.array(z.string().min(1).max(wordChars)).min(1).max(words)
const listen = z
  .array(
    z.strictObject({
      address: z.string().max(45).nullable().meta({ description: 'An IP address; null: all of them.' }),
      port: z.number().int().min(1).max(65_535),
    }),
  )
  .min(1)
  .max(listens)

const nginx = {
  binary: path.meta({ description: 'The program.', example: '/usr/sbin/nginx' }),
  enabled: path.nullable().meta({
    description: 'The folder that its configuration includes; null: not chosen yet.',
    example: '/etc/nginx/sites-enabled',
  }),
  available: path.nullable().meta({
    description: 'A second folder of links, as Debian has it; null: none.',
    example: '/etc/nginx/sites-available',
  }),
  test: argv.meta({
    description: 'The command that judges its whole configuration, word by word.',
    example: ['sudo', '-n', '/usr/sbin/nginx', '-t'],
  }),
  reload: argv.meta({
    description: 'The command that makes it read its configuration anew, word by word.',
    example: ['sudo', '-n', '/usr/sbin/nginx', '-s', 'reload'],
  }),
  listen: listen.meta({ description: 'Where sites listen for HTTP.' }),
  logFolder: path
    .nullable()
    .meta({ description: 'Where the access log of each site is written; null: nowhere.' }),
}

const dns = {
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .max(addresses)
    .meta({
      description: 'The public addresses of this server: what A and AAAA records say.',
      example: ['203.0.113.5', '2001:db8::5'],
    }),
  cname: z.string().max(hostnameChars).nullable().meta({
    description:
      'A name that leads here: records are a CNAME to it, except at the apex of a zone; null: they are addresses.',
  }),
  ttlSeconds: z
    .number()
    .int()
    .min(ttlSecondsLeast)
    .max(ttlSecondsMost)
    .meta({ description: 'How long resolvers may keep a record.' }),
}

const gatewayKind = z.enum(GATEWAY_KINDS).meta({
  description:
    'Which gateway URLs use. The builtin one always answers for `<environment>.<service>.localhost`.',
})

export const Settings = z
  .object({
    gateway: z.object({ kind: gatewayKind, nginx: z.object(nginx) }),
    dns: z.object(dns),
    revision: z.number().int(),
  })
  .meta({ id: 'Settings', description: 'Settings of the instance.' })
export type Settings = z.infer<typeof Settings>

export const SettingsPatch = z.strictObject({
  gateway: z
    .strictObject({ kind: gatewayKind.optional(), nginx: z.strictObject(nginx).partial().optional() })
    .optional(),
  dns: z.strictObject(dns).partial().optional(),
})
export type SettingsPatch = z.infer<typeof SettingsPatch>

export const GatewayTest = z
  .object({ findings: z.array(Finding).meta({ description: 'Empty: URLs can be attached.' }) })
  .meta({ id: 'GatewayTest' })
