/** What a look at NGINX's folders finds, and what it doesn't. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout } from 'bun:test'
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { asFault } from '../../src/base/fault.ts'
import type { HostSite } from '../../src/domain/host-site.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { DebianNginx, signal } from '../hosts/debian-nginx.ts'
import { needs } from '../needs.ts'

setDefaultTimeout(60_000)

const withNginx = needs('nginx')
const A = 'a.example.com'
const STARS = '*.b.example.com'
let nginx: DebianNginx
let hosts: Hosts
let sites: Map<string, HostSite>

beforeEach(async () => {
  nginx = await DebianNginx.started()
  hosts = nginx.hosts()
  sites = new Map([
    [A, nginx.site('a')],
    [STARS, nginx.site('b')],
  ])
  await Promise.all([...sites].map(([hostname, site]) => hosts.put(hostname, site, signal)))
})
afterEach(() => nginx.remove())

const path = (name: string) => join(nginx.data, 'nginx', name)
const text = () => path(`${A}.conf`)
const model = () => path(`${A}.json`)
const link = (folder = nginx.enabled) => join(folder, `${A}.conf`)
const look = (by = hosts) =>
  by.drift({ hostnames: [...sites.keys()], wanted: async (hostname) => sites.get(hostname) ?? null }, signal)
/** Where nothing was remembered, where it was read once, and where it was read twice. */
const everywhere = async () => {
  const fresh = nginx.hosts()
  const [first, second, third] = [await look(fresh), await look(fresh), await look(fresh)]
  const known = await look()
  expect([second, third, known]).toEqual([first, first, first])
  return first
}
const shared = () => path('00-fairlead.conf')

withNginx('nothing, when all is as it was written', async () => {
  for (let time = 0; time < 3; time++) expect(await look()).toEqual([])
  await hosts.put(A, nginx.site('other'), signal)
  sites.set(A, (await hosts.read(A, signal)) as HostSite)
  expect(await everywhere()).toEqual([])
})

describe('a text', () => {
  withNginx('that was edited, with the lines that differ', async () => {
    for (let time = 0; time < 3; time++) await look()
    writeFileSync(text(), readFileSync(text(), 'utf8').replace('charset off;', 'charset utf-8;'))
    const found = await everywhere()
    expect(found).toMatchObject([{ kind: 'site-text', hostname: A, path: text() }])
    expect(
      found[0]?.diff.filter(({ sign }) => sign !== ' ').map(({ sign, text }) => sign + text.trim()),
    ).toEqual(expect.arrayContaining(['-charset off;', '+charset utf-8;']))
    await hosts.restore(A, sites.get(A) as HostSite, signal)
    expect(await everywhere()).toEqual([])
  })

  withNginx('of the same size, twice within a moment', async () => {
    const before = readFileSync(text(), 'utf8')
    for (const word of ['charset on ;', 'charset On ;', 'charset oN ;']) {
      writeFileSync(text(), before.replace('charset off;', word))
      const [found] = await look()
      expect(found?.diff.map(({ text }) => text).join('\n')).toContain(word)
    }
    writeFileSync(text(), before)
    expect(await look()).toEqual([])
  })

  withNginx('that only another version would write otherwise, is nobody’s doing', async () => {
    const older = `${readFileSync(text(), 'utf8')}# as it was written once\n`
    const textSha256 = new Bun.CryptoHasher('sha256').update(older).digest('hex')
    const stored = JSON.parse(readFileSync(model(), 'utf8')) as object // written by the driver
    writeFileSync(text(), older)
    writeFileSync(model(), `${JSON.stringify({ ...stored, textSha256 })}\n`)
    expect(await everywhere()).toEqual([])
  })

  withNginx('that has become a link', async () => {
    renameSync(text(), join(nginx.folder, 'elsewhere'))
    symlinkSync(join(nginx.folder, 'elsewhere'), text())
    expect(await everywhere()).toMatchObject([{ kind: 'site-text', path: text() }])
    await hosts.restore(A, sites.get(A) as HostSite, signal)
    expect(lstatSync(text()).isFile()).toBe(true)
    expect(await everywhere()).toEqual([])
  })

  withNginx('that is gone, or its model', async () => {
    rmSync(text())
    expect(await everywhere()).toMatchObject([{ kind: 'site-missing', hostname: A, path: text() }])
    await hosts.restore(A, sites.get(A) as HostSite, signal)
    rmSync(model())
    expect(await everywhere()).toMatchObject([{ kind: 'site-missing', hostname: A, path: model() }])
    writeFileSync(model(), '{')
    expect(await everywhere()).toMatchObject([{ kind: 'site-missing', hostname: A, path: model() }])
    await hosts.restore(A, sites.get(A) as HostSite, signal)
    expect(await everywhere()).toEqual([])
  })

  withNginx('whose model was edited', async () => {
    writeFileSync(model(), readFileSync(model(), 'utf8').replace('404-page', 'none'))
    const [found, ...more] = await everywhere()
    expect([found?.kind, found?.path, more]).toEqual(['site-text', model(), []])
    expect(found?.diff.map(({ sign, text }) => sign + text.trim())).toEqual(
      expect.arrayContaining(['-"notFoundHandling": "404-page",', '+"notFoundHandling": "none",']),
    )
  })

  withNginx('of what all sites share: it stops every change, and is restored', async () => {
    appendFileSync(shared(), '# mine\n')
    const found = await everywhere()
    expect(found).toMatchObject([{ kind: 'site-text', hostname: null, path: shared() }])
    expect(found[0]?.diff.at(-1)).toEqual({ sign: '+', text: '# mine' })
    for (const deed of [hosts.put(A, nginx.site('new'), signal), hosts.drop(STARS, signal)])
      expect(await deed.catch((error: unknown) => asFault(error).message)).toBe(
        `${shared()} was changed by hand.`,
      )
    await hosts.restore(null, null, signal)
    expect(await everywhere()).toEqual([])
    expect(readFileSync(shared(), 'utf8')).toContain(await nginx.generation().then((said) => said.slice(4)))
    await hosts.put(A, sites.get(A) as HostSite, signal)
    expect(await nginx.says(A)).toBe('200 a')
  })

  withNginx('of what all sites share, as an earlier version left it, is ours', async () => {
    rmSync(path('00-fairlead.json'))
    appendFileSync(shared(), '# of another version\n')
    expect(await everywhere()).toEqual([])
    await hosts.put('c.example.com', nginx.site('c'), signal)
    expect(readFileSync(shared(), 'utf8')).not.toContain('another version')
  })
})

