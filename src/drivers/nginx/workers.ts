/** The processes of NGINX, as the kernel tells everybody about them. */
import { readFileSync } from 'node:fs'
import { errnoOf } from '../../base/fault.ts'

export interface Worker {
  pid: number
  /**
   * `beginning`: it is not ready yet. `leaving`: it takes no new connections and ends with its last one, so that it
   * answers by an older configuration.
   */
  state: 'beginning' | 'taking' | 'leaving'
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
    .flatMap((pid) => {
      const state = stateOf(titleOf(Number(pid)))
      return state === null ? [] : [{ pid: Number(pid), state }]
    })
}

/** Null: no worker. One that has only just been made has the title of its master still. */
function stateOf(title: string): Worker['state'] | null {
  if (title.startsWith('nginx: master')) return 'beginning'
  if (!title.startsWith('nginx: worker process')) return null
  return title.includes('shutting down') ? 'leaving' : 'taking'
}

/**
 * Whether a master has a reload in work or one to begin; null when it can't be told. It blocks its signals but while it
 * waits for one, and one that comes in between stands there as pending.
 */
export function isAtWork(master: number): boolean | null {
  // Between the end of its waiting and the beginning of its work it may look idle, but for one look: it does not sleep then.
  const looks = [isWaiting(master), isWaiting(master)]
  return looks.includes(null) ? null : looks.includes(false)
}

function isWaiting(master: number): boolean | null {
  const status = textOf(`/proc/${master}/status`) ?? ''
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1]
  const [state, pending, blocked] = ['State', 'ShdPnd', 'SigBlk'].map(field)
  if (state === undefined || pending === undefined || blocked === undefined) return null
  return state === 'S' && !hasReload(pending) && !hasReload(blocked)
}

/** Whether a set of signals, in hexadecimal, has SIGHUP in it, which is the first of all. */
const hasReload = (signals: string): boolean => Number.parseInt(signals.at(-1) ?? '', 16) % 2 === 1

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
