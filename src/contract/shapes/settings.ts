/** Settings of the instance: the gateway that URLs use, and what their DNS records say. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { GATEWAY_KINDS } from '../../domain/url.ts'
import { Finding } from './urls.ts'

const { argumentChars, words, listens } = LIMITS.url
const { addresses, ttlSecondsLeast, ttlSecondsMost } = LIMITS.dns

/** NGINX reads it as it stands, with nothing in it that could mean something else. */
const path = z
  .string()
  .regex(/^\/[A-Za-z0-9._/@+-]{0,500}$/, 'must be an absolute path of letters, digits and . _ / @ + -')
const isAddress = (text: string): boolean => [z.ipv4(), z.ipv6()].some((kind) => kind.safeParse(text).success)
const address = z.string().max(45).refine(isAddress, 'must be an IP address')
const argv = z
  .array(
    z
      .string()
      .max(argumentChars)
      .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without blanks'),
  )
  .min(1)
  .max(words)
const listen = z
  .array(
    z.strictObject({
      address: address.nullable().meta({ description: 'An IP address; null: all of them.' }),
      port: z.number().int().min(1).max(65_535),
    }),
  )
  .min(1)
  .max(listens)

/** Null: it is looked for on the machine, or left out where there is nothing to look for. */
const nginx = {
  binary: path.nullable().meta({ description: 'The program.', example: '/usr/sbin/nginx' }),
  config: path.nullable().meta({
    description: 'Its configuration file; null: the one that it was built for.',
    example: '/etc/nginx/nginx.conf',
  }),
  enabled: path.nullable().meta({
    description:
      'A folder that its configuration includes inside `http { }`. Fairlead makes its links here and touches nothing else.',
    example: '/etc/nginx/sites-enabled',
  }),
  available: path.nullable().meta({
    description: 'A folder that gets a link to each site as well, as is the custom of Debian.',
    example: '/etc/nginx/sites-available',
  }),
  test: argv.nullable().meta({
    description: 'The command that tests its configuration, word by word.',
    example: ['sudo', '-n', '/usr/sbin/nginx', '-t'],
  }),
  reload: argv.nullable().meta({
    description: 'The command that makes it read its configuration anew, word by word.',
    example: ['sudo', '-n', '/usr/sbin/nginx', '-s', 'reload'],
  }),
  listen: listen.meta({ description: 'Where sites answer over HTTP.' }),
  logFolder: z
    .union([path, z.literal('off')])
    .nullable()
    .meta({
      description:
        "The folder where visits are logged; null: that of NGINX's own logs, where its configuration is the usual one; `off`: they are not.",
      example: '/var/log/nginx',
    }),
  certificate: path.nullable().meta({
    description: 'A certificate for all host names, if sites are to answer over HTTPS as well (PEM).',
  }),
  certificateKey: path.nullable().meta({ description: 'The key of the certificate (PEM).' }),
  tlsListen: listen.meta({ description: 'Where sites answer over HTTPS, if there is a certificate.' }),
}

const dns = {
  addresses: z
    .array(address)
    .max(addresses)
    .meta({
      description: 'The public addresses of this server: what A and AAAA records say.',
      example: ['203.0.113.5', '2001:db8::5'],
    }),
  cname: z.string().max(LIMITS.hostname.typedChars).nullable().meta({
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
