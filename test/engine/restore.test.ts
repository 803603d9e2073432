import { afterEach, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tarEnd, tarHeader, tarPadding } from '../../src/domain/canonical-tar.ts'
import { isEnded, LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { BACKUP_NOTE, writeBackup } from '../../src/engine/backup.ts'
import { readBackup, requireFinishedRestore } from '../../src/engine/restore.ts'
import { openSeal } from '../../src/store/key.ts'
import { Store } from '../../src/store/store.ts'

let folder: string
let file: string
let data: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-restore-'))
  file = join(folder, 'backup.tar')
  data = join(folder, 'data')
  mkdirSync(data)
})
afterEach(() => rmSync(folder, { recursive: true }))

const none = () => Promise.reject(new Error('this backup has no bundles'))
const restore = (keyFile: string | null = null) =>
  readBackup({ file, data, keyFile, bundles: { receive: none, keepUnread: none, discard: none }, now: 7 })

async function backupOf(fill: (store: Store) => void): Promise<void> {
  const store = new Store(join(folder, 'db'), { now: 0 })
  fill(store)
  const bundles = { archive: async () => null }
  await writeBackup({ store, bundles, staging: folder, file, withoutBundles: true, version: '1', now: 1 })
  store.close()
}

test('what was open ends with an event, and nothing is being deleted any more', async () => {
  await backupOf((store) => {
    const service = store.services.create('web', 0)
    const environment = store.environments.create(service, 'production', { now: 0 })
    const empty = store.services.create('empty', 0)
    store.services.setDeleting(empty.id, true)
    store.environments.setDeleting(environment.id, true)
    const given = { actor: LOCAL_ACTOR, now: 0 } as const
    const ids = { serviceId: service.id, environmentId: environment.id }
    const deployment = store.operations.create({ ...given, ...ids, kind: 'deployment' })
    store.operations.start(deployment.id, 0)
    store.pins.add('tree', `operation:${deployment.id}`)
    store.operations.create({ ...given, ...ids, kind: 'environment-deletion' })
    store.operations.create({ ...given, kind: 'service-deletion', serviceId: empty.id, environmentId: null })
  })
  await restore()
  await requireFinishedRestore(data)
  const store = new Store(join(data, 'fairlead.db'), { now: 8 })
  const operations = store.operations.list({ limit: 10, after: null })
  expect(operations.every(({ status }) => isEnded(status))).toBe(true)
  const [restored, ...ended] = store.events.list({ limit: 10, after: null })
  expect(restored).toMatchObject({ kind: 'instance.restored', actor: LOCAL_ACTOR, data: { withKey: false } })
  expect(new Set(ended.map(({ kind, operationId }) => `${operationId} ${kind}`))).toEqual(
    new Set(operations.map(({ kind, id }) => `${id} ${kind}.cancelled`)),
  )
  expect(store.services.named('empty').deleting).toBe(0)
  expect(store.environments.of(store.services.named('web').id)[0]?.deleting).toBe(false)
  expect(store.pins.isPinned('tree')).toBe(false)
  expect(store.instance.isStandingBy()).toBe(true)
  store.close()
})

test('orders at a CA that were open are over, so that others have their turn', async () => {
  await backupOf((store) => {
    const given = { actor: LOCAL_ACTOR, now: 0, serviceId: null, environmentId: null } as const
    const { id } = store.operations.create({ ...given, kind: 'certificate-renewal' })
    store.acmeOrders.create({ certificateId: 'c', directoryUrl: 'https://ca/', operationId: id, now: 0 })
    store.operations.end(id, { status: 'stuck', now: 0 })
  })
  await restore()
  const store = new Store(join(data, 'fairlead.db'), { now: 8 })
  expect(store.acmeOrders.open('https://ca/')).toBe(0)
  store.close()
})

test('a backup without a database is none', async () => {
  const note = JSON.stringify({ program: 'fairlead' })
  const parts = [tarHeader(BACKUP_NOTE, note.length), Buffer.from(note), tarPadding(note.length), tarEnd()]
  writeFileSync(file, Buffer.concat(parts))
  expect(await restore().catch((error) => error)).toMatchObject({ code: 'invalid' })
  expect(existsSync(join(data, 'fairlead.db'))).toBe(false)
})

test('a key that is none is told before anything is written', async () => {
  await backupOf((store) => store.services.create('web', 0))
  writeFileSync(file.replace('backup.tar', 'key'), 'no key')
  const refused = await restore(join(folder, 'key')).catch((error) => error)
  expect(refused).toMatchObject({ code: 'broken_data' })
  expect(existsSync(join(data, 'fairlead.db.restoring'))).toBe(false)
})

