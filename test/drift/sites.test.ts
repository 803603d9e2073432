/** Hands at NGINX's files: each is found, put back, taken over where it can be, and in nobody's way. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout } from 'bun:test'
import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { has, needs } from '../needs.ts'
import { changed, NamesStage } from './names-stage.ts'

setDefaultTimeout(60_000)

const PROGRAMS = ['nginx', 'named', 'nsupdate', 'dig']
const withServers = needs(...PROGRAMS)
const DOCS = 'docs.example.com'
const RULES = (n: number) => `/*\n  X-Version: ${n}\n`

let stage: NamesStage
let urlId: string
beforeAll(async () => {
  if (!PROGRAMS.every(has)) return
  stage = await NamesStage.start()
  urlId = (await stage.attach(DOCS)).id
})
afterAll(() => stage?.stop())
beforeEach(async () => {
  if (stage) expect(await stage.look()).toEqual([])
})

const text = () => stage.file(`${DOCS}.conf`)
const link = () => join(stage.nginx.enabled, `${DOCS}.conf`)
const edit = (change: (text: string) => string) => writeFileSync(text(), change(readFileSync(text(), 'utf8')))
const inServer = (lines: string) => (before: string) => before.replace(/\}\n$/, `    ${lines}\n}\n`)

const KEPT = 'lingering_timeout 7s;'
const kept = () => readFileSync(text(), 'utf8').match(/lingering_.*;/g)

describe('an edited site', () => {
  withServers('is found with its lines, and put back to the byte', async () => {
    const before = stage.digest(text())
    edit((one) => one.replace('charset off;', 'charset utf-8;'))
    const drift = await stage.found()
    expect(drift).toMatchObject({
      kind: 'site-text',
      thing: text(),
      service: 'web',
      environment: 'production',
      url: { id: urlId, hostname: DOCS },
      revertable: true,
      adoptable: false,
      why: expect.stringContaining('charset'),
      end: null,
    })
    expect(changed(drift)).toEqual(['-charset off;', '+charset utf-8;'])
    expect(await stage.found()).toMatchObject({ id: drift.id, foundAt: drift.foundAt })
    expect((await stage.way(drift, 'adopt')).status).toBe(409)
    await stage.done(drift, 'revert')
    expect(stage.digest(text())).toBe(before)
    expect(await stage.nginx.says(DOCS)).toBe('200 one')
  })

  withServers(
    'that only adds directives is taken over, and survives deployments with other rules',
    async () => {
      edit(inServer(`${KEPT}\n    # why it is here`))
      const drift = await stage.found()
      expect(drift).toMatchObject({ kind: 'site-text', adoptable: true, why: null })
      await stage.done(drift, 'adopt')
      expect(await stage.look()).toEqual([])
      expect(kept()).toEqual([KEPT])
      for (const [page, rules] of [
        ['two', undefined],
        ['three', RULES(3)],
      ] as const) {
        expect((await stage.deploy(page, rules)).status).toBe(201)
        expect(await stage.nginx.says(DOCS)).toBe(`200 ${page}`)
        expect(kept()).toEqual([KEPT])
        expect(await stage.look()).toEqual([])
      }
      // Once more: what was kept before stays.
      edit(inServer('lingering_time 9s;'))
      await stage.done(await stage.found(), 'adopt')
      expect(kept()).toEqual([KEPT, 'lingering_time 9s;'])
      // What was kept is changed and taken out in the same way.
      for (const [from, to, left] of [
        ['lingering_time 9s;', 'lingering_time 8s;', [KEPT, 'lingering_time 8s;']],
        [KEPT, '', ['lingering_time 8s;']],
        ['lingering_time 8s;', '', null],
      ] as const) {
        edit((before) => before.replace(from, to))
        const edited = await stage.found()
        expect(edited).toMatchObject({ kind: 'site-text', adoptable: true })
        await stage.done(edited, 'adopt')
        expect(kept()).toEqual(left === null ? null : [...left])
      }
      expect((await stage.deploy('three', RULES(3))).status).toBe(201)
      expect(kept()).toBeNull()
      await stage.pause()
      await stage.run()
      expect(await stage.look()).toEqual([])
    },
  )

  withServers('that was edited once more since it was shown is left alone', async () => {
    edit((one) => `${one}# first\n`)
    const drift = await stage.found()
    edit((one) => `${one}# second\n`)
    const { status, text: problem } = await stage.way(drift, 'revert')
    expect([status >= 400, problem]).toEqual([true, expect.stringContaining('not as it was shown')])
    expect(readFileSync(text(), 'utf8')).toContain('# second')
    await stage.done(await stage.found(), 'revert')
  })

  withServers('stops a deployment with other rules and a detach, and nothing else', async () => {
    edit((one) => `${one}# mine\n`)
    const equal = await stage.deploy('four', RULES(3))
    expect(equal.status).toBe(201)
    expect(await stage.nginx.says(DOCS)).toBe('200 four')
    const other = await stage.deploy('five', RULES(5))
    const drift = await stage.found()
    for (const { status, text: problem } of [other, await stage.detach(urlId)]) {
      expect(status).toBeGreaterThanOrEqual(400)
      for (const part of [text(), 'was changed by hand', `fairlead drift revert ${drift.id}`])
        expect(problem).toContain(part)
    }
    expect(await stage.nginx.says(DOCS)).toBe('200 four')
    expect(readFileSync(text(), 'utf8')).toContain('# mine')
    await stage.done(drift, 'revert')
    expect((await stage.deploy('five', RULES(5))).status).toBe(201)
  })

  withServers('is left as it is by a stop and a start', async () => {
    edit((one) => `${one}# mine\n`)
    await stage.pause()
    await stage.run()
    const drift = await stage.found()
    expect(readFileSync(text(), 'utf8')).toContain('# mine')
    await stage.done(drift, 'revert')
  })
})

describe('a site of which a part is gone', () => {
  const WAYS: [what: string, kind: string, thing: () => string, deed: () => void][] = [
    ['its text', 'site-missing', text, () => rmSync(text())],
    ['its model', 'site-missing', () => stage.file(`${DOCS}.json`), () => rmSync(stage.file(`${DOCS}.json`))],
    ['its link', 'site-link', link, () => unlinkSync(link())],
    [
      'its link, which leads elsewhere',
      'site-link',
      link,
      () => {
        unlinkSync(link())
        symlinkSync('/dev/null', link())
      },
    ],
  ]
  for (const [what, kind, thing, deed] of WAYS)
    withServers(`${what}: found, left by a start, and put back`, async () => {
      const before = stage.digest(text())
      deed()
      expect(await stage.found()).toMatchObject({ kind, thing: thing(), adoptable: false })
      await stage.pause()
      await stage.run()
      const drift = await stage.found()
      expect(drift).toMatchObject({ kind, thing: thing() })
      await stage.done(drift, 'revert')
      expect([stage.digest(text()), await stage.nginx.says(DOCS)]).toEqual([before, '200 five'])
    })

  withServers('wholly: a start puts it back, since nobody has said otherwise', async () => {
    for (const path of [
      text(),
      stage.file(`${DOCS}.json`),
      link(),
      join(stage.nginx.available, `${DOCS}.conf`),
    ])
      rmSync(path)
    await stage.pause()
    await stage.run()
    while (!existsSync(link())) await Bun.sleep(5)
    while ((await stage.look()).length > 0) await Bun.sleep(5)
    expect(await stage.nginx.says(DOCS)).toBe('200 five')
  })
})

describe('what is no URL’s', () => {
  withServers('a site of ours is taken away', async () => {
    const stray = stage.file('stray.example.com.conf')
    writeFileSync(stray, 'server { listen 127.0.0.1:1; server_name stray.example.com; }\n')
    const drift = await stage.found()
    expect(drift).toMatchObject({ kind: 'site-stray', thing: stray, environment: null, revertable: true })
    await stage.done(drift, 'revert')
    expect(existsSync(stray)).toBe(false)
  })

  withServers('a server of the operator that has a name of ours is told by its line', async () => {
    const mine = join(stage.nginx.etc, 'conf.d', 'mine.conf')
    writeFileSync(
      mine,
      `server {\n  listen ${stage.nginx.port};\n  server_name other.example.com ${DOCS};\n}\n`,
    )
    const drift = await stage.found()
    expect(drift).toMatchObject({
      kind: 'site-foreign',
      thing: `${DOCS} in ${mine}`,
      url: { hostname: DOCS },
      revertable: false,
      adoptable: false,
      diff: [{ sign: '+', text: `${mine}, line 3: server_name other.example.com ${DOCS};` }],
    })
    expect((await stage.way(drift, 'revert')).status).toBe(409)
    writeFileSync(mine, '')
  })
})

withServers('the file of what all sites share stops every change until it is put back', async () => {
  const shared = stage.file('00-fairlead.conf')
  appendFileSync(shared, '# mine\n')
  const drift = await stage.found()
  expect(drift).toMatchObject({ kind: 'site-text', thing: shared, service: null, adoptable: false })
  const { status, text: problem } = await stage.call(
    'POST',
    '/services/web/environments/production/urls?wait=true',
    {
      json: { hostname: 'late.example.com' },
    },
  )
  expect([status >= 400, problem]).toEqual([true, expect.stringContaining(`${shared} was changed by hand`)])
  await stage.done(drift, 'revert')
  const { id } = await stage.attach('late.example.com')
  expect((await stage.detach(id)).status).toBe(200)
})

withServers('heals by itself when it is told to', async () => {
  await stage.ok('PATCH', '/settings', { json: { drift: { heal: ['site-link'] } } })
  unlinkSync(link())
  await stage.look()
  while (!existsSync(link())) await Bun.sleep(5)
  while ((await stage.look()).length > 0) await Bun.sleep(5)
  const { items } = await stage.ok<{ items: { kind: string; end: string }[] }>('GET', '/drift?ended=true')
  expect(items[0]).toMatchObject({ kind: 'site-link', end: 'healed' })
  await stage.ok('PATCH', '/settings', { json: { drift: { heal: [] } } })
})
