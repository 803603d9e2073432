/** Where the operator's own servers listen, and what that means for ours. */
import { listenAddresses, type NginxPlace } from '../../domain/nginx/place.ts'
import type { Finding } from '../../ports/hosts.ts'
import type { Found, OperatorConfig } from './operator.ts'

type Listen = NginxPlace['listen'][number]

/** An address with its port; a `listen` without an address is one of IPv4 only. */
interface Socket {
  address: string
  port: number
}

/** What a `listen` means; null: a socket that is no address. */
export function readListen([first = '']: readonly string[]): Socket | null {
  if (first.startsWith('unix:')) return null
  const [, bracketed, plain, port] = /^(?:(\[[^\]]*\])|([^:]*[^:\d][^:]*))?(?::?(\d+))?$/.exec(first) ?? []
  const host = (bracketed ?? plain ?? '').replace(/[[\]]/g, '')
  return { address: host === '' || host === '*' ? '0.0.0.0' : host, port: Number(port ?? 80) }
}

const isEverywhere = (address: string): boolean => address === '0.0.0.0' || address === '::'

const textOf = ({ address, port }: Socket): string => `${address} ${port}`

/** His `default_server` at an address of ours: there can be one only, so it stays his. */
export function defaultServers(operator: OperatorConfig, listen: readonly Listen[]): Found[] {
  const ours = listen.flatMap(listenAddresses)
  const his = addressesWithDefault(operator, ours)
  return operator.listens.filter(
    ({ args }) => isDefault(args) && ours.some((text) => his.includes(text) && isSame(text, args)),
  )
}

/** Of addresses as `listenAddresses` writes them, those for which he has a default server. */
export const addressesWithDefault = (operator: OperatorConfig, ours: readonly string[]): string[] =>
  ours.filter((text) => operator.listens.some(({ args }) => isDefault(args) && isSame(text, args)))

const isDefault = (args: readonly string[]): boolean =>
  args.includes('default_server') || args.includes('default')

/** Whether an address of ours, as `listenAddresses` writes it, is that of a `listen`. */
export function isSame(ours: string, args: readonly string[]): boolean {
  const [one, other] = [readListen([ours]), readListen(args)]
  return one !== null && other !== null && textOf(one) === textOf(other)
}

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
  if (his === null || isEverywhere(his.address)) return []
  const ours = listen.flatMap(listenAddresses).flatMap((text) => readListen([text]) ?? [])
  const isHidden = ours.some(({ address, port }) => port === his.port && isEverywhere(address))
  if (!isHidden || ours.some((one) => textOf(one) === textOf(his))) return []
  return [
    {
      level: /^127\.|^localhost$|^::1$/.test(his.address) ? 'problem' : 'warning',
      message: `${at(found)} listens on ${his.address} by itself, so that no site of Fairlead is found there.`,
      remedy: `Let it listen on all addresses (listen ${his.port};), or let sites listen there too: fairlead setting set gateway.nginx.listen`,
    },
  ]
}

export const lineOf = ({ name, args }: Found): string => `${[name, ...args].join(' ')};`

/** As an operator finds it. */
export const at = ({ file, line }: Found): string => `${file}, line ${line}`
