import { bindError } from '../../base/machine.ts'
import type { NginxPlace } from '../../domain/nginx/place.ts'
import { readListen } from './listening.ts'
import { textOf } from './machine.ts'
import type { OperatorConfig } from './operator.ts'

type Listen = NginxPlace['listen'][number]

/** Whether a port is somebody else's than NGINX's, so that it can't be had. */
export async function isTaken({ address, port }: Listen, operator: OperatorConfig): Promise<boolean> {
  if (operator.listens.some(({ args }) => readListen(args)?.port === port)) return false
  const error = await bindError(address ?? '0.0.0.0', port)
  // Whoever may not have a port is not told whether it is free, but the kernel lists who listens.
  return error === 'EADDRINUSE' || (error === 'EACCES' && isListenedOn(port))
}

const isListenedOn = (port: number): boolean =>
  ['/proc/net/tcp', '/proc/net/tcp6'].some((file) =>
    (textOf(file) ?? '').split('\n').some((line) => {
      const [, local, , state] = line.trim().split(/\s+/)
      return state === LISTENING && Number.parseInt(local?.split(':')[1] ?? '', 16) === port
    }),
  )

/** As the kernel writes it. */
const LISTENING = '0A'
