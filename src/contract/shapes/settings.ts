/** Settings of the instance: the gateway that URLs use, what their DNS records say, and how they answer over HTTPS. */
import { z } from 'zod'
import { LIMITS } from '../../base/limits.ts'
import { CHALLENGE_WAYS } from '../../domain/https.ts'
import { GATEWAY_KINDS } from '../../domain/url.ts'
import { Problem } from '../shapes.ts'
import { driftSettings } from './drift.ts'
import { Finding } from './finding.ts'
import { httpsMode, httpsWays } from './https.ts'

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

const https = {
  default: httpsMode.meta({
    description: 'Of URLs to come, when nothing is said of it. `auto` takes a CA whose terms are agreed to.',
  }),
  ...httpsWays,
}

const { directoryUrlChars, keyIdChars, hmacKeyChars, chainBytes, profileChars } = LIMITS.certificate

/** One line of visible ASCII. */
const word = (chars: number) =>
  z
    .string()
    .min(1)
    .max(chars)
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without blanks')

const directoryUrl = z
  .url({ protocol: /^https$/, error: 'must be an https:// address' })
  .max(directoryUrlChars)

const certificates = {
  directoryUrl: directoryUrl.nullable().meta({
    description:
      'The directory of the CA (RFC 8555 §7.1.1); null: none is set up. With another one the terms have to be agreed to anew, and the external account is forgotten.',
    example: 'https://acme-v02.api.letsencrypt.org/directory',
  }),
  contact: z.email().max(LIMITS.email.chars).nullable().meta({
    description: 'Where the CA writes to; null: nowhere.',
    example: 'ops@example.com',
  }),
  termsAgreed: z.boolean().meta({
    description: "Whether somebody has agreed to the CA's terms of service. Nothing is asked of it before.",
  }),
  root: z.string().min(1).max(chainBytes).nullable().meta({
    description: "PEM: what the CA's own HTTPS is trusted by, beside the usual ones. Of a private CA.",
  }),
  externalKeyId: word(keyIdChars).nullable().meta({
    description: 'Of an account that the CA has given out (RFC 8555 §7.3.4).',
  }),
  profile: word(profileChars).nullable().meta({
    description: 'The kind of certificate, by the name that the CA gives it; null: the usual one.',
    example: 'shortlived',
  }),
  challenge: z.enum(CHALLENGE_WAYS).meta({
    description:
      'How the CA is shown that a name is ours. `auto`: by a DNS record for wildcards, else over HTTP.',
  }),
}

const externalHmacKey = word(hmacKeyChars)
  .nullable()
  .optional()
  .meta({ description: 'The key of the external account, in base64url. It is sealed, and never told again.' })

const gatewayKind = z.enum(GATEWAY_KINDS).meta({
  description:
    'Which gateway URLs use. The builtin one always answers for `<environment>.<service>.localhost`.',
})

export const Settings = z
  .object({
    gateway: z.object({ kind: gatewayKind, nginx: z.object(nginx) }),
    dns: z.object(dns),
    https: z.object(https),
    certificates: z.object({
      ...certificates,
      externalHmacKeySet: z.boolean().meta({
        description:
          'Whether the key of the external account is kept. False after a restore without the key: it has to be entered again.',
      }),
    }),
    drift: z.object(driftSettings),
    revision: z.number().int(),
  })
  .meta({ id: 'Settings', description: 'Settings of the instance.' })
export type Settings = z.infer<typeof Settings>

export const SettingsPatch = z.strictObject({
  gateway: z
    .strictObject({ kind: gatewayKind.optional(), nginx: z.strictObject(nginx).partial().optional() })
    .optional(),
  dns: z.strictObject(dns).partial().optional(),
  https: z.strictObject(https).partial().optional(),
  certificates: z
    .strictObject({ ...z.strictObject(certificates).partial().shape, externalHmacKey })
    .optional(),
  drift: z.strictObject(driftSettings).partial().optional(),
})
export type SettingsPatch = z.infer<typeof SettingsPatch>

export const GatewayTest = z
  .object({ findings: z.array(Finding).meta({ description: 'Empty: URLs can be attached.' }) })
  .meta({ id: 'GatewayTest' })

/** What is not named is as it is set. */
export const AuthorityTestRequest = z.strictObject({
  directoryUrl: directoryUrl.optional(),
  root: certificates.root.optional(),
})
export type AuthorityTestRequest = z.infer<typeof AuthorityTestRequest>

export const AuthorityTest = z
  .object({
    ok: z.boolean(),
    directoryUrl: z.string(),
    termsOfService: z.string().nullable().meta({
      description: 'Where its terms are to be read; null: it has none.',
      example: 'https://letsencrypt.org/documents/LE-SA-v1.5-February-24-2025.pdf',
    }),
    externalAccountRequired: z
      .boolean()
      .meta({ description: 'Whether it takes an external account to ask it for anything.' }),
    renewalInfo: z.boolean().meta({ description: 'Whether it tells when to renew (RFC 9773).' }),
    profiles: z
      .record(z.string(), z.string())
      .meta({ description: 'Kinds of certificates by name, with a sentence each.' }),
    problem: Problem.nullable().meta({ description: 'Why it can not be used; null: it can.' }),
  })
  .meta({ id: 'AuthorityTest', description: 'What a CA says of itself.' })
export type AuthorityTest = z.infer<typeof AuthorityTest>
