import { afterAll, describe, expect, test } from 'bun:test'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/base/run.ts'
import { CANARY, type LiveSite, rawRequest } from '../serving/table.ts'
import { LiveGateway } from './live-site.ts'

const gateway = new LiveGateway()
const outside = realpathSync(mkdtempSync(join(tmpdir(), 'outside-')))
afterAll(async () => {
  await gateway.stop()
  rmSync(outside, { recursive: true })
})

const get = (site: LiveSite, path: string, ...headers: string[]) =>
  rawRequest(
    site,
    [`GET ${path} HTTP/1.1`, `Host: ${site.host}`, 'Connection: close', ...headers, '', ''].join('\r\n'),
  )

describe('N15: what is planted in a tree after it was made', () => {
  test('symlinks to files and folders, and as siblings, are 404', async () => {
    const site = await gateway.live({ files: { 'index.html': 'home', 'a.js': 'a', 'sub/b.txt': 'b' } })
    const tree = join(gateway.data, 'trees', site.tree)
    writeFileSync(join(outside, 'secret.txt'), CANARY)
    mkdirSync(join(outside, 'folder'))
    writeFileSync(join(outside, 'folder', 'index.html'), CANARY)
    writeFileSync(join(outside, 'big.bin'), CANARY.repeat(20_000))
    symlinkSync(join(outside, 'secret.txt'), join(tree, 'secret.txt'))
    symlinkSync(join(outside, 'folder'), join(tree, 'folder'))
    symlinkSync(join(outside, 'big.bin'), join(tree, 'big.bin'))
    symlinkSync('sub', join(tree, 'alias'))
    symlinkSync('index.html', join(tree, 'own.html'))
    symlinkSync(join(outside, 'secret.txt'), join(tree, 'a.js.gz'))
    symlinkSync(join(outside, 'secret.txt'), join(tree, '404.html'))
    symlinkSync('loop', join(tree, 'loop'))
    const planted = [
      '/secret.txt',
      '/folder/',
      '/folder/index.html',
      '/big.bin',
      '/alias/b.txt',
      '/own',
      '/loop',
    ]
    for (const path of planted) {
      const answer = await get(site, path)
      expect([path, answer.status]).toEqual([path, 404])
      expect(answer.body.toString()).not.toContain(CANARY)
    }
    const script = await get(site, '/a.js', 'Accept-Encoding: gzip')
    expect([script.status, script.body.toString(), script.headers.get('content-encoding')]).toEqual([
      200,
      'a',
      undefined,
    ])
  })

  test('a FIFO, a folder and a socket-like thing are 404 and hold nobody up', async () => {
    const site = await gateway.live({ files: { 'index.html': 'home', 'folder.txt/x': 'x' } })
    await run(['mkfifo', join(gateway.data, 'trees', site.tree, 'pipe.txt')])
    expect((await get(site, '/pipe.txt')).status).toBe(404)
    expect((await get(site, '/folder.txt')).status).toBe(404)
    expect((await get(site, '/')).status).toBe(200)
  })

  test('a link that names no tree answers like none', async () => {
    const site = await gateway.live({ files: { 'index.html': 'home' } })
    const links = join(gateway.data, 'sites')
    const spec = JSON.parse(readFileSync(join(gateway.data, 'builtin', `${site.id}.json`), 'utf8'))
    for (const target of [
      outside,
      '../trees/../..',
      `../trees/${'a'.repeat(64)}`,
      `../trees/${site.tree}/..`,
    ]) {
      unlinkSync(join(links, spec.link))
      symlinkSync(target, join(links, spec.link))
      const answer = await get(site, '/')
      expect(answer.status).toBe(404)
      expect(answer.body.toString()).toContain('Nothing is deployed here yet.')
    }
  })

  test('hard links, which trees share, are files like any other', async () => {
    const site = await gateway.live({ files: { 'index.html': 'home' } })
    const tree = join(gateway.data, 'trees', site.tree)
    linkSync(join(tree, 'index.html'), join(tree, 'shared.txt'))
    expect((await get(site, '/shared.txt')).body.toString()).toBe('home')
  })
})

/** Swaps a folder with a symlink to the outside as fast as it can, until its own file goes. */
const SWAPPER = `
import { existsSync, renameSync } from 'node:fs'
const [tree] = process.argv.slice(2)
while (existsSync(tree + '/swapping')) {
  renameSync(tree + '/sub', tree + '/real')
  renameSync(tree + '/link', tree + '/sub')
  renameSync(tree + '/sub', tree + '/link')
  renameSync(tree + '/real', tree + '/sub')
}
`

test('R13: a folder swapped for a symlink while it is asked for never shows what is outside', async () => {
  const site = await gateway.live({
    files: {
      'index.html': 'home',
      'sub/small.txt': 'inside',
      'sub/large.bin': 'inside '.repeat(20_000),
      swapping: '',
    },
  })
  const tree = join(gateway.data, 'trees', site.tree)
  mkdirSync(join(outside, 'sub'))
  writeFileSync(join(outside, 'sub', 'small.txt'), CANARY)
  writeFileSync(join(outside, 'sub', 'large.bin'), CANARY.repeat(20_000))
  symlinkSync(join(outside, 'sub'), join(tree, 'link'))
  writeFileSync(join(outside, 'swapper.mjs'), SWAPPER)
  const swapper = run([process.execPath, join(outside, 'swapper.mjs'), tree], { deadlineMs: 60_000 })
  const seen = new Map<string, number>()
  for (let round = 0; round < 250; round++)
    for (const answer of await Promise.all(
      ['/sub/small.txt', '/sub/large.bin', '/sub/small.txt', '/sub/large.bin'].map((path) => get(site, path)),
    )) {
      const body = answer.body.toString()
      expect(body).not.toContain(CANARY)
      expect([200, 404]).toContain(answer.status)
      if (answer.status === 200) expect(body).toStartWith('inside')
      seen.set(String(answer.status), (seen.get(String(answer.status)) ?? 0) + 1)
    }
  unlinkSync(join(tree, 'swapping'))
  expect((await swapper).code).toBe(0)
  expect(existsSync(join(tree, 'sub'))).toBe(true)
  expect([...seen.keys()].sort()).toEqual(['200', '404'])
}, 60_000)
