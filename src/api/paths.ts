/** Paths of this machine, which are for those who look after it: others are told the last part. */

/** Where programs and their files lie, whatever the system. */
const ROOTS = ['etc', 'usr', 'var', 'opt', 'srv', 'home', 'root', 'run', 'tmp', 'mnt', 'data']

/** An absolute path below one of the roots or the data folder; no part of an address such as `http://host/var/x`. */
const pattern = (data: string): RegExp =>
  new RegExp(`(?<![\\w.:/%-])(?:/(?:${ROOTS.join('|')})|${literal(data)})(?:/[\\w.@+-]*)*/([\\w.@+-]+)`, 'g')

const literal = (text: string): string => text.replace(/[^\w]/g, (letter) => `\\${letter}`)

/** `…/nginx.conf:12` of `/etc/nginx/nginx.conf:12`. `data`: the data folder. */
export const withoutPaths = (text: string, data: string): string => text.replace(pattern(data), '…/$1')

export type Told = (text: string) => string

/** A problem as somebody is told it: its sentences, and not its other members. */
export function toldProblem(problem: Record<string, unknown> | null, told: Told): object | null {
  if (problem === null) return null
  const { detail, hint, errors } = problem
  return {
    ...problem,
    ...(typeof detail === 'string' && { detail: told(detail) }),
    ...(typeof hint === 'string' && { hint: told(hint) }),
    ...(Array.isArray(errors) && { errors: errors.map((error: unknown) => toldError(error, told)) }),
    ...(problem['turnedBackBy'] instanceof Object && {
      turnedBackBy: toldProblem(problem['turnedBackBy'] as Record<string, unknown>, told), // a problem, says drive.ts
    }),
  }
}

/** `error`: a FieldError, as problems have them. */
const toldError = (error: unknown, told: Told): unknown => {
  const { field, message } = error as { field?: unknown; message?: unknown } // null is none of them
  return typeof message === 'string' ? { field, message: told(message) } : error
}