test('a folder with an interrupted restore is not served', async () => {
  writeFileSync(join(data, 'fairlead.db.restoring'), '')
  expect(await requireFinishedRestore(data).catch((error) => error)).toMatchObject({ code: 'broken_data' })
})

const SECRET_PLACE = { table: 'identity_providers', row: 'id', column: 'client_secret' }

/** A backup of a folder with a key, an account that is signed in, open links and a sealed secret. */
async function backupWithSecrets(): Promise<void> {
  await backupOf((store) => {
    const seal = openSeal(folder, store.instance)
    const { id } = store.users.create({
      kind: 'person',
      login: 'ann@example.com',
      name: 'Ann',
      passwordHash: null,
      now: 0,
    })
    store.totp.propose(id, seal.seal('totp secret', { ...SECRET_PLACE, row: id }))
    store.totp.confirm(id, 1)
    store.sessions.create({
      userId: id,
      tokenHash: 'hash',
      address: '127.0.0.1',
      userAgent: '',
      methods: ['password'],
      now: 0,
      expiresAt: 1_000_000,
    })
    store.challenges.put({ kind: 'k', id: 'c', holder: 'h' }, { data: '', expiresAt: 9, now: 0, most: 9 })
    store.db.run(
      `INSERT INTO invitations (id, login, role, code_hash, invited_by, created_at, expires_at)
       VALUES ('i', 'bob@example.com', 'viewer', 'hash', 'ann', 0, 9)`,
    )
    store.db.run("INSERT INTO password_resets VALUES (?, 'hash', 'ann', 0, 9)", id)
    store.db.run(
      `INSERT INTO identity_providers (id, label, issuer, client_id, client_secret, settings, created_at)
       VALUES ('id', 'Company', 'https://id.example', 'fairlead', ?, '{}', 0)`,
      seal.seal('client secret', SECRET_PLACE),
    )
  })
}

function restored(): Store {
  return new Store(join(data, 'fairlead.db'), { now: 8 })
}
const clientSecret = (store: Store) =>
  store.db.get<{ secret: string | null }>('SELECT client_secret AS secret FROM identity_providers')?.secret

test('nobody is signed in after a restore, and no link of that time opens anything', async () => {
  await backupWithSecrets()
  await restore(join(folder, 'key'))
  const store = restored()
  for (const table of ['sessions', 'challenges', 'invitations', 'password_resets'])
    expect(store.db.all(`SELECT * FROM ${table}`)).toEqual([])
  expect(store.users.named('ann@example.com')?.name).toBe('Ann')
  store.close()
})

test('S02 with its key a backup comes back with its secrets', async () => {
  await backupWithSecrets()
  await restore(join(folder, 'key'))
  const store = restored()
  const seal = openSeal(data, store.instance)
  expect(readFileSync(join(data, 'key'))).toEqual(readFileSync(join(folder, 'key')))
  expect(statSync(join(data, 'key')).mode & 0o777).toBe(0o600)
  expect(seal.open(clientSecret(store) ?? '', SECRET_PLACE)).toBe('client secret')
  store.close()
})

test('S02 with another key it is refused', async () => {
  await backupWithSecrets()
  const strange = join(folder, 'strange')
  mkdirSync(strange)
  const other = new Store(join(strange, 'db'), { now: 0 })
  openSeal(strange, other.instance)
  other.close()
  expect(await restore(join(strange, 'key')).catch((error) => error)).toMatchObject({
    code: 'broken_data',
    message: expect.stringContaining('not the one that seals'),
  })
  expect(existsSync(join(data, 'fairlead.db'))).toBe(false)
})

test('S02 without its key the secrets are to be entered again, and a second factor still bars the way', async () => {
  await backupWithSecrets()
  await restore()
  const store = restored()
  const key = readFileSync(join(data, 'key'), 'utf8')
  expect(key).not.toBe(readFileSync(join(folder, 'key'), 'utf8'))
  const seal = openSeal(data, store.instance)
  expect(readFileSync(join(data, 'key'), 'utf8')).toBe(key)
  expect(clientSecret(store)).toBeNull()
  const row = store.totp.find(store.users.named('ann@example.com')?.id ?? '')
  expect(row?.confirmed).toBe(1)
  expect(seal.canOpen(row?.secret ?? '')).toBe(false)
  store.close()
})
