import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { readFileSync, readlinkSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { asFault } from '../../src/base/fault.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { needs } from '../needs.ts'
import { DebianNginx, signal } from './debian-nginx.ts'

const withNginx = needs('nginx')
let nginx: DebianNginx
let hosts: Hosts
beforeAll(async () => {
  nginx = await DebianNginx.started()
  hosts = nginx.hosts()
})
afterAll(() => nginx.remove())

const own = () => join(nginx.data, 'nginx')
const generation = () => nginx.generation()

describe('a site', () => {
  withNginx('answers when it was put, changes, and is nobody’s when it was dropped', async () => {
    expect(await hosts.read('a.example.com', signal)).toBeNull()
    const first = nginx.site('first')
    await hosts.put('a.example.com', first, signal)
    expect(await nginx.says('a.example.com')).toBe('200 first')
    expect(await hosts.read('a.example.com', signal)).toEqual(first)
    await hosts.put('a.example.com', nginx.site('second'), signal)
    expect(await nginx.says('a.example.com')).toBe('200 second')
    await hosts.drop('a.example.com', signal)
    expect(await nginx.says('a.example.com')).not.toStartWith('200')
    expect(await hosts.read('a.example.com', signal)).toBeNull()
  })

  withNginx('is one file, with an absolute link to it in both folders of Debian', async () => {
    await hosts.put('*.example.com', nginx.site('any'), signal)
    await hosts.put('b.example.com', nginx.site('b'), signal)
    const names = ['00-fairlead.conf', '_wildcard.example.com.conf', 'b.example.com.conf']
    expect(nginx.names(nginx.enabled)).toEqual(names)
    expect(nginx.names(nginx.available)).toEqual(names)
    for (const folder of [nginx.enabled, nginx.available])
      for (const name of names) expect(readlinkSync(join(folder, name))).toBe(join(own(), name))
    expect(nginx.names(own()).filter((name) => name.endsWith('.conf'))).toEqual(names)
    expect(await hosts.list(signal)).toEqual(['*.example.com', 'b.example.com'])
    expect(await nginx.says('b.example.com')).toBe('200 b')
    expect(await nginx.says('x.example.com')).toBe('200 any')
  })

  withNginx('that stands already costs no reload', async () => {
    const before = [await generation(), nginx.called('reload')]
    const site = await hosts.read('b.example.com', signal)
    if (site === null) throw new Error('It was put above.')
    await hosts.put('b.example.com', site, signal)
    await hosts.drop('absent.example.com', signal)
    expect([await generation(), nginx.called('reload')]).toEqual(before)
  })

  withNginx('is found by another process, and nothing is left in staging', async () => {
    expect(await nginx.hosts().read('b.example.com', signal)).toEqual(
      await hosts.read('b.example.com', signal),
    )
    expect(nginx.names(join(nginx.data, 'staging'))).toEqual([])
  })
})

describe('what `read` finds', () => {
  const link = () => join(nginx.enabled, 'b.example.com.conf')
  const text = () => join(own(), 'b.example.com.conf')

  withNginx('does not stand without its link, is listed all the same, and a put mends it', async () => {
    const site = await hosts.read('b.example.com', signal)
    unlinkSync(link())
    const read = () => hosts.read('b.example.com', signal).catch((error: unknown) => asFault(error).message)
    expect(await read()).toBe(`${link()} was changed by hand.`)
    expect(await hosts.list(signal)).toContain('b.example.com')
    if (site) await hosts.put('b.example.com', site, signal)
    expect(await read()).toEqual(site)
  })

  withNginx('leads nowhere: the link is swept before NGINX meets it', async () => {
    rmSync(text())
    await nginx.hosts().list(signal)
    expect(nginx.names(nginx.enabled)).not.toContain('b.example.com.conf')
    await hosts.drop('b.example.com', signal)
    expect(nginx.names(own())).not.toContain('b.example.com.json')
  })
})

describe('N20: many at once', () => {
  withNginx(
    '200 puts and drops end as asked, after few reloads',
    async () => {
      const before = nginx.called('reload')
      const site = nginx.site('many')
      const names = Array.from({ length: 200 }, (_, n) => `n${n}.many.example.org`)
      const later = nginx.site('later')
      await Promise.all(names.map((name) => hosts.put(name, site, signal)))
      await Promise.all(
        names.map((name, n) => {
          if (n % 4 === 0) return hosts.drop(name, signal)
          return n % 4 === 1 ? hosts.put(name, later, signal) : hosts.put(name, site, signal)
        }),
      )
      expect(nginx.called('reload') - before).toBeLessThanOrEqual(4)
      const answers = await Promise.all(
        names.map(async (name) => (await nginx.says(name)).replace(/^40.*/s, 'none')),
      )
      const wanted = ['none', '200 later', '200 many', '200 many']
      expect(answers).toEqual(names.map((_, n) => wanted[n % 4] ?? ''))
      const kept = names.filter((_, n) => n % 4 !== 0)
      expect((await hosts.list(signal)).filter((name) => name.endsWith('.many.example.org'))).toEqual(
        kept.toSorted(),
      )
      const files = nginx.names(own()).filter((name) => name.endsWith('.many.example.org.conf'))
      expect(files).toEqual(kept.map((name) => `${name}.conf`).toSorted())
    },
    60_000,
  )

  withNginx(
    'reloads are paced: a trickle of publishes makes about one a second',
    async () => {
      const paced = nginx.hosts()
      const [site, other] = [nginx.site('one'), nginx.site('two')]
      const before = nginx.called('reload')
      const begunAt = performance.now()
      for (let n = 0; n < 7; n++) await paced.put('paced.example.org', n % 2 === 0 ? site : other, signal)
      const windows = Math.ceil((performance.now() - begunAt) / 4_000)
      expect(nginx.called('reload') - before).toBe(7)
      expect(7).toBeLessThanOrEqual(4 * windows)
    },
    60_000,
  )

  withNginx('what was aborted before its turn is not done', async () => {
    const abort = new AbortController()
    const first = hosts.put('first.example.org', nginx.site('first'), signal)
    const aborted = hosts.put('aborted.example.org', nginx.site('aborted'), abort.signal)
    abort.abort(new Error('never mind'))
    expect(await aborted.catch((error: unknown) => error)).toMatchObject({ message: 'never mind' })
    await first
    expect(await hosts.list(signal)).not.toContain('aborted.example.org')
  })
})

describe('N06: long names', () => {
  const names = [46, 47, 63].map((length) => `${'a'.repeat(length)}.example.net`)
  const longest = `${`${'b'.repeat(49)}.`.repeat(5)}net`
  const other = `${`${'b'.repeat(49)}.`.repeat(4)}${'b'.repeat(48)}c.net`

  withNginx('of 46, 47 and 63 bytes in a label, and of 253 in all, answer like others', async () => {
    const all = [...names, longest, other]
    expect([longest.length, other.length]).toEqual([253, 253])
    await Promise.all(all.map((name, n) => hosts.put(name, nginx.site(`long ${n}`), signal)))
    expect(await Promise.all(all.map((name) => nginx.says(name)))).toEqual(all.map((_, n) => `200 long ${n}`))
    expect(await nginx.hosts().list(signal)).toEqual(expect.arrayContaining(all))
    expect(nginx.names(own()).every((name) => Buffer.byteLength(name) <= 205)).toBe(true)
    for (const name of all) expect(await nginx.hosts().read(name, signal)).not.toBeNull()
  })

  withNginx(
    'that the operator’s own size has no room for are refused by themselves',
    async () => {
      const other = await DebianNginx.laidOut()
      writeFileSync(other.config, other.mainConfig('server_names_hash_bucket_size 64;'))
      await other.start()
      const there = other.hosts()
      const site = other.site('one')
      const results = await Promise.allSettled(
        ['a.example.net', longest, 'b.example.net'].map((name) => there.put(name, site, signal)),
      )
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(results[1]).toMatchObject({
        reason: { code: 'conflict', hint: expect.stringContaining('server_names_hash_bucket_size 512;') },
      })
      expect(await there.check(signal)).toContainEqual({
        level: 'warning',
        message: expect.stringContaining(other.config),
        remedy: expect.stringContaining('server_names_hash_bucket_size 512;'),
      })
      expect(await other.says('b.example.net')).toBe('200 one')
      expect(await there.list(signal)).toEqual(['a.example.net', 'b.example.net'])
      await other.remove()
    },
    30_000,
  )
})

describe('whose files they are', () => {
  withNginx('N21: what is no host name touches no file', async () => {
    const before = nginx.names(nginx.folder)
    for (const name of ['..', '.', '', '../../x', 'a/b', '%2e%2e', '*', 'A.example.com', '00-fairlead.conf/'])
      expect(await hosts.drop(name, signal).catch(() => 'refused')).toBe('refused')
    expect(nginx.names(nginx.folder)).toEqual(before)
  })

  withNginx('N22: a name that sorts before all others changes nothing for them', async () => {
    await hosts.put('0.example.org', nginx.site('zero'), signal)
    await hosts.put('00-a.example.org', nginx.site('first'), signal)
    expect(await nginx.says('00-a.example.org')).toBe('200 first')
    expect(await nginx.says('unknown.example')).not.toStartWith('200')
  })

  withNginx('a file that somebody else made is left alone, and its name refused', async () => {
    const theirs = join(nginx.enabled, 'theirs.example.org.conf')
    writeFileSync(theirs, '# mine\n')
    const refused = await hosts
      .put('theirs.example.org', nginx.site('x'), signal)
      .catch((fault: unknown) => fault)
    expect(refused).toMatchObject({ code: 'conflict', message: expect.stringContaining(theirs) })
    await hosts.drop('theirs.example.org', signal)
    expect(readFileSync(theirs, 'utf8')).toBe('# mine\n')
    unlinkSync(theirs)
    // A link to somewhere else is theirs as well; one that leads nowhere serves nobody.
    symlinkSync(nginx.config, theirs)
    expect(await hosts.put('theirs.example.org', nginx.site('x'), signal).catch(() => 'refused')).toBe(
      'refused',
    )
    unlinkSync(theirs)
    symlinkSync(join(nginx.folder, 'moved/nginx/theirs.example.org.conf'), theirs)
    await hosts.put('theirs.example.org', nginx.site('ours'), signal)
    expect(await nginx.says('theirs.example.org')).toBe('200 ours')
  })
})

withNginx(
  'old workers are waited for, and told apart',
  async () => {
    const connection = await openConnection()
    await hosts.put('settled.example.org', nginx.site('one'), signal)
    expect(await hosts.settled(50, signal)).toBe(false)
    connection.end()
    expect(await hosts.settled(20_000, signal)).toBe(true)
  },
  30_000,
)

/** A connection that was answered once and on which a second request has begun, so that its worker can't leave yet. */
async function openConnection(): Promise<Socket> {
  const socket = connect(nginx.port, '127.0.0.1')
  const request = 'GET / HTTP/1.1\r\nHost: settled.example.org\r\n'
  const answered = new Promise((resolve) => socket.once('data', resolve))
  socket.write(`${request}\r\n`)
  await answered
  await new Promise((resolve) => socket.write(request, resolve))
  return socket
}
