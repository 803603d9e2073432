import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../src/base/fault.ts'
import {
  addressesOf,
  bindError,
  diskSpace,
  hasProgram,
  lookAt,
  mayWrite,
  nearestFolder,
} from '../../src/base/machine.ts'
import { serve } from '../../src/base/platform.ts'
import type { Machine } from '../../src/cli/context.ts'
import { offline } from '../../src/offline.ts'
import { needs } from '../needs.ts'
import { fairlead } from './terminal.ts'

const GIB = 1024 ** 3

/** A machine on which all is well, but for what a test says. */
const machineWith = (changes: Partial<Machine>): Machine => ({
  userId: 1000,
  look: async (path) =>
    path === '/data'
      ? { kind: 'folder', mode: 0o40711, ownerId: 1000 }
      : { kind: 'file', mode: 0o100600, ownerId: 1000 },
  mayWrite: async () => true,
  space: async () => ({ freeBytes: 40 * GIB, totalBytes: 100 * GIB }),
  nearestFolder: async (path) => path,
  hasProgram: async () => true,
  bindError: async () => null,
  addresses: async () => ['127.0.0.1'],
  answersAsFairlead: async () => false,
  gateway: async () => ({ kind: 'builtin', findings: [] }),
  https: async () => [],
  now: () => Date.UTC(2026, 0, 1),
  ...changes,
})

const examined = async (changes: Partial<Machine>) => {
  const ended = await fairlead(['doctor', '--data', '/data', '--json'], { machine: machineWith(changes) })
  const { findings } = JSON.parse(ended.out) as {
    findings: { name: string; status: string; detail: string; remedy: string | null }[]
  }
  return { code: ended.code, findings, wrong: findings.filter((finding) => finding.status !== 'ok') }
}

describe('doctor', () => {
  test('looks at the port of HTTPS where it is to be spoken', async () => {
    const asked: unknown[] = []
    const bindError = async (address: unknown) => {
      asked.push(address)
      return 'EACCES'
    }
    const argv = ['doctor', '--data', '/data', '--sites-tls-listen', '0.0.0.0:443']
    const ended = await fairlead(argv, { machine: machineWith({ bindError }) })
    expect(asked).toContainEqual({ hostname: '0.0.0.0', port: 443 })
    expect(ended.out).toMatch(/fail {2}port of sites over HTTPS: .*443.*\n.*--sites-tls-listen/)
  })

  test('has nothing to say against a good machine', async () => {
    const { code, findings, wrong } = await examined({})
    expect({ code, wrong, count: findings.length }).toEqual({ code: 0, wrong: [], count: 9 })
  })

  const certificate = { notAfter: Date.UTC(2026, 1, 1) }
  const good = { hostname: 'a.example.com', https: { state: 'valid', certificate, problem: null } } as const
  const problem = { message: 'The CA says no.', hint: 'Ask it again.' }

  test('says how long certificates are good for', async () => {
    const { findings, wrong } = await examined({ https: async () => [good, good] })
    expect(wrong).toEqual([])
    expect(findings.at(-1)).toEqual({
      name: 'HTTPS of URLs',
      status: 'ok',
      detail: '2 names have it; 31 days are left to the first certificate that ends.',
      remedy: null,
    })
  })

  const faults: [name: string, status: 'warn' | 'fail', changes: Partial<Machine>, remedy: RegExp][] = [
    ['clock', 'fail', { now: () => 0 }, /timedatectl/],
    ['data folder', 'fail', { mayWrite: async () => false }, /chown/],
    [
      'data folder',
      'fail',
      { look: async () => ({ kind: 'file', mode: 0o100711, ownerId: 1000 }) },
      /--data/,
    ],
    [
      'HTTPS of URLs',
      'warn',
      { https: async () => [good, { ...good, https: { ...good.https, problem } }] },
      /Ask it again/,
    ],
    [
      'HTTPS of URLs',
      'fail',
      { https: async () => [{ ...good, https: { ...good.https, state: 'expired' } }] },
      /url renew a\.example\.com/,
    ],
    ['rights', 'fail', { userId: 7 }, /chown -R 7 /],
    [
      'rights',
      'fail',
      { look: async () => ({ kind: 'folder', mode: 0o40777, ownerId: 1000 }) },
      /chmod 0711/,
    ],
    [
      'rights',
      'fail',
      {
        look: async (path) => ({
          kind: path === '/data' ? 'folder' : 'file',
          mode: path === '/data' ? 0o40711 : 0o100644,
          ownerId: 1000,
        }),
      },
      /chmod 0600/,
    ],
    [
      'rights',
      'warn',
      { look: async (path) => (path === '/data' ? { kind: 'folder', mode: 0o40700, ownerId: 1000 } : null) },
      /chmod 0711/,
    ],
    [
      'free space',
      'fail',
      { space: async () => ({ freeBytes: 4 * GIB, totalBytes: 100 * GIB }) },
      /larger disk/,
    ],
    ['program sync', 'fail', { hasProgram: async () => false }, /coreutils/],
    [
      'port of page and API',
      'fail',
      { bindError: async ({ port }) => (port === 4750 ? 'EADDRINUSE' : null) },
      /ss -ltnp.*--listen/,
    ],
    [
      'port of sites',
      'fail',
      { bindError: async ({ port }) => (port === 4780 ? 'EACCES' : null) },
      /--sites-listen.*setcap/,
    ],
    [
      'port of sites',
      'fail',
      { bindError: async ({ port }) => (port === 4780 ? 'EADDRNOTAVAIL' : null) },
      /--sites-listen/,
    ],
    ['names below localhost', 'warn', { addresses: async () => [] }, /libnss-myhostname/],
  ]
  for (const [name, status, changes, remedy] of faults)
    test(`names ${name} (${status}) and its remedy ${remedy}`, async () => {
      const { code, wrong } = await examined(changes)
      expect(code).toBe(status === 'fail' ? 1 : 0)
      const found = wrong.find((finding) => finding.name === name)
      expect(found?.status).toBe(status)
      expect(found?.remedy).toMatch(remedy)
    })

  test('knows the ports of a Fairlead that runs', async () => {
    const running = { bindError: async () => 'EADDRINUSE', answersAsFairlead: async () => true }
    expect(await examined(running)).toMatchObject({ code: 0, wrong: [] })
  })

  test('reads as a list, each fault with its remedy below it', async () => {
    const { out } = await fairlead(['doctor', '--data', '/data'], {
      machine: machineWith({ addresses: async () => [] }),
    })
    expect(out.split('\n').slice(-5, -1)).toEqual([
      expect.stringMatching(/^ok {4}port of sites: /),
      expect.stringMatching(/^warn {2}names below localhost: /),
      expect.stringMatching(/^ {6}→ Install libnss-myhostname/),
      'ok    gateway of URLs: URLs use the builtin gateway.',
    ])
  })

  test('tells each thing that the gateway of URLs lacks', async () => {
    const asked: unknown[] = []
    const gateway: Machine['gateway'] = async (...about) => {
      asked.push(about)
      return {
        kind: 'nginx',
        findings: [
          {
            level: 'problem',
            message: 'No folder of sites is included.',
            remedy: 'Add to http { }: include …;',
          },
          {
            level: 'warning',
            message: 'Another server is the default one.',
            remedy: 'Take default_server away.',
          },
        ],
      }
    }
    const { code, out } = await fairlead(['doctor', '--nginx', '--data', '/data'], {
      machine: machineWith({ gateway }),
    })
    expect([code, asked, out.split('\n').slice(-5, -1)]).toEqual([
      1,
      [['/data', true]],
      [
        'fail  gateway of URLs: No folder of sites is included.',
        '      → Add to http { }: include …;',
        'warn  gateway of URLs: Another server is the default one.',
        '      → Take default_server away.',
      ],
    ])
    const lost = machineWith({
      gateway: () => Promise.reject(new Fault('conflict', 'The schema is another.')),
    })
    expect((await fairlead(['doctor', '--data', '/data'], { machine: lost })).out).toContain(
      'warn  gateway of URLs: The schema is another.',
    )
  })

  needs('nginx')('looks at the NGINX of this machine, with a data folder or without', async () => {
    const data = mkdtempSync(join(tmpdir(), 'doctor-'))
    const { kind, findings } = await offline.gateway({ data: join(data, 'none'), asNginx: true })
    expect(kind).toBe('nginx')
    for (const { message, remedy } of findings) expect([message, remedy]).not.toContain('')
    expect(await offline.gateway({ data: join(data, 'none'), asNginx: false })).toEqual({
      kind: 'builtin',
      findings: [],
    })
    rmSync(data, { recursive: true })
  })
})

