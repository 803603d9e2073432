import { lookup } from 'node:dns/promises'
import { accessSync, constants } from 'node:fs'
import { lstat, stat, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { errnoOf } from './fault.ts'
import { serve } from './platform.ts'

/** What stands at a path, without following a symlink; null: nothing, or nothing that may be seen. */
export async function lookAt(
  path: string,
): Promise<{ kind: 'file' | 'folder' | 'other'; mode: number; ownerId: number } | null> {
  try {
    const stats = await lstat(path)
    const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other'
    return { kind, mode: stats.mode, ownerId: stats.uid }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return null
    throw error
  }
}

/** What this machine calls itself. */
export const machineName = (): string => hostname()

/** Whether this process may make files in a folder, as the kernel sees it. */
export function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false // whatever the reason, it is a no
  }
}

/** The path itself, or the nearest folder above it that exists. */
export async function nearestFolder(path: string): Promise<string> {
  for (let at = resolve(path); ; at = dirname(at)) {
    const isFolder = await stat(at).then(
      (stats) => stats.isDirectory(),
      () => false,
    )
    if (isFolder || at === dirname(at)) return at
  }
}

export async function diskSpace(folder: string): Promise<{ freeBytes: number; totalBytes: number }> {
  const disk = await statfs(folder)
  return { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize }
}

/** Whether a program of this name is on the search path. */
export function hasProgram(name: string, searchPath: string): boolean {
  return searchPath.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false // not in this folder
    }
  })
}

/** The errno that binding an address gives; null when it is free. It is let go at once. */
export async function bindError(hostname: string, port: number): Promise<string | null> {
  const refusal = () => new Response(null, { status: 503 })
  try {
    const server = serve({
      hostname,
      port,
      maxBodyBytes: 0,
      idleSeconds: 1,
      fetch: refusal,
      onError: refusal,
    })
    await server.stop(true)
    return null
  } catch (error) {
    return errnoOf(error) ?? 'unknown'
  }
}

/** The addresses of a host name as programs of this machine see it; none when it has none. */
export async function addressesOf(hostname: string): Promise<string[]> {
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address)
  } catch {
    return [] // no such name, or nobody to ask
  }
}
