import { afterEach, beforeEach, describe, expect } from 'bun:test'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { serve } from '../../src/base/platform.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { needs } from '../needs.ts'
import { DebianNginx, freePort, signal } from './debian-nginx.ts'

const withNginx = needs('nginx')
let nginx: DebianNginx
let hosts: Hosts
beforeEach(async () => {
  nginx = await DebianNginx.started()
  hosts = nginx.hosts()
  await hosts.put('old.example.com', nginx.site('old'), signal)
})
afterEach(() => nginx.remove())

const folders = () => [nginx.etc, join(nginx.data, 'nginx')]

/** No byte and no link of ours or of the operator's is another than before. */
async function refusedWithoutTrace(deed: () => Promise<void>): Promise<unknown> {
  const before = textsOf(folders())
  const refused = await deed().then(
    () => 'it was done',
    (fault: unknown) => fault,
  )
  expect(textsOf(folders())).toEqual(before)
  expect(nginx.names(join(nginx.data, 'staging'))).toEqual([])
  return refused
}

/** By path the text of each file and the target of each link. */
const textsOf = (all: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    all.flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [
          path,
          lstatSync(path).isSymbolicLink() ? readlinkSync(path) : readFileSync(path, 'utf8'),
        ]),
    ),
  )

const put = () => hosts.put('new.example.com', nginx.site('new'), signal)
/** With deadlines that a test can wait for. */
const impatientPut = () =>
  nginx
    .hosts({}, { limits: { commandMs: 3_000, appliedMs: 3_000 } })
    .put('new.example.com', nginx.site('new'), signal)
const stillServes = async () => expect(await nginx.says('old.example.com')).toBe('200 old')

/** The retry after the trouble is over. */
async function worksAgain(): Promise<void> {
  await put()
  expect(await nginx.says('new.example.com')).toBe('200 new')
  await stillServes()
}

describe('N19: the operator has broken another file', () => {
  withNginx('the Fault names it and its line, nothing is changed, and old sites answer', async () => {
    const his = join(nginx.etc, 'conf.d/his.conf')
    writeFileSync(his, 'server {\n    listen 127.0.0.1:1;\n    no_such_thing on;\n}\n')
    const refused = await refusedWithoutTrace(put)
    expect(refused).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`unknown directive "no_such_thing" in ${his}:3`),
      hint: expect.stringContaining(his),
    })
    await stillServes()
    expect(await hosts.check(signal)).toContainEqual({
      level: 'problem',
      message: expect.stringContaining(`${his}:3`),
      remedy: expect.stringContaining(his),
    })
    unlinkSync(his)
    await worksAgain()
    expect(await hosts.check(signal)).toEqual([])
  })

  withNginx('what he sets himself meanwhile is left to him', async () => {
    writeFileSync(join(nginx.etc, 'conf.d/his.conf'), 'server_names_hash_bucket_size 1024;\n')
    await worksAgain()
    unlinkSync(join(nginx.etc, 'conf.d/his.conf'))
    await hosts.put('again.example.com', nginx.site('again'), signal)
  })

  withNginx('a default server of his stays his, and is told', async () => {
    const his = join(nginx.etc, 'conf.d/his.conf')
    writeFileSync(
      his,
      `server {\n    listen 127.0.0.1:${nginx.port} default_server;\n    return 200 his;\n}\n`,
    )
    await worksAgain()
    expect(await nginx.says('unknown.example')).toBe('200 his')
    expect(await hosts.check(signal)).toContainEqual({
      level: 'warning',
      message: expect.stringContaining(`${his}, line 2`),
      remedy: expect.stringContaining(`listen 127.0.0.1:${nginx.port};`),
    })
  })
})

describe('N18: a reload that is not carried out', () => {
  withNginx(
    'a port that is taken: exit 0, and still the old configuration',
    async () => {
      const port = await freePort()
      const other = serve({
        hostname: '127.0.0.1',
        port,
        maxBodyBytes: 0,
        idleSeconds: 1,
        fetch: () => new Response('other'),
        onError: () => new Response(null),
      })
      const moved = nginx.hosts({
        listen: [nginx.port, port].map((one) => ({ address: '127.0.0.1', port: one })),
      })
      const refused = await refusedWithoutTrace(() => moved.put('new.example.com', nginx.site('new'), signal))
      expect(refused).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(`bind() to 127.0.0.1:${port} failed (98: Address already in use)`),
      })
      await stillServes()
      await other.stop(true)
      await worksAgain()
    },
    30_000,
  )

  withNginx(
    'a reload that does nothing is told after its time',
    async () => {
      nginx.command('reload', 'exit 0')
      const refused = await refusedWithoutTrace(impatientPut)
      expect(refused).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('an older one still answers'),
      })
      await stillServes()
      nginx.commands()
      await worksAgain()
    },
    30_000,
  )

  withNginx(
    'what stood before counts when NGINX has read it again, and not on the word of one worker',
    async () => {
      const impatient = nginx.hosts({}, { limits: { appliedMs: 3_000 } })
      const old = nginx.site('old')
      await impatient.put('old.example.com', old, signal)
      nginx.command('reload', 'exit 0')
      const refused = impatient.put('old.example.com', nginx.site('new'), signal)
      expect(await refused.catch((fault: unknown) => fault)).toMatchObject({ code: 'unavailable' })
      nginx.commands()
      const before = nginx.called('reload')
      await impatient.put('old.example.com', old, signal)
      expect(nginx.called('reload')).toBe(before + 1)
      await impatient.put('old.example.com', old, signal)
      expect(nginx.called('reload')).toBe(before + 1)
    },
    30_000,
  )

  withNginx(
    'NGINX is stopped, and later back',
    async () => {
      await nginx.stop()
      const refused = await refusedWithoutTrace(put)
      expect(refused).toMatchObject({
        code: 'unavailable',
        hint: expect.stringContaining('systemctl start nginx'),
      })
      expect(await hosts.check(signal)).toContainEqual({
        level: 'problem',
        message: expect.stringContaining('does not run'),
        remedy: expect.stringContaining('systemctl start nginx'),
      })
      await nginx.start()
      await stillServes()
      await worksAgain()
    },
    30_000,
  )

  withNginx(
    'NGINX was killed, so that its pid file names nobody',
    async () => {
      await nginx.kill()
      expect(await refusedWithoutTrace(put)).toMatchObject({ code: 'unavailable' })
      await nginx.start()
      await worksAgain()
    },
    30_000,
  )
})

