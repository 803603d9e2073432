/** Three set-ups made by hand are taken over while visitors ask: none fails, and what they get is the same. */
import { afterAll, expect } from 'bun:test'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLoad } from '../../bench/loading.ts'
import { nginxImport } from '../../src/nginx-import.ts'
import { command } from '../cli/program.ts'
import { needs } from '../needs.ts'
import { type Content, Setup } from './setup.ts'

const PAGE = 'version 1 of 1'
const HASHED = 'assets/app-4f3a2b1c.js'

interface Case {
  content: Content
  /** Words of --accept. */
  accept?: string
  /** Asked before and after, by name. */
  asked: Record<string, string[]>
  /** Under load, over plain HTTP. */
  visited: string[]
  /** Names that stay with NGINX, with what they answer. */
  left: Record<string, number>
}

const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']

const CASES: Record<string, Case> = {
  company: {
    content: {
      files: {
        'acme/index.html': 'Acme',
        'acme/404.html': 'none such at Acme',
        'acme/site.css': 'body {}',
        'acme/impressum/index.html': 'Impressum',
        'acme/news/a.html': 'A',
        'docs/index.html': PAGE,
        'docs/install.html': 'Install',
        'docs/guide/index.html': 'Guide',
        'blog/public/index.html': 'Blog',
        'press/index.html': PAGE,
        'press/kit/index.html': 'Kit',
        'press/downloads/logo.svg': '<svg/>',
        'html/index.html': 'Welcome',
        'intranet/index.html': 'Staff',
        ...Object.fromEntries(NUMBERS.map((name) => [`campaigns/${name}/index.html`, PAGE])),
      },
      certificates: {
        'acme.example': ['acme.example', 'www.acme.example'],
        'blog.example': ['blog.example', 'www.blog.example'],
      },
    },
    asked: {
      'acme.example': ['/', '/site.css', '/impressum.php', '/shop', '/aktuelles/a.html', '/kontakt', '/none'],
      'www.acme.example': ['/x?y=1'],
      'docs.acme.example': ['/', '/install', '/guide', '/none'],
      'handbook.acme.example': ['/'],
      'blog.example': ['/'],
      'press.acme.example': ['/', '/kit', '/downloads/logo.svg'],
      'acme-gmbh.example': ['/a/b?c'],
      'deep.acme-old.example': ['/'],
      'seven.campaign.example': ['/'],
    },
    visited: ['docs.acme.example', 'press.acme.example', 'one.campaign.example', 'six.campaign.example'],
    left: { 'app.acme.example': 502, 'intranet.acme.example': 401, 'nobody.example': 200 },
  },
  app: {
    content: {
      files: {
        'app/dist/index.html': PAGE,
        [`app/dist/${HASHED}`]: 'app()',
        'docs/index.html': PAGE,
        'docs/v2/index.html': 'Second',
        'docs/start.html': 'Start',
        'docs/errors/missing.html': 'missing here',
        'landing/index.html': PAGE,
        'landing/legal/index.html': 'Legal',
      },
    },
    asked: {
      'app.startup.example': ['/', '/some/route', `/${HASHED}`],
      'docs.startup.example': ['/', '/start', '/v1/x', '/changelog', '/nothing'],
      'startup.example': ['/', '/legal/'],
      'www.startup.example': ['/a?b'],
    },
    visited: ['app.startup.example', 'docs.startup.example', 'startup.example'],
    left: {},
  },
  centos: {
    content: {
      files: {
        'club/index.html': PAGE,
        'club/404.html': 'lost at the club',
        'club/logo.css': 'x {}',
        'results/index.html': PAGE,
        'results/2014/index.html': '2014',
        'all/index.html': PAGE,
        'shop/index.html': 'Shop',
      },
    },
    asked: {
      'club.example': ['/', '/index.php', '/logo.css', '/none'],
      'results.club.example': ['/2014/', '/2014'],
      'junior.club.example': ['/'],
      'alt.club.example': ['/x?y'],
    },
    visited: ['club.example', 'results.club.example', 'junior.club.example'],
    left: { 'forum.club.example': 502, 'shop.club.example': 200 },
  },
}

const setups: Setup[] = []
afterAll(() => Promise.all(setups.map((setup) => setup.remove())))

async function answers(setup: Setup, hostname: string, path: string): Promise<unknown> {
  const isSecure = ['acme.example', 'www.acme.example', 'blog.example'].includes(hostname)
  const [scheme, port] = isSecure
    ? (['https', setup.tlsPort] as const)
    : (['http', setup.nginx.port] as const)
  const ask = (asked: string) =>
    nginxImport.ask({ scheme, address: '127.0.0.1', port, hostname, path: asked })
  let answer = await ask(path)
  // Over redirects within the site, whatever their number and status.
  for (let hops = 0; hops < 3 && answer.location !== null; hops++) {
    const to = new URL(answer.location, `${scheme}://${hostname}`)
    if (to.hostname !== hostname) return { status: answer.status, to: to.href.replace(/:\d{4,}/, '') }
    answer = await ask(`${to.pathname}${to.search}`)
  }
  return answer.status === 404 && (await ask('/')).status === 200
    ? { status: 404 }
    : { status: answer.status, sha256: answer.sha256 }
}

async function allAnswers(setup: Setup, asked: Case['asked']): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {}
  for (const [hostname, paths] of Object.entries(asked))
    for (const path of paths) all[`${hostname}${path}`] = await answers(setup, hostname, path)
  return all
}

for (const [name, one] of Object.entries(CASES))
  needs('nginx')(
    name,
    async () => {
      const setup = await Setup.of(name, one.content)
      setups.push(setup)
      const env = await setup.start()
      const before = await allAnswers(setup, one.asked)
      const dry = await command(['import', 'nginx'], env)
      expect(dry).toMatchObject({ code: 0 })
      const golden = join(import.meta.dirname, '../golden/import', `${name}.txt`)
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, setup.plain(dry.out))
      expect(setup.plain(dry.out)).toBe(readFileSync(golden, 'utf8'))
      expect(existsSync(join(setup.nginx.data, 'nginx'))).toBe(false)
      const load = startLoad(setup.nginx.port, 'once', one.visited)
      const taken = await command(['import', 'nginx', '--yes'], env)
      const { answers: count, errors, strange } = await load.end()
      expect(taken).toMatchObject({ code: 0 })
      expect({ errors, strange }).toEqual({ errors: 0, strange: 0 })
      expect(count).toBeGreaterThan(100)
      expect(await allAnswers(setup, one.asked)).toEqual(before)
      for (const [hostname, status] of Object.entries(one.left))
        expect((await setup.nginx.says(hostname)).slice(0, 3)).toBe(String(status))
      // Once more there is nothing left to do.
      const again = await command(['import', 'nginx', '--yes'], env)
      expect(again).toMatchObject({ code: 0, out: '' })
    },
    300_000,
  )
