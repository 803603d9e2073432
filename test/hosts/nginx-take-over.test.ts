/** Sites of ours in the place of files of an operator's, at a real NGINX. */
import { afterEach, beforeEach, describe, expect } from 'bun:test'
import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { HostSite } from '../../src/domain/host-site.ts'
import type { MovedFile } from '../../src/ports/hosts.ts'
import { needs } from '../needs.ts'
import { DebianNginx, signal, until } from './debian-nginx.ts'
import type { KilledOrder } from './killed.ts'

const NAME = 'docs.example.com'

let nginx: DebianNginx
let site: HostSite
beforeEach(async () => {
  nginx = await DebianNginx.laidOut()
  mkdirSync(join(nginx.folder, 'www'))
  writeFileSync(join(nginx.folder, 'www', 'index.html'), 'his')
  site = nginx.site('ours')
})
afterEach(() => nginx.remove())

const server = (name: string, more = ''): string =>
  `server { listen 127.0.0.1:${nginx.port}${more}; server_name ${name}; root ${nginx.folder}/www; }\n`

/** As Debian has it: a file, and a link to it. */
function enable(file: string, text: string): string {
  writeFileSync(join(nginx.available, file), text)
  const link = join(nginx.enabled, file)
  symlinkSync(`../sites-available/${file}`, link)
  return link
}

const wish = (files: string[], more = {}) => ({ files, hostnames: [NAME], withCatchAll: false, ...more })
const refusal = (promise: Promise<unknown>) => promise.then(() => null).catch((error: unknown) => error)

describe('a site of an operator', () => {
  for (const file of ['docs', `${NAME}.conf`])
    needs('nginx')(`is taken over and given back: ${file}`, async () => {
      const link = enable(file, server(NAME, ' default_server'))
      enable('other', server('other.example.com'))
      await nginx.start()
      const hosts = nginx.hosts()
      expect(await nginx.says(NAME)).toBe('200 his')
      const moves = await hosts.planTakeOver(wish([link]), signal)
      await hosts.takeOver([{ hostname: NAME, site }], moves, signal)
      expect(await nginx.says(NAME)).toBe('200 ours')
      expect(await nginx.says('other.example.com')).toBe('200 his')
      // What was his default server is a neutral page.
      expect(await nginx.says('nobody.example.com')).toStartWith('404')
      expect(await hosts.read(NAME, signal)).toEqual(site)
      expect(nginx.called('reload')).toBe(1)
      for (const { path, to } of moves) {
        expect(path === link || path === join(nginx.available, file)).toBe(true)
        expect(to).toStartWith(join(nginx.data, 'nginx', 'taken-over'))
      }
      // Twice is once.
      await nginx.hosts().takeOver([{ hostname: NAME, site }], moves, signal)
      expect(await nginx.says(NAME)).toBe('200 ours')
      await hosts.giveBack([NAME], moves, signal)
      expect(await nginx.says(NAME)).toBe('200 his')
      expect(await nginx.says('nobody.example.com')).toBe('200 his')
      expect(readlinkSync(link)).toBe(`../sites-available/${file}`)
      expect(await hosts.list(signal)).toEqual([])
    })

  needs('nginx')('that is a plain file of conf.d goes as well, with its mode', async () => {
    rmSync(nginx.enabled, { recursive: true })
    rmSync(nginx.available, { recursive: true })
    writeFileSync(nginx.config, nginx.mainConfig().replace(/include .*sites-enabled.*/, ''))
    const file = join(nginx.etc, 'conf.d', 'all.conf')
    writeFileSync(file, `# été\n${server(NAME)}${server('alt.example.com')}`, { mode: 0o640 })
    await nginx.start()
    const hosts = nginx.hosts()
    const hostnames = [NAME, 'alt.example.com']
    const moves = await hosts.planTakeOver(wish([file], { hostnames }), signal)
    await hosts.takeOver(
      hostnames.map((hostname) => ({ hostname, site })),
      moves,
      signal,
    )
    expect(existsSync(file)).toBe(false)
    for (const hostname of hostnames) expect(await nginx.says(hostname)).toBe('200 ours')
    await hosts.giveBack(hostnames, moves, signal)
    expect(await nginx.says('alt.example.com')).toBe('200 his')
    expect(readFileSync(file, 'utf8')).toStartWith('# été')
  })

  needs('nginx')('stays as it is when NGINX refuses what would stand', async () => {
    const link = enable('docs', server(NAME))
    await nginx.start()
    const hosts = nginx.hosts()
    const moves = await hosts.planTakeOver(wish([link]), signal)
    nginx.command(
      'test',
      'grep -q none /dev/null && exit 0; ls ' +
        `${nginx.enabled}/docs >/dev/null 2>&1 && exit 0; echo "nginx: [emerg] no" >&2; exit 1`,
    )
    expect(await refusal(hosts.takeOver([{ hostname: NAME, site }], moves, signal))).toMatchObject({
      code: 'conflict',
    })
    expect(readlinkSync(link)).toBe('../sites-available/docs')
    expect(await nginx.says(NAME)).toBe('200 his')
    expect(nginx.names(nginx.enabled)).toEqual(['docs'])
    expect(nginx.called('reload')).toBe(0)
  })
})

