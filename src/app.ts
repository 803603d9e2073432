/** Everything put together by calling constructors: configuration in, running program out. */
import { access, constants, open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { apiHandler } from './api/server.ts'
import { type Clock, systemClock } from './base/clock.ts'
import { errnoOf, Fault, shown } from './base/fault.ts'
import { removeAll, writeDurably } from './base/files.ts'
import { LIMITS } from './base/limits.ts'
import { jsonLog, type Log } from './base/log.ts'
import { type Assets, type Server, serve } from './base/platform.ts'
import { derivedKey } from './base/secrets.ts'
import { readTarHeader, TAR_BLOCK_BYTES } from './domain/canonical-tar.ts'
import { parseBuiltinHostname } from './domain/names.ts'
import { diskDrivers, prepareDataFolder } from './drivers/disk/index.ts'
import { builtinGateway } from './drivers/gateway/builtin.ts'
import { AccessTokens } from './engine/account/access-token.ts'
import { BACKUP_NOTE, type BackupResult, writeBackup } from './engine/backup.ts'
import { Engine } from './engine/engine.ts'
import { readBackup, requireEmptyFolder, requireFinishedRestore } from './engine/restore.ts'
import type { World } from './engine/step.ts'
import { ensureKey, readKey } from './store/key.ts'
import { FolderLock } from './store/lock.ts'
import { Store } from './store/store.ts'

export interface AppConfig {
  data: string
  listen: Address
  sitesListen: Address
  /** Where people reach the page, if not at `listen`: the base of links and an allowed Host. */
  url: string | null
  assets: Assets
  /** Bytes that uploads leave free on the disk, instead of DESIGN §4's reserve. */
  diskReserveBytes?: number
  clock?: Clock
  log?: Log
}

export interface Address {
  hostname: string
  port: number
}

export interface App {
  /** Where the page and the API answer. */
  url: string
  /** Where the builtin gateway answers. */
  sitesUrl: string
  stop(): Promise<void>
}

/** Starts a server on a data folder. Throws `conflict` (in use), `broken_data`, `unavailable` (port taken); nothing runs then. */
export async function startApp(config: AppConfig): Promise<App> {
  const data = resolve(config.data)
  const clock = config.clock ?? systemClock
  const log =
    config.log ??
    jsonLog(
      (line) => void process.stderr.write(`${line}\n`),
      () => clock.now(),
    )
  const opened: (() => Promise<void> | void)[] = []
  const stop = async () => {
    for (const close of opened.splice(0).toReversed()) await close()
  }
  try {
    await openDataFolder(data)
    const lock = FolderLock.take(data)
    opened.push(() => lock.release())
    await requireFinishedRestore(data)
    ensureKey(data)
    const store = new Store(join(data, 'fairlead.db'), { now: clock.now(), check: lock.wasLeftOpen })
    opened.push(() => store.close())
    const disk = diskDrivers({ data, clock, log, ...reserve(config) })
    await disk.start()
    opened.push(() => disk.stop())
    const sites = builtinGateway({ data, listen: config.sitesListen, siteOf: siteOf(store), log })
    const { port: sitesPort } = await bound(config.sitesListen, '--sites-listen', () => sites.start())
    opened.push(() => sites.stop(true))
    const engine = new Engine({ store, clock, log, ...disk, gateway: sites.gateway, probe: sites.probe })
    await engine.start()
    opened.push(() => engine.stop())
    const stopping = new AbortController()
    const server = await bound(config.listen, '--listen', () =>
      listen(config, { engine, data, clock, log, stopping }),
    )
    opened.push(async () => {
      stopping.abort()
      await server.stop(true)
    })
    return {
      url: config.url ?? origin(config.listen, server.port),
      sitesUrl: origin(config.sitesListen, sitesPort),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Parts {
  engine: Engine
  data: string
  clock: Clock
  log: Log
  stopping: AbortController
}

function listen(config: AppConfig, { engine, data, clock, log, stopping }: Parts): Server {
  const handle = apiHandler({
    engine,
    clock,
    log,
    assets: config.assets,
    version: packageJson.version,
    hosts: [],
    url: config.url === null ? null : new URL(config.url),
    staging: join(data, 'staging'),
    stopping: stopping.signal,
    tokens: accessTokens(data, engine.world),
  })
  return serve({
    ...config.listen,
    // The API counts by itself and says what is wrong; the runtime's own 413 would be a bare one.
    maxBodyBytes: Number.MAX_SAFE_INTEGER,
    idleSeconds: LIMITS.http.idleSeconds,
    fetch: handle,
    onError: () => new Response(null, { status: 500 }),
  })
}

const accessTokens = (data: string, { store, clock }: World): AccessTokens =>
  new AccessTokens({
    key: derivedKey(readKey(join(data, 'key')), 'access tokens'),
    instanceId: store.instance.id(),
    clock,
  })

/** The environment behind a host name of the builtin gateway. */
const siteOf = (store: Store) => (hostname: string) => {
  const names = parseBuiltinHostname(hostname)
  const environment = names && store.environments.find(names.service, names.environment)
  return environment && { environmentId: environment.id }
}

const reserve = ({ diskReserveBytes }: Pick<AppConfig, 'diskReserveBytes'>) =>
  diskReserveBytes === undefined ? {} : { reserveBytes: diskReserveBytes }

const origin = ({ hostname }: Address, port: number): string =>
  `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`

async function openDataFolder(data: string): Promise<void> {
  try {
    await prepareDataFolder(data)
    await access(data, constants.W_OK)
  } catch (cause) {
    throw new Fault(
      'broken_data',
      `The data folder ${data} can't be made or written (${errnoOf(cause) ?? 'unknown'}).`,
      {
        hint: 'Give it to the user that runs Fairlead, or name another one with --data.',
        cause,
      },
    )
  }
}

/** A port that is taken or not ours to take, as a sentence that says which option moves it. */
async function bound<T>(address: Address, option: string, open: () => Promise<T> | T): Promise<T> {
  try {
    return await open()
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno !== 'EADDRINUSE' && errno !== 'EACCES' && errno !== 'EADDRNOTAVAIL') throw cause
    const reason = {
      EADDRINUSE: 'is in use by another program',
      EACCES: 'needs more rights',
      EADDRNOTAVAIL: 'is not an address of this machine',
    }[errno]
    throw new Fault('unavailable', `${address.hostname}:${address.port} ${reason}.`, {
      hint: `Choose another address with ${option} HOST:PORT.`,
      cause,
    })
  }
}

/** What acts on a data folder directly, whether a server runs on it or not. */
export const offline = {
  async backup(given: { data: string; file: string; withoutBundles: boolean }): Promise<BackupResult> {
    const file = resolve(given.file)
    await requireReplaceable(file, isBackup)
    return await withStore(given.data, (store) =>
      writeBackup({
        store,
        bundles: diskDrivers({ data: resolve(given.data), clock: systemClock, log: quiet }).bundles,
        staging: join(given.data, 'staging'),
        file,
        withoutBundles: given.withoutBundles,
        version: packageJson.version,
        now: systemClock.now(),
      }),
    )
  },

  async backupKey(given: { data: string; file: string }): Promise<void> {
    await requireData(given.data)
    const file = resolve(given.file)
    const key = readKey(join(given.data, 'key'))
    await requireReplaceable(file, async () => (await readFile(file, 'utf8')) === key)
    await writeDurably(file, key)
  },

  async restore(given: { data: string; file: string; keyFile: string | null }): Promise<{ bundles: number }> {
    const data = resolve(given.data)
    await requireEmptyFolder(data)
    await requireFile(given.file)
    if (given.keyFile !== null) {
      await requireFile(given.keyFile)
      readKey(given.keyFile)
    }
    await openDataFolder(data)
    const lock = FolderLock.take(data)
    try {
      const { bundles } = diskDrivers({ data, clock: systemClock, log: quiet })
      return await readBackup({ ...given, data, bundles, now: systemClock.now() })
    } catch (error) {
      // The folder was empty and is ours by the lock: what stands there now is half of a restore.
      for (const name of await readdir(data)) await removeAll(join(data, name))
      throw error
    } finally {
      lock.release()
    }
  },

  async takeover(given: { data: string }): Promise<void> {
    await withStore(given.data, async (store) => store.instance.setStandingBy(false))
  },
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch(nothing)
  if (!found?.isFile())
    throw new Fault('not_found', `There is no file ${shown(path)}.`, { hint: 'Check its name.' })
}

const nothing = (error: unknown): null => {
  if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null
  throw error
}

/** A backup goes into a new file or replaces an earlier one, never anything else. */
async function requireReplaceable(
  file: string,
  isEarlierOne: (file: string) => Promise<boolean>,
): Promise<void> {
  const folder = await stat(dirname(file)).catch(nothing)
  if (!folder?.isDirectory())
    throw new Fault('not_found', `There is no folder ${shown(dirname(file))}.`, {
      hint: 'Make it first, or name another file.',
    })
  const found = await stat(file).catch(nothing)
  if (found === null || (found.isFile() && (await isEarlierOne(file)))) return
  throw new Fault('conflict', `${shown(file)} exists already and was left as it is.`, {
    hint: 'Name a new file, or one that holds the same from an earlier time.',
  })
}

async function isBackup(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer } = await handle.read(Buffer.alloc(TAR_BLOCK_BYTES), 0, TAR_BLOCK_BYTES, 0)
    return readTarHeader(buffer)?.name === BACKUP_NOTE
  } finally {
    await handle.close()
  }
}

const quiet: Log = { write() {} }

async function withStore<T>(data: string, work: (store: Store) => Promise<T>): Promise<T> {
  await requireData(data)
  const store = new Store(join(data, 'fairlead.db'), { now: systemClock.now(), asIs: true })
  try {
    return await work(store)
  } finally {
    store.close()
  }
}

async function requireData(data: string): Promise<void> {
  await access(join(data, 'fairlead.db')).catch((cause) => {
    throw new Fault('not_found', `There is no data folder of Fairlead at ${data}.`, {
      hint: 'Name it with --data or FAIRLEAD_DATA.',
      cause,
    })
  })
}
