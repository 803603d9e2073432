/** What acts on a data folder directly, whether a server runs on it or not. */
import { access, open, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { chainState } from './api/audit.ts'
import { isoTime, systemClock } from './base/clock.ts'
import { errnoOf, Fault, shown } from './base/fault.ts'
import { removeAll, writeDurably } from './base/files.ts'
import type { Log } from './base/log.ts'
import { isCommonPassword, Passwords } from './base/passwords.ts'
import type { ChainState } from './contract/shapes/audit.ts'
import { openDataFolder } from './data-folder.ts'
import { readTarHeader, TAR_BLOCK_BYTES } from './domain/canonical-tar.ts'
import { DEFAULT_INSTANCE_SETTINGS } from './domain/settings.ts'
import type { GatewayKind } from './domain/url.ts'
import { diskDrivers } from './drivers/disk/index.ts'
import { inspector } from './drivers/nginx/inspect.ts'
import { thisMachine } from './drivers/nginx/machine.ts'
import { SecuredNames } from './drivers/nginx/secured-names.ts'
import { NginxSettings } from './drivers/nginx/settings.ts'
import { createApiKey, type WishedKey } from './engine/account/api-keys.ts'
import { OF_THE_DATA_FOLDER } from './engine/account/authority.ts'
import { resetFactors } from './engine/account/factors.ts'
import { replacePassword } from './engine/account/password-reset.ts'
import { byLogin, createUser, newAccount, noUser } from './engine/account/users.ts'
import { verifyChain } from './engine/audit.ts'
import { BACKUP_NOTE, type BackupResult, writeBackup } from './engine/backup.ts'
import { readBackup, requireEmptyFolder, takeOver } from './engine/restore.ts'
import { type HttpsStanding, httpsOf } from './engine/url/certificate/view.ts'
import { type Exported, exportFolder } from './export.ts'
import { nginxImport } from './nginx-import.ts'
import type { Finding } from './ports/hosts.ts'
import { openSeal, readKey } from './store/key.ts'
import { FolderLock } from './store/lock.ts'
import { Store } from './store/store.ts'

export const offline = {
  nginxImport,

  exportFolder: (given: { data: string; folder: string; withKeys: boolean }): Promise<Exported> =>
    withStore(given.data, (store) =>
      exportFolder({ ...given, store, data: resolve(given.data), now: systemClock.now() }),
    ),

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

  /** Makes the data folder when there is none yet: so a machine can be set up before its server has ever run. */
  async createUser(given: OfflineUser & { data: string }): Promise<OfflineUserMade> {
    const { data, role, service, environment, ...wished } = given
    await makeDataFolderIfNew(data)
    return await withStore(data, async (store) => {
      const account = await newAccount({ passwords: new Passwords(), isCommonPassword }, wished)
      const place = { service, environment }
      const user = createUser({ store, clock: systemClock }, OF_THE_DATA_FOLDER, {
        account,
        wished: role === undefined ? null : { role, ...place },
      })
      const grants = store.grants.of(user.id).map((grant) => ({
        id: grant.id,
        role: grant.role,
        service: grant.serviceName,
        environment: grant.environmentName,
      }))
      return { id: user.id, kind: user.kind, login: user.login, name: user.name, grants }
    })
  },

  async resetPassword(given: {
    data: string
    login: string
    password: string
    withoutFactors: boolean
  }): Promise<{ id: string; login: string }> {
    const { data, login, password, withoutFactors } = given
    return await withStore(data, async (store) => {
      const world = { store, clock: systemClock, passwords: new Passwords(), isCommonPassword }
      const [user] = byLogin(store, login)
      if (!user) throw noUser()
      await replacePassword(world, OF_THE_DATA_FOLDER, { user, password })
      if (withoutFactors) resetFactors(world, OF_THE_DATA_FOLDER, user)
      return { id: user.id, login: user.login }
    })
  },

  async createKey(given: WishedKey & { data: string; user: string }): Promise<OfflineKeyMade> {
    const { data, user: login, ...wished } = given
    return await withStore(data, async (store) => {
      const [user] = byLogin(store, login)
      if (!user) throw noUser()
      const made = createApiKey({ store, clock: systemClock }, OF_THE_DATA_FOLDER, { user, wished })
      const { id, name, prefix, expiresAt } = made.row
      const end = expiresAt === null ? null : isoTime(expiresAt)
      return { id, name, prefix, user: user.login, expiresAt: end, key: made.key }
    })
  },

  async verifyAudit(given: { data: string; head: string | null }): Promise<ChainState> {
    const [number = '', hash = ''] = given.head?.split(':') ?? []
    const noted = given.head === null ? null : { number: Number(number), hash }
    return await withStore(given.data, async (store) => chainState(await verifyChain(store, noted)))
  },

  /** What the gateway that URLs use lacks here; `asNginx`: what NGINX would lack, whichever it is. */
  async gateway(given: {
    data: string
    asNginx: boolean
  }): Promise<{ kind: GatewayKind; findings: Finding[] }> {
    const data = resolve(given.data)
    const isThere = await stat(join(data, 'fairlead.db')).catch(nothing)
    const setting = isThere
      ? await withStore(data, async ({ settings }) => settings.read().gateway)
      : DEFAULT_INSTANCE_SETTINGS.gateway
    const kind = given.asNginx ? 'nginx' : setting.kind
    if (kind === 'builtin') return { kind, findings: [] }
    const settings = NginxSettings.parse(setting.nginx)
    const look = inspector({
      data,
      settings,
      machine: thisMachine,
      clock: systemClock,
      secured: new SecuredNames(join(data, 'nginx')),
    })
    const findings = await look.check()
    const known = new Set(findings.map(({ message }) => message))
    // What stands in the way of HTTPS alone keeps nobody from a URL.
    const https = (await look.checkHttps()).map((finding) => ({ ...finding, level: 'warning' as const }))
    return { kind, findings: [...findings, ...https.filter(({ message }) => !known.has(message))] }
  },

  /** How each URL that has HTTPS, or is to, answers over it; empty before the first start. */
  async https(given: { data: string }): Promise<{ hostname: string; https: HttpsStanding }[]> {
    const data = resolve(given.data)
    if (!(await stat(join(data, 'fairlead.db')).catch(nothing))) return []
    return await withStore(data, async (store) =>
      store.urls
        .withHttps({ limit: Number.MAX_SAFE_INTEGER, after: null })
        .map((row) => ({ hostname: row.hostname, https: httpsOf({ store, clock: systemClock }, row) })),
    )
  },

  async takeover(given: { data: string }): Promise<void> {
    await withStore(given.data, async (store) => takeOver({ store, clock: systemClock }))
  },
}

interface OfflineUser {
  kind: 'person' | 'machine'
  login: string
  name?: string | undefined
  password?: string | undefined
  role?: string | undefined
  service?: string | undefined
  environment?: string | undefined
}

interface OfflineUserMade {
  id: string
  kind: 'person' | 'machine'
  login: string
  name: string
  grants: { id: string; role: string; service: string | null; environment: string | null }[]
}

/** An existing folder with anything in it is left as it is. */
async function makeDataFolderIfNew(folder: string): Promise<void> {
  const data = resolve(folder)
  if (((await readdir(data).catch(nothing)) ?? []).length > 0) return
  await openDataFolder(data)
  const lock = FolderLock.take(data)
  try {
    const store = new Store(join(data, 'fairlead.db'), { now: systemClock.now() })
    openSeal(data, store.instance)
    store.close()
  } finally {
    lock.release()
  }
}

interface OfflineKeyMade {
  id: string
  name: string
  prefix: string
  user: string
  expiresAt: string | null
  key: string
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
