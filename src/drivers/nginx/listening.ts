/** Where the operator's own servers listen, and what that means for ours. */
import type { NginxPlace } from '../../domain/nginx/place.ts'
import type { Finding } from '../../ports/hosts.ts'
import type { Found, OperatorConfig } from './operator.ts'

type Listen = NginxPlace['listen'][number]

/** The address and port of a `listen`; null for a socket that is no address. */
export function readListen([first = '']: readonly string[]): Listen | null {
  if (first.startsWith('unix:')) return null
  const [, bracketed, plain, port] = /^(?:(\[[^\]]*\])|([^:]*[^:\d][^:]*))?(?::?(\d+))?$/.exec(first) ?? []
  const host = (bracketed ?? plain ?? '').replace(/[[\]]/g, '')
  return { address: host === '' || host === '*' ? null : host, port: Number(port ?? 80) }
}

const WILDCARDS = new Set([null, '0.0.0.0', '::'])
const isEverywhere = ({ address }: Listen): boolean => WILDCARDS.has(address)

const isSame = (a: Listen, b: Listen): boolean =>
  a.port === b.port && (a.address === b.address || (isEverywhere(a) && isEverywhere(b)))

/** His `default_server` at an address of ours: there can be one only, so it stays his. */
export const defaultServers = (operator: OperatorConfig, listen: readonly Listen[]): Found[] =>
  operator.listens.filter(({ args }) => {
    const his = readListen(args)
    const isDefault = args.includes('default_server') || args.includes('default')
    return his !== null && isDefault && listen.some((ours) => isSame(his, ours))
  })

/** Servers of his that take visitors away from ours. */
export function listenFindings(operator: OperatorConfig, listen: readonly Listen[]): Finding[] {
  return [
    ...defaultServers(operator, listen).map(
      (found): Finding => ({
        level: 'warning',
        message: `Host names that nobody has get the site in ${at(found)}, and not a neutral page.`,
        remedy: `Take default_server out of that line: ${lineOf({ ...found, args: found.args.filter((arg) => !/^default(_server)?$/.test(arg)) })}`,
      }),
    ),
    ...operator.listens.flatMap((found) => narrower(found, listen)),
  ]
}

/** NGINX looks for a name only among the servers of the most exact address that a connection was made to. */
function narrower(found: Found, listen: readonly Listen[]): Finding[] {
  const his = readListen(found.args)
  const ours = listen.find((one) => one.port === his?.port && isEverywhere(one))
  if (his === null || ours === undefined || isEverywhere(his)) return []
  if (listen.some((one) => isSame(one, his))) return []
  return [
    {
      level: /^127\.|^localhost$|^::1$/.test(his.address ?? '') ? 'problem' : 'warning',
      message: `${at(found)} listens on ${his.address} by itself, so that no site of Fairlead is found there.`,
      remedy: `Let it listen on all addresses (listen ${his.port};), or let sites listen there too: fairlead setting set gateway.nginx.listen`,
    },
  ]
}

const lineOf = ({ name, args }: Found): string => `${[name, ...args].join(' ')};`

export const at = ({ file, line }: Found): string => `${file}, line ${line}`
