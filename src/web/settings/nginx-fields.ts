/** The fields of the NGINX setting, as a person reads and writes them: one line each. */
import type { Settings } from '../../contract/shapes/settings.ts'
import { listensOf, listenText } from './words.ts'

type Nginx = Settings['gateway']['nginx']
export type NginxName = keyof Nginx

interface NginxField {
  name: NginxName
  label: string
  help: string
  /** What it is when nothing is said. */
  usual: string
  example: string
  kind: 'path' | 'command' | 'listens'
}

const FOUND = 'looked for on this machine'

export const NGINX_FIELDS: readonly NginxField[] = [
  {
    name: 'enabled',
    label: 'Folder that it includes',
    help: 'Inside http { }. Sites are linked there, and nothing else in it is touched.',
    usual: FOUND,
    example: '/etc/nginx/sites-enabled',
    kind: 'path',
  },
  {
    name: 'available',
    label: 'Second folder of links',
    help: 'As is the custom of Debian and Ubuntu.',
    usual: FOUND,
    example: '/etc/nginx/sites-available',
    kind: 'path',
  },
  {
    name: 'listen',
    label: 'Listens at',
    help: 'Ports, or addresses with ports: 80, 192.0.2.5:80 or [2001:db8::5]:80, with spaces between.',
    usual: '80',
    example: '80',
    kind: 'listens',
  },
  {
    name: 'certificate',
    label: 'Certificate',
    help: 'With it and its key, sites answer over HTTPS too.',
    usual: 'no HTTPS',
    example: '/etc/ssl/certs/example.pem',
    kind: 'path',
  },
  {
    name: 'certificateKey',
    label: 'Key of the certificate',
    help: 'A file that NGINX can read.',
    usual: 'none',
    example: '/etc/ssl/private/example.key',
    kind: 'path',
  },
  {
    name: 'tlsListen',
    label: 'Listens for HTTPS at',
    help: 'As above, with a certificate only.',
    usual: '443',
    example: '443',
    kind: 'listens',
  },
  {
    name: 'logFolder',
    label: 'Folder for access logs',
    help: 'fairlead.log there: a line of JSON a visit, with the tree that answered. off: none.',
    usual: 'where NGINX logs',
    example: '/var/log/nginx',
    kind: 'path',
  },
  {
    name: 'binary',
    label: 'Program',
    help: 'The NGINX to use, where there are several.',
    usual: FOUND,
    example: '/usr/sbin/nginx',
    kind: 'path',
  },
  {
    name: 'config',
    label: 'Configuration file',
    help: 'Where it is not the one that the program was built for.',
    usual: 'the one it was built for',
    example: '/etc/nginx/nginx.conf',
    kind: 'path',
  },
  {
    name: 'test',
    label: 'Test command',
    help: 'Judges the whole configuration. No shell reads it: words are what has spaces between.',
    usual: FOUND,
    example: 'sudo -n /usr/sbin/nginx -t',
    kind: 'command',
  },
  {
    name: 'reload',
    label: 'Reload command',
    help: 'Makes it read its configuration anew.',
    usual: FOUND,
    example: 'sudo -n /usr/sbin/nginx -s reload',
    kind: 'command',
  },
]

/** As one line; empty: nothing is said. */
export function lineOf(nginx: Nginx, { name }: Pick<NginxField, 'name'>): string {
  const value = nginx[name]
  if (value === null) return ''
  if (typeof value === 'string') return value
  return isListens(value) ? listenText(value) : value.join(' ')
}

const isListens = (value: string[] | Nginx['listen']): value is Nginx['listen'] =>
  value.every((each) => typeof each !== 'string')

/** What a line says; undefined: it can't be read. */
export function valueOf({ kind }: NginxField, line: string): Nginx[NginxName] | undefined {
  const text = line.trim()
  if (kind === 'listens') return listensOf(text) ?? undefined
  if (text === '') return null
  return kind === 'path' ? text : text.split(/\s+/)
}