describe('what is taken away, and what nobody reads', () => {
  withNginx('a site is taken down although NGINX is stopped', async () => {
    await nginx.stop()
    await hosts.drop('old.example.com', signal)
    expect(await hosts.list(signal)).toEqual([])
    await nginx.start()
    expect(await nginx.says('old.example.com')).not.toStartWith('200')
    await hosts.put('new.example.com', nginx.site('new'), signal)
    expect(await nginx.says('new.example.com')).toBe('200 new')
  })

  withNginx('a folder that is not included is told with the line, at once', async () => {
    const folder = join(nginx.etc, 'other')
    mkdirSync(folder)
    const other = nginx.hosts({ enabled: folder, available: null })
    const line = `include ${folder}/*.conf;`
    const refused = await other.put('a.example.com', nginx.site('a'), signal).catch((fault: unknown) => fault)
    expect(refused).toMatchObject({ code: 'unavailable', hint: expect.stringContaining(line) })
    expect(await other.check(signal)).toContainEqual({
      level: 'problem',
      message: expect.stringContaining(folder),
      remedy: expect.stringContaining(line),
    })
    const config = readFileSync(nginx.config, 'utf8')
    writeFileSync(nginx.config, config.replace(/\}\s*$/, `    ${line}\n}\n`))
    await other.put('a.example.com', nginx.site('a'), signal)
    expect(await nginx.says('a.example.com')).toBe('200 a')
  })
})

describe('a program that is missing or hangs', () => {
  for (const word of ['test', 'reload'] as const) {
    withNginx(
      `the command that ${word}s hangs`,
      async () => {
        nginx.command(word, 'exec sleep 600')
        const refused = await refusedWithoutTrace(impatientPut)
        expect(refused).toMatchObject({ code: 'unavailable', message: expect.stringContaining('3000 ms') })
        await stillServes()
        nginx.commands()
        await worksAgain()
      },
      30_000,
    )

    withNginx(`the command that ${word}s is missing`, async () => {
      rmSync(join(nginx.folder, word))
      const refused = await refusedWithoutTrace(put)
      expect(refused).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining(join(nginx.folder, word)),
      })
      await stillServes()
      nginx.commands()
      await worksAgain()
    })
  }

  withNginx('NGINX is not installed where it is said to be', async () => {
    const missing = nginx.hosts({ binary: join(nginx.folder, 'absent/nginx') })
    expect(
      await missing.put('a.example.com', nginx.site('a'), signal).catch((fault: unknown) => fault),
    ).toMatchObject({
      code: 'unavailable',
    })
    expect(await missing.check(signal)).toEqual([
      {
        level: 'problem',
        message: expect.stringContaining('absent/nginx'),
        remedy: expect.stringContaining('apt-get install nginx'),
      },
    ])
  })
})

describe('N17: what a test of NGINX may write', () => {
  withNginx('stays in a private folder that is gone afterwards', async () => {
    const logs = join(nginx.folder, 'logs')
    const logging = nginx.hosts({ logFolder: logs })
    // The folder of logs is not there: the whole configuration is refused, and nothing of it was created.
    expect(
      await logging.put('a.example.com', nginx.site('a'), signal).catch((fault: unknown) => fault),
    ).toMatchObject({ code: 'conflict' })
    expect(existsSync(logs)).toBe(false)
    expect(nginx.names(join(nginx.data, 'staging'))).toEqual([])
    expect(await logging.check(signal)).toContainEqual({
      level: 'problem',
      message: expect.stringContaining(logs),
      remedy: `install -d -m 0755 ${logs}`,
    })
  })
})

withNginx('sites answer on when Fairlead is gone, and its files are nobody else’s to read', async () => {
  for (const name of nginx.names(join(nginx.data, 'nginx')))
    expect(statSync(join(nginx.data, 'nginx', name)).mode & 0o777).toBe(0o600)
  await stillServes()
})
