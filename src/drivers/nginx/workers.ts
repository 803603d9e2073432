/** The processes of NGINX, as the kernel tells everybody about them. */
import { readFileSync } from 'node:fs'
import { errnoOf } from '../../base/fault.ts'

export interface Worker {
  pid: number
  /** It takes no new connections and ends with its last one: it answers by an older configuration. */
  isLeaving: boolean
}

/** The master that a pid file names; null when none runs by that number. */
export function masterOf(pidFile: string): number | null {
  const pid = Number(textOf(pidFile)?.trim())
  return Number.isSafeInteger(pid) && pid > 1 && titleOf(pid).startsWith('nginx: master') ? pid : null
}

/** The workers of a master; null where the kernel does not list them. */
export function workersOf(master: number): Worker[] | null {
  const children = textOf(`/proc/${master}/task/${master}/children`)
  if (children === null) return null
  return children
    .split(' ')
    .filter((pid) => pid !== '')
    .map((pid) => ({ pid: Number(pid), title: titleOf(Number(pid)) }))
    .filter(({ title }) => title.startsWith('nginx: worker process'))
    .map(({ pid, title }) => ({ pid, isLeaving: title.includes('shutting down') }))
}

/** The time that a process has worked so far, in ticks of the kernel; null when it can't be told. */
export function workOf(pid: number): number | null {
  // The name in parentheses may hold anything; utime and stime are the 14th and 15th field.
  const fields = textOf(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
  const [user, system] = [Number(fields?.[11]), Number(fields?.[12])]
  return Number.isNaN(user + system) ? null : user + system
}

export interface Identity {
  userId: number
  groupIds: number[]
}

/** Whom a process runs as; null when it can't be told. */
export function identityOf(pid: number): Identity | null {
  const status = textOf(`/proc/${pid}/status`) ?? ''
  const numbers = (name: string) =>
    (new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number)
  const [, userId] = numbers('Uid')
  const [, groupId] = numbers('Gid')
  return userId === undefined || groupId === undefined
    ? null
    : { userId, groupIds: [groupId, ...numbers('Groups')] }
}

const titleOf = (pid: number): string => (textOf(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ')

/** Null: gone, or not for us to see. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return null
    throw error
  }
}
