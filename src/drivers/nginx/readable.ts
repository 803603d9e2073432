/** Whether NGINX's workers, who are nobody in particular, can read what they are to serve. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { run } from '../../base/run.ts'
import type { Finding } from '../../ports/hosts.ts'
import type { Identity } from './workers.ts'

const SERVED = ['sites', 'trees', 'grace', 'challenges']

/** By their own try where this process may act for them, else by the modes of all folders on the way. */
export async function readableFindings(data: string, worker: Identity, userId: number): Promise<Finding[]> {
  if (worker.userId === 0) return []
  const wanted = [data, ...SERVED.map((name) => join(data, name))].filter((path) => existsSync(path))
  const closed = [...new Set(wanted.flatMap(pathTo))].find((path) => !mayEnter(path, worker))
  const tried = userId === 0 ? await triedBy(worker, wanted) : null
  if (tried === true || (tried === null && closed === undefined)) return []
  const name = nameOf(worker.userId)
  if (closed === undefined)
    return [
      {
        level: 'problem',
        message: `NGINX's workers (${name}) can't read in ${data}, although its modes let them.`,
        remedy: `Something else forbids it, such as an access list or AppArmor. Look at: getfacl ${data}`,
      },
    ]
  return [
    {
      level: 'problem',
      message: `NGINX's workers (${name}) can't pass through ${closed}, so that no site can be served.`,
      remedy: `chmod o+x ${closed} (or keep the data folder where everybody may pass, such as /var/lib/fairlead)`,
    },
  ]
}

/** `/`, `/a`, `/a/b` of `/a/b`. */
function pathTo(path: string): string[] {
  const above = dirname(path)
  return above === path ? [path] : [...pathTo(above), path]
}

function mayEnter(path: string, { userId, groupIds }: Identity): boolean {
  const { mode, uid, gid } = statSync(path)
  if (uid === userId) return (mode & 0o100) !== 0
  return (mode & (groupIds.includes(gid) ? 0o010 : 0o001)) !== 0
}

/** Null: it could not be tried. */
async function triedBy({ userId, groupIds }: Identity, folders: readonly string[]): Promise<boolean | null> {
  const [groupId = userId] = groupIds
  const as = [`--reuid=${userId}`, `--regid=${groupId}`, `--groups=${groupIds.join(',')}`]
  try {
    const [first = '', ...more] = folders
    const { code } = await run([
      'setpriv',
      ...as,
      'test',
      '-x',
      first,
      ...more.flatMap((path) => ['-a', '-x', path]),
    ])
    // Neither yes nor no: setpriv itself has failed.
    return code > 1 ? null : code === 0
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

/** Whom a name of the configuration stands for, by the files of the machine; null: nobody. */
export function identityOfName(name: string): Identity | null {
  const user = linesOf('/etc/passwd').find(([login]) => login === name)
  const [, , userId, groupId] = user ?? []
  if (userId === undefined || groupId === undefined) return null
  const others = linesOf('/etc/group').filter(([, , , members = '']) => members.split(',').includes(name))
  return { userId: Number(userId), groupIds: [Number(groupId), ...others.map(([, , id]) => Number(id))] }
}

/** As people know that user. */
export const nameOf = (userId: number): string =>
  linesOf('/etc/passwd').find(([, , id]) => Number(id) === userId)?.[0] ?? `user ${userId}`

const linesOf = (path: string): string[][] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .map((line) => line.split(':'))
    : []
