/** What a person may say about the NGINX of this machine, and what is made of it together with what is found there. */
import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import type { NginxPlace } from '../../domain/nginx/place.ts'

type Listen = NginxPlace['listen'][number]

/** A path that NGINX reads as it stands, with nothing in it that could mean something else. */
const PATH = /^\/[A-Za-z0-9._/@+-]{0,500}$/
const path = z.string().regex(PATH, 'must be an absolute path of letters, digits and . _ / @ + -')
const argv = z
  .array(z.string().regex(/^[\x21-\x7e]{1,1000}$/, 'must be visible ASCII without blanks'))
  .min(1)
  .max(LIMITS.url.words)
const listens = z
  .array(
    z.strictObject({
      address: z.union([z.ipv4(), z.ipv6()]).nullable(),
      port: z.number().int().min(1).max(65_535),
    }),
  )
  .min(1)
  .max(LIMITS.url.listens)

/** Whatever is absent or null is looked for on the machine, or left out where there is nothing to look for. */
export const NginxSettings = z.strictObject({
  binary: path.nullish().meta({ label: 'Program', example: '/usr/sbin/nginx' }),
  config: path.nullish().meta({
    label: 'Configuration file',
    help: 'Without it the one that NGINX was built for.',
    example: '/etc/nginx/nginx.conf',
  }),
  enabled: path.nullish().meta({
    label: 'Folder of enabled sites',
    help: 'The configuration includes it inside http { }. Fairlead makes its links here and touches nothing else.',
    example: '/etc/nginx/sites-enabled',
  }),
  available: path.nullish().meta({
    label: 'Folder of available sites',
    help: 'Gets a link to each site as well, as is the custom of Debian.',
    example: '/etc/nginx/sites-available',
  }),
  test: argv.nullish().meta({
    label: 'Command that tests the configuration',
    help: 'The program and its arguments, one a line.',
    example: '/usr/sbin/nginx -t',
  }),
  reload: argv.nullish().meta({
    label: 'Command that reloads the configuration',
    help: 'The program and its arguments, one a line.',
    example: '/usr/sbin/nginx -s reload',
  }),
  listen: listens.default([{ address: null, port: 80 }]).meta({ label: 'Where sites answer over HTTP' }),
  logFolder: z
    .union([path, z.literal('off')])
    .nullish()
    .meta({
      label: 'Folder of access logs',
      help: "Without it the folder of NGINX's own logs, where its configuration is the usual one; off: visits are not logged.",
      example: '/var/log/nginx',
    }),
  certificate: path.nullish().meta({
    label: 'Certificate',
    help: 'A PEM file for all host names that have none of their own, if these are to answer over HTTPS as well.',
  }),
  certificateKey: path.nullish().meta({ label: 'Key of the certificate', help: 'A PEM file.' }),
  tlsListen: listens
    .default([{ address: null, port: 443 }])
    .meta({ label: 'Where sites answer over HTTPS', help: 'Counts for host names that have a certificate.' }),
})

export type NginxSettings = z.infer<typeof NginxSettings>

export type Argv = readonly [string, ...string[]]

/** The NGINX of this machine as it is dealt with. */
export interface NginxSetup {
  binary: string
  config: string
  available: string | null
  enabled: string
  test: Argv
  reload: Argv
  listen: Listen[]
  logFolder: string | null
  tlsListen: Listen[]
  tls: NginxPlace['tls']
}

/** Throws `invalid` when one of the two files is named without the other. */
export function tlsOf({ certificate, certificateKey }: NginxSettings): NginxPlace['tls'] {
  if (!certificate && !certificateKey) return null
  if (certificate && certificateKey) return { certificate, certificateKey }
  throw new Fault('invalid', 'A certificate and its key go together.', {
    hint: 'Name both files, or neither.',
  })
}
