/** The built file, copied alone into an empty folder of a machine that has neither Node nor Bun. */
import { afterAll, beforeAll, describe, expect } from 'bun:test'
import type { ChildProcess } from 'node:child_process'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Issuer } from '../account/issuer.ts'
import { has, needs } from '../needs.ts'
import { bareMachine, executable, freePort, type Outcome, outcome, startInside } from './bare-machine.ts'

const NEEDED = ['root', 'debootstrap', 'unshare', 'zip']
const BUILD_MS = 10 * 60_000

let machine: string
/** The one folder that is ours inside the machine, and its path as the machine sees it. */
let folder: string
let inside: string
let server: ChildProcess
let ended: Promise<Outcome>
/** What the server has said so far. */
let said = ''
let api: string
let sitesPort: number

beforeAll(async () => {
  if (!NEEDED.every(has)) return
  machine = bareMachine()
  folder = mkdtempSync(join(machine, 'srv/fairlead-'))
  inside = folder.slice(machine.length)
  copyFileSync(executable(), join(folder, 'fairlead'))
  const port = await freePort()
  sitesPort = await freePort()
  api = `http://127.0.0.1:${port}`
  server = startInside(machine, [
    `${inside}/fairlead`,
    'serve',
    '--data',
    `${inside}/data`,
    '--listen',
    `127.0.0.1:${port}`,
    '--sites-listen',
    `127.0.0.1:${sitesPort}`,
  ])
  server.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  server.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  ended = outcome(server)
  await answering()
}, BUILD_MS)

afterAll(async () => {
  server?.kill('SIGKILL')
  await ended
  if (folder) rmSync(folder, { recursive: true, force: true })
})

/** Resolves when the server answers; fails with what it said if it ends instead. */
async function answering(): Promise<void> {
  const failed = ended.then(({ code, stderr }) => {
    throw new Error(`the server ended with ${code}: ${stderr}`)
  })
  const answered = async () => {
    while (
      !(await fetch(`${api}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    )
      await Bun.sleep(20)
  }
  await Promise.race([answered(), failed])
}

function site(name: string, html: string): string {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'index.html'), html)
  return join(folder, name)
}

const live = async (): Promise<string> => {
  const headers = { host: `production.web.localhost:${sitesPort}` }
  return await (await fetch(`http://127.0.0.1:${sitesPort}/`, { headers })).text()
}

const fairlead = (...args: string[]): Promise<Outcome> =>
  outcome(startInside(machine, [`${inside}/fairlead`, ...args], { FAIRLEAD_SERVER: api }))

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

describe('dist/fairlead on a bare Debian 12', () => {
  const test = needs(...NEEDED)

  test('there is no Node or Bun beside it', () => {
    for (const name of ['node', 'bun', 'npm'])
      for (const bin of ['bin', 'usr/bin', 'usr/local/bin'])
        expect(existsSync(join(machine, bin, name))).toBe(false)
  })

  test('answers the page and the docs that it carries', async () => {
    const page = await fetch(`${api}/`)
    const html = await page.text()
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1]
    expect((await fetch(`${api}${script}`)).headers.get('content-type')).toContain('javascript')
    for (const path of ['/docs', '/docs/docs.css', '/docs/guides', '/docs/guides/curl'])
      expect([path, (await fetch(`${api}${path}`)).status]).toEqual([path, 200])
    expect((await fetch(`${api}/api/v1/openapi.json`)).status).toBe(200)
  })

  test('takes a ZIP and serves its site', async () => {
    expect((await fetch(`${api}/api/v1/services`, json({ name: 'web', kind: 'static' }))).status).toBe(201)
    const archive = join(folder, 'first.zip')
    spawnSync('zip', ['-q', '-r', archive, '.'], { cwd: site('first', '<h1>by ZIP</h1>') })
    const uploaded = await fetch(`${api}/api/v1/services/web/environments/production/deployments?wait=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/zip' },
      body: readFileSync(archive),
    })
    expect([uploaded.status, ((await uploaded.json()) as { status: string }).status]).toEqual([
      201,
      'succeeded',
    ])
    expect(await live()).toBe('<h1>by ZIP</h1>')
  })

  test('deploys a folder by its own command line', async () => {
    site('second', '<h1>by folder</h1>')
    const { code, stdout, stderr } = await fairlead(
      'deploy',
      `${inside}/second`,
      '--service',
      'web',
      '--environment',
      'production',
      '--json',
    )
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect((JSON.parse(stdout) as { status: string }).status).toBe('succeeded')
    expect(await live()).toBe('<h1>by folder</h1>')
  })

  test('has everything on board that accounts load when it is first used', async () => {
    const issuer = await new Issuer().start()
    const account = { login: 'ann@example.com', password: 'seven boats at anchor' }
    const code = /\/setup#([\w-]+)/.exec(said)?.[1]
    const call = async (path: string, body: object, cookie = '') => {
      const given = json(body)
      const headers = { 'content-type': 'application/json', cookie, 'sec-fetch-site': 'same-origin' }
      const answer = await fetch(`${api}/api/v1${path}`, { ...given, headers })
      return { answer, value: (await answer.json()) as Record<string, unknown> } // each answer is an object
    }
    expect((await call('/setup', { code, ...account, password: 'password1' })).answer.status).toBe(422)
    const { answer } = await call('/setup', { code, ...account })
    const cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? ''
    expect((await call('/session', { ...account, as: 'token' })).value['tokenType']).toBe('Bearer')
    const { password } = account
    expect((await call('/profile/totp', { password }, cookie)).value['uri']).toStartWith('otpauth://totp/')
    expect((await call('/profile/passkeys/options', { password }, cookie)).answer.status).toBe(200)
    const provider = {
      label: 'P',
      issuer: issuer.url,
      clientId: 'x',
      clientSecret: 'y',
      allowPrivateNetwork: true,
    }
    const { id } = (await call('/identity-providers', provider, cookie)).value
    expect((await call(`/session/oidc/${String(id)}`, {})).value['url']).toStartWith(issuer.url)
    issuer.stop()
  })

  test('says what is wrong in a sentence and with exit code 2', async () => {
    const { code, stderr } = await fairlead('deploy', `${inside}/second`)
    expect([code, stderr.includes('--service')]).toEqual([2, true])
  })
})
