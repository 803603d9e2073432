/** What somebody has changed by hand stays, until it is put back on purpose. */
import { afterEach, beforeEach, describe, expect } from 'bun:test'
import {
  chmodSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { asFault } from '../../src/base/fault.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { needs } from '../needs.ts'
import { DebianNginx, signal } from './debian-nginx.ts'

const withNginx = needs('nginx')
const NAME = 'a.example.com'
let nginx: DebianNginx
let hosts: Hosts
let site: HostSite
let wrote: string
beforeEach(async () => {
  nginx = await DebianNginx.started()
  hosts = nginx.hosts()
  site = nginx.site('first')
  await hosts.put(NAME, site, signal)
  wrote = readFileSync(text(), 'utf8')
})
afterEach(() => nginx.remove())

const text = () => join(nginx.data, 'nginx', `${NAME}.conf`)
const model = () => join(nginx.data, 'nginx', `${NAME}.json`)
const link = () => join(nginx.enabled, `${NAME}.conf`)
const codeOf = async (deed: Promise<unknown>) =>
  await deed.then(
    () => 'done',
    (error: unknown) => asFault(error).code,
  )
const links = () =>
  [nginx.available, nginx.enabled].map((folder) => ({
    path: join(folder, `${NAME}.conf`),
    target: text(),
    isTaken: false,
  }))

describe('a text that somebody has changed', () => {
  const byHand = () => `${wrote}# mine\n`
  beforeEach(() => writeFileSync(text(), byHand()))

  withNginx('is a conflict that names the file, for every deed, and stays', async () => {
    const other = nginx.site('second')
    for (const deed of [
      () => hosts.put(NAME, other, signal),
      () => hosts.put(NAME, site, signal),
      () => hosts.drop(NAME, signal),
      () => hosts.read(NAME, signal),
      () => nginx.hosts().put(NAME, other, signal),
    ])
      expect(await deed().catch((fault: unknown) => fault)).toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(text()),
      })
    expect(readFileSync(text(), 'utf8')).toBe(byHand())
    expect(await nginx.says(NAME)).toBe('200 first')
  })

  withNginx('does not keep others of the same batch', async () => {
    const [mine, other] = await Promise.allSettled([
      hosts.put(NAME, nginx.site('second'), signal),
      hosts.put('b.example.com', nginx.site('b'), signal),
    ])
    expect([mine?.status, other?.status]).toEqual(['rejected', 'fulfilled'])
    expect(await nginx.says('b.example.com')).toBe('200 b')
  })

  withNginx('is told beside what was written', async () => {
    expect(await hosts.written(NAME, signal)).toEqual([
      { file: text(), wrote, stands: byHand(), isByHand: true, links: links() },
    ])
  })

  withNginx('is restored, and taken away, on purpose', async () => {
    await hosts.restore(NAME, site, signal)
    expect(readFileSync(text(), 'utf8')).toBe(wrote)
    expect(await hosts.read(NAME, signal)).toEqual(site)
    writeFileSync(text(), byHand())
    await hosts.restore(NAME, null, signal)
    expect(await hosts.written(NAME, signal)).toEqual([])
    expect(await hosts.list(signal)).toEqual([])
  })

  withNginx('without its model is somebody’s as well', async () => {
    rmSync(model())
    expect(await codeOf(hosts.put(NAME, nginx.site('second'), signal))).toBe('conflict')
    expect(await hosts.written(NAME, signal)).toMatchObject([{ wrote: null, isByHand: true }])
    // What was to be written is there already, whoever wrote it.
    writeFileSync(text(), wrote)
    await hosts.put(NAME, site, signal)
    expect(await hosts.read(NAME, signal)).toEqual(site)
  })
})

withNginx('a text of another version of the program was changed by nobody', async () => {
  const stored = JSON.parse(readFileSync(model(), 'utf8')) as Record<string, unknown>
  const older = `${wrote}# as it was written once\n`
  const textSha256 = new Bun.CryptoHasher('sha256').update(older).digest('hex')
  writeFileSync(text(), older)
  writeFileSync(model(), `${JSON.stringify({ ...stored, textSha256 })}\n`)
  expect(await hosts.written(NAME, signal)).toMatchObject([{ wrote: older, stands: older, isByHand: false }])
  await hosts.put(NAME, site, signal)
  expect(readFileSync(text(), 'utf8')).toBe(wrote)
  // Also when the model is of a later version, which nobody here can read.
  writeFileSync(text(), older)
  writeFileSync(model(), `${JSON.stringify({ hostname: NAME, site: { kind: 'later' }, textSha256 })}\n`)
  await hosts.put(NAME, site, signal)
  expect(readFileSync(text(), 'utf8')).toBe(wrote)
})

describe('a link that somebody has changed', () => {
  const theirs = () => join(nginx.folder, 'theirs.conf')
  const WAYS: [what: string, change: () => void, seen: object][] = [
    ['is gone', () => unlinkSync(link()), { target: null, isTaken: false }],
    [
      'leads elsewhere',
      () => {
        unlinkSync(link())
        writeFileSync(theirs(), '# theirs\n')
        symlinkSync(theirs(), link())
      },
      { isTaken: false },
    ],
    [
      'has become a file',
      () => {
        unlinkSync(link())
        writeFileSync(link(), '# a copy\n')
        chmodSync(link(), 0o640)
      },
      { target: null, isTaken: true },
    ],
  ]
  for (const [what, change, seen] of WAYS) {
    withNginx(`${what}: it is told, and restored`, async () => {
      change()
      const [file] = await hosts.written(NAME, signal)
      expect(file).toMatchObject({ isByHand: false, stands: wrote })
      expect(file?.links[1]).toMatchObject(seen)
      await hosts.restore(NAME, site, signal)
      expect(await hosts.written(NAME, signal)).toMatchObject([{ links: links() }])
      expect(await nginx.says(NAME)).toBe('200 first')
    })

    withNginx(`${what}: it is as before when a restore fails`, async () => {
      change()
      const before = seenAt(link())
      nginx.command('test', 'echo "nginx: [emerg] no" >&2; exit 1')
      expect(await codeOf(hosts.restore(NAME, site, signal))).toBe('conflict')
      expect(seenAt(link())).toEqual(before)
    })
  }

  const seenAt = (path: string): unknown => {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (!found) return null
    return found.isSymbolicLink() ? readlinkSync(path) : [readFileSync(path, 'utf8'), statSync(path).mode]
  }
})

withNginx('a name that was never put has no file, whoever has one of that name', async () => {
  writeFileSync(join(nginx.enabled, 'theirs.example.com.conf'), '# theirs\n')
  expect(await hosts.written('theirs.example.com', signal)).toEqual([])
})

describe('what is read as nobody’s doing', () => {
  const read = () => codeOf(hosts.read(NAME, signal).then((found) => expect(found).toBeNull()))

  withNginx('links that are gone together with those of all others, or lead nowhere', async () => {
    for (const name of nginx.names(nginx.enabled)) unlinkSync(join(nginx.enabled, name))
    expect(await read()).toBe('done')
    symlinkSync(`/an/older/data/nginx/${NAME}.conf`, link())
    expect(await read()).toBe('done')
    await hosts.put(NAME, site, signal)
    unlinkSync(link())
    expect(await read()).toBe('conflict')
  })

  withNginx('a site that is gone wholly, and not its text alone', async () => {
    rmSync(text())
    expect(await read()).toBe('conflict')
    rmSync(model())
    expect(await read()).toBe('done')
  })
})