describe('is refused', () => {
  const CASES: [what: string, make: () => { files: string[]; more?: object }, why: string][] = [
    [
      'a file with another name beside it',
      () => ({ files: [enable('docs', server(NAME) + server('shop.example.com'))] }),
      'answers for shop.example.com too',
    ],
    [
      'a name that another file has too',
      () => {
        enable('more', server(NAME))
        return { files: [enable('docs', server(NAME))] }
      },
      'answers for some of these names too',
    ],
    [
      'a file with a server for nobody',
      () => ({ files: [enable('docs', server(NAME) + server('_'))] }),
      'names that nobody has',
    ],
    [
      'a file with something for all servers',
      () => ({ files: [enable('docs', `map $uri $x { default 1; }\n${server(NAME)}`)] }),
      "can't go",
    ],
    [
      'a file with a name that is a pattern',
      () => ({ files: [enable('docs', server(`${NAME} ~^x`))] }),
      "can't go",
    ],
    ['a file that there is not', () => ({ files: [join(nginx.enabled, 'nothing')] }), 'is no file of NGINX'],
    ['a file of ours', () => ({ files: [join(nginx.enabled, '00-fairlead.conf')] }), 'is no file of NGINX'],
    [
      'a file in the place of a link of ours',
      () => {
        writeFileSync(join(nginx.available, `${NAME}.conf`), 'something else')
        return { files: [enable('docs', server(NAME))] }
      },
      'stands where the link',
    ],
    [
      'a configuration that includes itself',
      () => {
        writeFileSync(join(nginx.etc, 'conf.d', 'a.conf'), `include ${nginx.etc}/conf.d/a.conf;`)
        return { files: [enable('docs', server(NAME))] }
      },
      'includes itself',
    ],
  ]
  for (const [what, make, why] of CASES)
    needs('nginx')(what, async () => {
      const { files } = make()
      const error = await refusal(nginx.hosts().planTakeOver(wish(files), signal))
      expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining(why) })
    })
})

/** The most steps that it takes; those it has are walked through. */
const MOST_STEPS = 24

function killed(files: MovedFile[], at: number): Promise<string[]> {
  const order: KilledOrder = { data: nginx.data, settings: nginx.settings(), hostname: NAME, site, files, at }
  const script = join(import.meta.dirname, 'killed.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return new Promise((resolve) =>
    child.once('close', () => resolve(text.split('\n').filter((line) => line !== ''))),
  )
}

describe('killed after each step, it is wholly his or wholly ours', () => {
  for (const file of ['docs', `${NAME}.conf`])
    needs('nginx')(
      file,
      async () => {
        const link = enable(file, server(NAME))
        await nginx.start()
        let reached: string[] = []
        for (let at = 1; at <= MOST_STEPS; at++) {
          const moves = await nginx.hosts().planTakeOver(wish([link]), signal)
          reached = await killed(moves, at)
          expect(['200 his', '200 ours']).toContain(await nginx.says(NAME))
          // The next process finds one of the two whole, and NGINX answers by it.
          const isOurs = (await nginx.hosts().read(NAME, signal)) !== null
          await until(async () => (await nginx.says(NAME)) === (isOurs ? '200 ours' : '200 his'))
          expect(existsSync(link) && readlinkSync(link).startsWith('../')).toBe(!isOurs)
          expect(nginx.names(join(nginx.data, 'nginx'))).not.toContain('.before')
          if (isOurs) await nginx.hosts().giveBack([NAME], moves, signal)
          // A reload that the killed process asked for may still be under way.
          await until(async () => (await nginx.says(NAME)) === '200 his')
          if (reached.at(-1) === 'kept' && reached.length < at) break
        }
        expect(reached.at(-1)).toBe('kept')
        expect(reached.filter((step) => step.startsWith('moved'))).not.toEqual([])
      },
      120_000,
    )
})