describe('a link', () => {
  const WAYS: [what: string, change: () => void, seen: RegExp | null][] = [
    ['is gone', () => unlinkSync(link()), null],
    [
      'leads elsewhere',
      () => {
        unlinkSync(link())
        symlinkSync(path(`_wildcard.b.example.com.conf`), link())
      },
      /→ .*_wildcard/,
    ],
    [
      'leads nowhere',
      () => {
        unlinkSync(link())
        symlinkSync('/nowhere', link())
      },
      /→ \/nowhere$/,
    ],
    [
      'is a file',
      () => {
        unlinkSync(link())
        writeFileSync(link(), '# mine\n')
      },
      /is a file and no link$/,
    ],
  ]
  for (const [what, change, seen] of WAYS)
    withNginx(`that ${what}`, async () => {
      for (let time = 0; time < 3; time++) await look()
      change()
      const found = await everywhere()
      expect(found).toMatchObject([{ kind: 'site-link', hostname: A, path: link() }])
      const [wrote, stands] = found[0]?.diff ?? []
      expect(wrote).toEqual({ sign: '-', text: `${link()} → ${text()}` })
      if (seen === null) expect(stands).toBeUndefined()
      else expect(stands?.text).toMatch(seen)
      await hosts.restore(A, sites.get(A) as HostSite, signal)
      expect(await everywhere()).toEqual([])
    })

  withNginx('of sites-available, and of what all sites share', async () => {
    unlinkSync(link(nginx.available))
    unlinkSync(join(nginx.enabled, '00-fairlead.conf'))
    expect(await everywhere()).toMatchObject([
      { kind: 'site-link', hostname: null, path: join(nginx.enabled, '00-fairlead.conf') },
      { kind: 'site-link', hostname: A, path: link(nginx.available) },
    ])
    await hosts.restore(null, null, signal)
    await hosts.restore(A, sites.get(A) as HostSite, signal)
    expect(await everywhere()).toEqual([])
  })
})

withNginx('sites of ours without a URL: their text, model or link', async () => {
  sites.delete(A)
  expect(await everywhere()).toMatchObject([{ kind: 'site-stray', hostname: A, path: text() }])
  rmSync(model())
  expect(await everywhere()).toMatchObject([{ kind: 'site-stray', hostname: A, path: text() }])
  rmSync(text())
  // A new program sweeps what leads nowhere before NGINX meets it.
  expect(await look()).toMatchObject([{ kind: 'site-stray', hostname: A }])
  await hosts.restore(A, null, signal)
  expect(await everywhere()).toEqual([])
})

describe('servers of others', () => {
  const mine = () => join(nginx.etc, 'conf.d', 'mine.conf')
  const server = (names: string, listen = `listen ${nginx.port};`) =>
    `server { ${listen}\n  server_name ${names};\n}\n`
  const CLAIMS: [names: string, found: string[]][] = [
    ['theirs.example.com', []],
    ['x.a.example.com .org', []],
    [`other.example.com ${A}`, [A]],
    ['A.EXAMPLE.COM', [A]],
    ['.b.example.com', [STARS]],
    [`"*.b.example.com" ${A}`, [STARS, A]],
    // Of a wildcard of ours they take one name: that is how wildcards are.
    ['c.b.example.com', []],
    ['~^a\\.example\\.com$', []],
  ]
  for (const [names, found] of CLAIMS)
    withNginx(`that claim ${names}`, async () => {
      for (let time = 0; time < 2; time++) await look()
      writeFileSync(mine(), server(names))
      const seen = await everywhere()
      expect(seen.map(({ kind, hostname }) => `${kind} ${hostname}`)).toEqual(
        found.map((hostname) => `site-foreign ${hostname}`),
      )
      for (const { diff } of seen) expect(diff[0]?.text).toStartWith(`${mine()}, line 2: server_name `)
      rmSync(mine())
      expect(await everywhere()).toEqual([])
    })

  withNginx('elsewhere than we listen are in nobody’s way', async () => {
    writeFileSync(mine(), server(A, 'listen 1;'))
    expect(await everywhere()).toEqual([])
  })

  withNginx('in files that a server includes, in any folder', async () => {
    mkdirSync(join(nginx.etc, 'more'))
    writeFileSync(join(nginx.etc, 'more', 'names'), `server_name ${A};\n`)
    writeFileSync(mine(), `server { listen ${nginx.port}; include more/*; }\n`)
    expect(await everywhere()).toMatchObject([
      { kind: 'site-foreign', hostname: A, path: join(nginx.etc, 'more', 'names') },
    ])
  })
})
