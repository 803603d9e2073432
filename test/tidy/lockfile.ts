export interface Lockfile {
  packages: Record<string, LockedPackage>
}

interface LockedPackage {
  version?: string
  dev?: boolean
  optionalDependencies?: Record<string, string>
}

/** Optional packages that some package of the lock file names and that have no entry of their own. */
export function missingOptionals(lock: Lockfile): { name: string; version: string; dev: boolean }[] {
  return Object.entries(lock.packages).flatMap(([holder, { dev, optionalDependencies }]) =>
    Object.entries(optionalDependencies ?? {})
      .filter(
        ([name]) =>
          !lock.packages[`node_modules/${name}`] && !lock.packages[`${holder}/node_modules/${name}`],
      )
      .map(([name, version]) => ({ name, version, dev: dev === true })),
  )
}
