/** Configurations that are odd or hostile are told, end soon, and change nothing. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { planImport } from '../../src/domain/nginx/import/plan.ts'
import type { ImportPlan } from '../../src/domain/nginx/import/unit.ts'
import { readForeignConfig } from '../../src/drivers/nginx/whole-config.ts'
import { command } from '../cli/program.ts'
import { needs } from '../needs.ts'
import { Setup } from './setup.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-'))
  mkdirSync(join(folder, 'on'))
  write('nginx.conf', 'http { include on/*; }')
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
const site = (name: string) => `server { server_name ${name}; root /srv; }`

function plan(): ImportPlan {
  const place = {
    config: join(folder, 'nginx.conf'),
    enabled: join(folder, 'on'),
    ours: join(folder, 'none'),
  }
  const listens = { listen: [{ address: null, port: 80 }], tlsListen: [{ address: null, port: 443 }] }
  return planImport(readForeignConfig(place), { listens, prefix: folder })
}

describe('a configuration', () => {
  test('that includes itself, directly and around a corner', () => {
    write('on/a', 'include on/a;')
    write('on/b', 'include c.conf;')
    write('c.conf', 'include on/b;')
    const { unread, units } = plan()
    expect(unread).toHaveLength(2)
    expect(unread.join('\n')).toContain('it includes itself')
    expect(units).toEqual([])
  })

  test('whose files include more and more of each other ends', () => {
    for (let level = 0; level < 12; level++)
      write(`level${level}.conf`, `include level${level + 1}.conf; `.repeat(10))
    write('level12.conf', site('a.example.com'))
    write('on/a', 'include level0.conf;')
    expect(plan().unread.join('\n')).toContain('files are read')
  })

  test('of a file that is too large, a folder, a loop of links, nothing, or no text', () => {
    write('on/large', `# ${'x'.repeat(1_100_000)}`)
    mkdirSync(join(folder, 'on', 'folder'))
    symlinkSync('loop', join(folder, 'on', 'loop'))
    symlinkSync('/nowhere', join(folder, 'on', 'gone'))
    write('on/text', 'server { "')
    const { unread } = plan()
    expect(unread).toHaveLength(5)
  })

  test('with names that are none', () => {
    const names = [
      'a..b',
      '-a.example.com',
      'a_b.example.com',
      '192.0.2.1',
      '[::1]',
      'com',
      `${'a'.repeat(64)}.example.com`,
      '*',
      'x.*',
      '~.*',
      'ex$ample.com',
      '"a b.example.com"',
    ]
    write('on/a', names.map((name) => site(`${name} good.example.com`)).join('\n'))
    const [unit] = plan().units
    expect(unit?.hostnames).toEqual(['good.example.com'])
    expect(unit?.isWhole).toBe(false)
    expect(unit?.obstacles.length).toBeGreaterThanOrEqual(names.length)
  })

  test('with values that would be something else in a rules file', () => {
    write(
      'on/a',
      `server { server_name a.example.com; root /srv;
      add_header X-A "a\n/secret/*\n  X-B: c";
      location = "/a b" { return 301 /c; }
      location = /a#b { return 301 /c; }
      location = /x { return 301 "/y\n/z /w"; } }`,
    )
    const [unit] = plan().units
    expect(unit?.sites[0]).toMatchObject({ headersText: null, redirectsText: null })
    expect(unit?.obstacles).toHaveLength(4)
  })

  test('with thousands of servers is read in one go', () => {
    for (let file = 0; file < 40; file++)
      write(
        `on/f${file}`,
        Array.from({ length: 50 }, (_, at) => site(`s${file}-${at}.example.com`)).join('\n'),
      )
    const { units } = plan()
    expect(units).toHaveLength(40)
    expect(units.flatMap(({ names }) => names)).toHaveLength(2_000)
    // One service for what is answered alike.
    expect(units.every(({ sites }) => sites.length === 1)).toBe(true)
  })
})

needs('nginx')(
  'a key that is not the one of the certificate, and a name of somebody else: nothing is changed',
  async () => {
    const setup = await Setup.of('company', {
      files: { 'blog/public/index.html': 'Blog', 'docs/index.html': 'Docs', 'acme/index.html': 'Acme' },
      certificates: {
        'blog.example': ['blog.example', 'www.blog.example'],
        'acme.example': ['acme.example'],
      },
    })
    try {
      const live = join(setup.nginx.folder, 'letsencrypt/live')
      const env = await setup.start()
      renameSync(join(live, 'blog.example/privkey.pem'), join(live, 'kept'))
      symlinkSync(join(live, 'acme.example/privkey.pem'), join(live, 'blog.example/privkey.pem'))
      const before = setup.nginx.names(setup.nginx.enabled)
      const blog = await command(['import', 'nginx', '--site', 'blog.example', '--yes'], env)
      expect(blog).toMatchObject({
        code: 1,
        err: expect.stringContaining('is the key of another certificate'),
      })
      renameSync(join(live, 'kept'), join(live, 'blog.example/privkey.pem'))
      await command(['service', 'create', 'others'], env)
      const place = ['--service', 'others', '--environment', 'production', '--dns', 'none', '--yes']
      await command(['url', 'create', '*.acme.example', '--redirect-to', 'example.com', ...place], env)
      const docs = await command(['import', 'nginx', '--site', 'docs.acme.example', '--yes'], env)
      expect(docs).toMatchObject({ code: 1, err: expect.stringContaining('*.acme.example') })
      expect(setup.nginx.names(setup.nginx.enabled)).toEqual(expect.arrayContaining(before))
      expect(await setup.nginx.says('docs.acme.example')).toBe('200 Docs')
    } finally {
      await setup.remove()
    }
  },
  60_000,
)
