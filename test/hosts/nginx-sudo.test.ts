/** Fairlead as a user of its own: two lines in sudoers, one folder that it may write in, and the data folder. */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostSite } from '../../src/domain/host-site.ts'
import { has, needs } from '../needs.ts'
import { DebianNginx } from './debian-nginx.ts'
import type { Order, Outcome } from './ordered.ts'

const USER = 'fairlead-nginx-test'
const SUDOERS = `/etc/sudoers.d/${USER}`
const NEEDED = ['root', 'nginx', 'sudo', 'useradd', 'setpriv']
const asUser = needs(...NEEDED)

let nginx: DebianNginx
let site: HostSite
let userId = 0

beforeAll(async () => {
  if (!NEEDED.every(has)) return
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', USER])
  userId = Number(spawnSync('id', ['-u', USER]).stdout.toString())
  nginx = await DebianNginx.started()
  site = nginx.site('by a user')
  // The checkout may lie where that user may not look.
  copyFileSync(process.execPath, join(nginx.folder, 'bun'))
  const script = join(import.meta.dirname, 'ordered.ts')
  const built = spawnSync(process.execPath, ['build', '--target=bun', script, `--outdir=${nginx.folder}`])
  if (built.status !== 0) throw new Error(built.stderr.toString())
  spawnSync('chown', ['-R', USER, nginx.data])
})

afterAll(async () => {
  if (!NEEDED.every(has)) return
  rmSync(SUDOERS, { force: true })
  spawnSync('userdel', [USER])
  await nginx.remove()
})

/** What comes of it when that user does it. */
function by(deed: Order['deed']): Promise<Outcome> {
  const settings = { ...nginx.settings(), test: null, reload: null, enabled: nginx.enabled }
  const order: Order = { data: nginx.data, settings, hostname: 'a.example.com', deed, site }
  const as = [`--reuid=${USER}`, `--regid=${USER}`, '--init-groups', '--']
  const program = [join(nginx.folder, 'bun'), join(nginx.folder, 'ordered.js'), JSON.stringify(order)]
  const child = spawn('setpriv', [...as, ...program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: nginx.folder,
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return new Promise((resolve, reject) =>
    child.once('close', () => {
      try {
        resolve(JSON.parse(text) as Outcome)
      } catch (error) {
        reject(error)
      }
    }),
  )
}

/** What an administrator is told to give, for the configuration of this test. */
function lines(): string[] {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/nginx.md'), 'utf8')
  const [, text = ''] = /<!-- sudoers -->\n```text\n([\s\S]*?)```/.exec(guide) ?? []
  const [binary] = nginx.plainCommands().test
  const all = text.trimEnd().split('\n')
  expect(all).toHaveLength(2)
  return all.map(
    (line) =>
      `${line.replace('fairlead ', `${USER} `).replace('/usr/sbin/nginx', binary)} -c ${nginx.config}`,
  )
}

describe('an unprivileged user', () => {
  asUser('is told the folder and the two lines that it lacks', async () => {
    const { findings = [] } = await by('check')
    expect(findings.map(({ level }) => level)).toEqual(['problem', 'problem'])
    expect(findings[0]).toMatchObject({
      message: expect.stringContaining(nginx.enabled),
      remedy: expect.stringContaining(`chown ${USER} ${nginx.enabled}`),
    })
    for (const line of lines()) expect(findings[1]?.remedy).toContain(line)
    expect(await by('put')).toMatchObject({
      fault: { code: 'unavailable', message: expect.stringContaining(nginx.enabled) },
    })
    expect(nginx.names(nginx.enabled)).toEqual([])
  })

  asUser('with the folder alone changes nothing either', async () => {
    chownSync(nginx.enabled, userId, -1)
    expect(await by('put')).toMatchObject({
      fault: { code: 'unavailable', message: expect.stringContaining('sudo') },
    })
    expect(nginx.names(nginx.enabled)).toEqual([])
  })

  asUser('with exactly the two lines puts sites up and takes them down', async () => {
    writeFileSync(SUDOERS, `${lines().join('\n')}\n`, { mode: 0o440 })
    expect(await by('check')).toEqual({ findings: [] })
    expect(await by('put')).toEqual({})
    expect(await nginx.says('a.example.com')).toBe('200 by a user')
    expect(await by('read')).toEqual({ read: site })
    expect(nginx.names(nginx.available)).toEqual([])
    expect(await by('drop')).toEqual({})
    expect(await nginx.says('a.example.com')).not.toStartWith('200')
  })

  asUser('is told that workers can not reach the data folder, before anybody sees it', async () => {
    chmodSync(nginx.data, 0o700)
    const { findings = [] } = await by('check')
    expect(findings).toEqual([
      {
        level: 'problem',
        message: expect.stringContaining(`can't pass through ${nginx.data}`),
        remedy: expect.stringContaining(`chmod o+x ${nginx.data}`),
      },
    ])
    // Root tries it as the worker itself, and finds the same.
    expect(await nginx.hosts().check(new AbortController().signal)).toEqual(findings)
    chmodSync(nginx.data, 0o711)
  })
})
