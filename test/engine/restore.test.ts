import { afterEach, beforeEach, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tarEnd, tarHeader, tarPadding } from '../../src/domain/canonical-tar.ts'
import { isEnded, LOCAL_ACTOR } from '../../src/domain/operation.ts'
import { BACKUP_NOTE, writeBackup } from '../../src/engine/backup.ts'
import { readBackup, requireFinishedRestore } from '../../src/engine/restore.ts'
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
  const ended = store.events.list({ limit: 10, after: null })
  expect(new Set(ended.map(({ kind, operationId }) => `${operationId} ${kind}`))).toEqual(
    new Set(operations.map(({ kind, id }) => `${id} ${kind}.cancelled`)),
  )
  expect(store.services.named('empty').deleting).toBe(0)
  expect(store.environments.of(store.services.named('web').id)[0]?.deleting).toBe(false)
  expect(store.pins.isPinned('tree')).toBe(false)
  expect(store.instance.isStandingBy()).toBe(true)
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
