import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { command, endAll, remove, scratch, serveProgram, writeSite } from './program.ts'

const root = scratch()
afterAll(() => {
  endAll()
  remove(root)
})

const folder = (name: string): string => join(root, name)
const FREE = ['--listen', '127.0.0.1:0', '--sites-listen', '127.0.0.1:0']

describe('serve', () => {
  test('says where it is, answers there, and ends in good order at a signal', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = await serveProgram(folder('data'))
      const health = await fetch(`${server.url}/healthz`)
      expect(await health.json()).toMatchObject({
        status: 'ok',
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      })
      const { code, err } = await server.end(signal)
      expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('Stopping.') })
      expect(existsSync(join(folder('data'), 'pid'))).toBe(false)
    }
  })

  test('speaks HTTPS where it is asked to, and ends while visitors are there', async () => {
    const server = await serveProgram(folder('https'), ['--sites-tls-listen', '127.0.0.1:0'])
    const { protocol, port } = new URL(server.sitesTlsUrl ?? '')
    expect(protocol).toBe('https:')
    const given = { host: '127.0.0.1', port: Number(port) }
    const refused = await new Promise((resolve) => {
      tls.connect({ ...given, servername: 'docs.example.com' }, () => resolve('taken')).on('error', resolve)
    })
    expect(refused).toBeInstanceOf(Error)
    const socket = await new Promise<Socket>((resolve) => {
      const opened = connect(given, () => resolve(opened))
    })
    const gone = new Promise((resolve) => socket.once('close', resolve))
    expect(await server.end()).toMatchObject({ code: 0 })
    await gone
  })

  test('R04: a second one on the same folder is refused, and the first goes on', async () => {
    const server = await serveProgram(folder('data'))
    const second = await command(['serve', '--data', folder('data'), ...FREE])
    expect(second).toMatchObject({ code: 1, out: '' })
    expect(second.err).toMatch(/^error: Another Fairlead \(process \d+\) is using this data folder\.\nhint: /)
    expect((await fetch(`${server.url}/healthz`)).ok).toBe(true)
    await server.end()
  })

  test('a port in use is named, with the option that moves it', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const address = taken.address()
    const port = typeof address === 'object' ? address?.port : 0
    for (const option of ['--listen', '--sites-listen']) {
      const others = FREE.slice(option === '--listen' ? 2 : 0).slice(0, 2)
      const ended = await command(['serve', '--data', folder('data'), ...others, option, `127.0.0.1:${port}`])
      expect(ended.code).toBe(1)
      expect(ended.err).toContain(String(port))
      expect(ended.err).toContain(`hint: Choose another address with ${option}`)
    }
    const https = ['--sites-tls-listen', `127.0.0.1:${port}`]
    const ended = await command(['serve', '--data', folder('data'), ...FREE, ...https])
    expect(ended.err).toContain('hint: Choose another address with --sites-tls-listen')
    taken.close()
  })

  test('R03: a data folder that can not be one is said, and left as it is', async () => {
    writeFileSync(folder('file'), 'mine')
    const onFile = await command(['serve', '--data', folder('file'), ...FREE])
    expect(onFile).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: The data folder .*\nhint: /),
    })
    expect(readFileSync(folder('file'), 'utf8')).toBe('mine')
    mkdirSync(folder('broken'))
    writeFileSync(join(folder('broken'), 'fairlead.db'), 'no database '.repeat(1000))
    const onBroken = await command(['serve', '--data', folder('broken'), ...FREE])
    expect(onBroken).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: .*fairlead\.db.*\nhint: /),
    })
    expect(readFileSync(join(folder('broken'), 'fairlead.db'), 'utf8')).toBe('no database '.repeat(1000))
  })
})

describe('the commands of a machine', () => {
  test('doctor finds what is wrong with a real folder', async () => {
    const server = await serveProgram(folder('data'))
    const { host } = new URL(server.url)
    const address = ['--listen', host, '--sites-listen', new URL(server.sitesUrl).host]
    const sound = await command(['doctor', '--data', folder('data'), ...address])
    expect(sound.out).toContain(`a Fairlead answers at ${host}`)
    expect(sound.out).not.toContain('fail  rights')
    chmodSync(join(folder('data'), 'fairlead.db'), 0o644)
    const spoilt = await command(['doctor', '--data', folder('data'), ...address])
    expect(spoilt).toMatchObject({
      code: 1,
      out: expect.stringContaining(`chmod 0600 ${folder('data')}/fairlead.db`),
    })
    await server.end()
  })

  test('backup, key, restore and takeover bring the sites back', async () => {
    const server = await serveProgram(folder('old'))
    const site = writeSite(folder('site'), { 'index.html': '<h1>Kept</h1>' })
    const place = ['--service', 'web', '--environment', 'production']
    const env = { FAIRLEAD_SERVER: server.url }
    expect((await command(['deploy', site, ...place, '--create'], env)).code).toBe(0)
    const data = ['--data', folder('old')]
    expect(await command(['backup', folder('all.tar'), ...data])).toMatchObject({
      code: 0,
      out: `${folder('all.tar')}\n`,
    })
    expect((await command(['backup', 'key', folder('the.key'), ...data])).code).toBe(0)
    expect(statSync(folder('the.key')).mode & 0o777).toBe(0o600)
    await server.end()

    const fresh = ['--data', folder('new')]
    const restored = await command(['restore', folder('all.tar'), '--key', folder('the.key'), ...fresh])
    expect(restored).toMatchObject({ code: 0, err: expect.stringContaining('Restored 1 bundles.') })
    const again = await command(['restore', folder('all.tar'), ...fresh])
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('not empty') })

    const standing = await serveProgram(folder('new'))
    const refused = await command(['rollback', ...place], { FAIRLEAD_SERVER: standing.url })
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('fairlead takeover') })
    await standing.end()
    expect((await command(['takeover', ...fresh])).code).toBe(0)
    const acting = await serveProgram(folder('new'))
    const redeployed = await command(['deploy', site, ...place], { FAIRLEAD_SERVER: acting.url })
    expect(redeployed).toMatchObject({ code: 0, err: expect.stringContaining('holds this folder already') })
    await acting.end()
  })

  test('without a data folder say so', async () => {
    for (const argv of [['backup', folder('x.tar')], ['backup', 'key', folder('x.key')], ['takeover']])
      expect(await command([...argv, '--data', folder('none')])).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^error: There is no data folder of Fairlead at .*\nhint: /),
      })
    expect(existsSync(folder('none'))).toBe(false)
  })
})
