/** What visitors notice at NGINX of deployments, and of an operator who breaks site after site by hand. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLoad } from './loading.ts'
import { type Figure, median, type Result, timed } from './measure.ts'
import { type NginxApp, withNginxApp } from './nginx-app.ts'

const EQUAL = 200
const CHANGED = 50
const SITES = 50

const page = (version: number, of: number): string => `version ${version} of ${of}`

/** Deployments with equal rules, one rename each; then with changed ones, a reload each. */
async function deploymentsUnderLoad(): Promise<Result[]> {
  return await withNginxApp(async (app) => {
    await app.add('load', 'load.example.com', { 'index.html': page(0, EQUAL) })
    const equal = await loaded(app, 'never', EQUAL, (version) => ({ 'index.html': page(version, EQUAL) }))
    const changed = await loaded(app, 'once', CHANGED, (version) => ({
      'index.html': page(EQUAL + version, EQUAL),
      _headers: `/*\n  X-Version: ${version}\n`,
    }))
    return [
      result(`${EQUAL} deployments with equal rules at NGINX`, equal, EQUAL),
      result(`${CHANGED} deployments with changed rules at NGINX`, changed, EQUAL + CHANGED),
    ]
  })
}

interface Loaded {
  times: number[]
  report: Awaited<ReturnType<ReturnType<typeof startLoad>['end']>>
}

async function loaded(
  app: NginxApp,
  mayRetry: 'never' | 'once',
  count: number,
  files: (version: number) => Record<string, string>,
): Promise<Loaded> {
  const load = startLoad(app.nginx.port, mayRetry, [`load.example.com:${app.nginx.port}`])
  const times: number[] = []
  for (let version = 1; version <= count; version++)
    times.push(await timed(() => app.deploy('load', files(version))))
  return { times, report: await load.end() }
}

function result(figure: string, { times, report }: Loaded, newest: number): Result {
  const { errors, strange, backwards, retried, answers } = report
  return {
    figure: `${figure} (${answers} answers, ${retried} asked again)`,
    ours: median(times),
    peer: null,
    unit: 'ms',
    judged: `${errors} errors, ${strange} strange, ${backwards} old after new`,
    target: 'all 0',
    ok: errors + strange + backwards === 0 && report.newest === newest,
  }
}

/**
 * One site file after the other is broken by hand, and more of them each time: whoever publishes then is refused with
 * the file and line, and everybody else is served as before.
 */
async function brokenByHand(): Promise<Result[]> {
  return await withNginxApp(async (app) => {
    const names = Array.from({ length: SITES }, (_, n) => `s${n}.example.com`)
    for (const [n, name] of names.entries()) await app.add(`s${n}`, name, { 'index.html': page(0, 0) })
    const load = startLoad(
      app.nginx.port,
      'never',
      names.map((name) => `${name}:${app.nginx.port}`),
    )
    const originals = new Map<string, string>()
    let named = 0
    for (const name of names) {
      const file = join(app.nginx.enabled, `${name}.conf`)
      const text = readFileSync(file, 'utf8')
      originals.set(file, text)
      writeFileSync(file, `${text}broken by_hand;\n`)
      // Only the newest is broken while it is asked for, so that it is the one to be named.
      if (await isNamed(app, `${name}.conf`, text.split('\n').length)) named++
      writeFileSync(file, text)
    }
    for (const file of originals.keys()) writeFileSync(file, 'broken by_hand;\n')
    const all = await isNamed(app, '.conf', 1)
    const { errors, strange, answers } = await load.end()
    for (const [file, text] of originals) writeFileSync(file, text)
    await app.call('POST', '/services/s0/environments/production/urls?wait=true', {
      hostname: 'after.example.com',
      dns: 'none',
    })
    return [
      {
        figure: `${SITES} sites broken by hand in turn, then all, under load (${answers} answers)`,
        ours: named,
        peer: null,
        unit: '',
        judged: `${errors + strange} errors, ${named} named`,
        target: `0 errors, ${SITES} named`,
        ok: errors + strange === 0 && named === SITES && all,
      },
    ]
  })
}

/** Whether attaching one more URL is refused, naming this file and line. */
async function isNamed(app: NginxApp, file: string, line: number): Promise<boolean> {
  const wanted = { hostname: 'one-more.example.com', dns: 'none' }
  try {
    await app.call('POST', '/services/s0/environments/production/urls?wait=true', wanted)
    return false
  } catch (error) {
    const told = String(error)
    return told.includes(file) && new RegExp(`(:|line )${line}\\b`).test(told)
  }
}

export const nginxLoadFigure: Figure = { name: 'nginx-load', run: deploymentsUnderLoad }
export const brokenFigure: Figure = { name: 'nginx-broken', run: brokenByHand }