describe('what doctor asks of the machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'machine-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('looks at paths without following links', async () => {
    mkdirSync(join(folder, 'private'), { mode: 0o700 })
    writeFileSync(join(folder, 'file'), '')
    chmodSync(join(folder, 'file'), 0o640)
    symlinkSync('private', join(folder, 'link'))
    expect(await lookAt(join(folder, 'private'))).toMatchObject({ kind: 'folder', mode: 0o40700 })
    expect(await lookAt(join(folder, 'file'))).toMatchObject({
      kind: 'file',
      mode: 0o100640,
      ownerId: process.getuid?.(),
    })
    expect((await lookAt(join(folder, 'link')))?.kind).toBe('other')
    expect([await lookAt(join(folder, 'none')), await lookAt(join(folder, 'file/below'))]).toEqual([
      null,
      null,
    ])
    expect(await nearestFolder(join(folder, 'file/below/it'))).toBe(folder)
  })

  test('tells rights, space, programs and names', async () => {
    expect([mayWrite(folder), mayWrite(join(folder, 'none')), mayWrite('/proc/sys')]).toEqual([
      true,
      false,
      false,
    ])
    const { freeBytes, totalBytes } = await diskSpace(folder)
    expect(freeBytes).toBeGreaterThan(0)
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes)
    expect([hasProgram('sync', '/nowhere:/bin'), hasProgram('sync', folder)]).toEqual([true, false])
    expect(await addressesOf('localhost')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.|::1)/)]),
    )
    expect(await addressesOf('no.such.name.invalid')).toEqual([])
  })

  test('tells a port that is taken from a free one', async () => {
    const answer = () => new Response('')
    const given = { hostname: '127.0.0.1', maxBodyBytes: 0, idleSeconds: 1, fetch: answer, onError: answer }
    const server = serve({ ...given, port: 0 })
    expect(await bindError('127.0.0.1', server.port)).toBe('EADDRINUSE')
    await server.stop(true)
    expect(await bindError('127.0.0.1', server.port)).toBeNull()
    expect(await bindError('192.0.2.1', 0)).toBe('EADDRNOTAVAIL')
  })
})
