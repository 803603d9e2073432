/**
 * The guides for CI jobs: their workflows are read as GitHub and GitLab do, and every line of them is run. The one for
 * NGINX shows what is printed; test/app/behind-nginx.test.ts runs that.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser'
import { parse } from 'yaml'
import type { Deployment } from '../../src/contract/shapes.ts'
import { type Headers, People } from '../access/people.ts'
import { site, startTestApp, type TestApp } from '../api/app.ts'
import { needs } from '../needs.ts'

const root = join(import.meta.dirname, '../..')
const NEEDED = ['curl', 'zip'] as const
let app: TestApp
let people: People
let owner: Headers
/** Where a job works: `dist` is built, `fairlead` is on the path. */
let folder: string
/** Of the machine that the first guide makes. */
let key = ''

beforeAll(async () => {
  app = await startTestApp()
  people = new People(app)
  owner = (await people.person('ann', { role: 'owner' })).key
  folder = mkdtempSync(join(tmpdir(), 'fairlead-guides-'))
  mkdirSync(join(folder, 'dist'))
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'dist/index.html'), '<h1>From a job</h1>\n')
  const program = join(folder, 'bin/fairlead')
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'src/main.ts')}" "$@"\n`)
  chmodSync(program, 0o755)
})
afterAll(async () => {
  people.close()
  await app.stop()
  rmSync(folder, { recursive: true })
})

interface Block {
  /** What the comment before it says: `run`, `workflow`, `pipeline`. */
  kind: string
  /** What has to be there first. */
  setting: string[]
  text: string
}

/** The code blocks of a guide that have a comment before them; every block has one. */
function blocksOf(name: string): Block[] {
  const markdown = readFileSync(join(root, 'docs/guides', name), 'utf8')
  const blocks = [...markdown.matchAll(/<!-- (\w+)(?:: (.*))? -->\n```\w+\n([\s\S]*?)```/g)].map(
    ([, kind = '', setting = '', text = '']) => ({
      kind,
      setting: setting.split(', ').filter(Boolean),
      text,
    }),
  )
  expect(blocks.length).toBe((markdown.match(/^```\w/gm) ?? []).length)
  return blocks
}

const asOwner = (method: string, path: string, given = {}) =>
  app.ask(method, path, { headers: owner, ...given })

/** What a block finds when it runs, by the words of its comment. */
const SETTINGS: Record<string, () => Promise<void>> = {
  'environment staging': async () => {
    const { status } = await asOwner('POST', '/services/web/environments', { json: { name: 'staging' } })
    expect([201, 409]).toContain(status)
    await deploy('staging', 'staged')
  },
  'another bundle': () => deploy('production', `another ${crypto.randomUUID()}`),
  'pull request 42': async () => undefined,
}

async function deploy(environment: string, text: string): Promise<void> {
  const path = `/services/web/environments/${environment}/deployments?wait=true`
  const { status } = await asOwner('POST', path, { body: site(text) })
  expect(status).toBe(201)
}

interface Ended {
  code: number
  out: string
  err: string
}

function run(shell: string[], env: Record<string, string>): Promise<Ended> {
  const [program = '', ...args] = shell
  const child = spawn(program, args, {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      HOME: folder,
      FAIRLEAD_SERVER: app.url,
      FAIRLEAD_KEY: key,
      ...env,
    },
  })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, ...texts })))
}

const bearer = (headers: Headers): string => (headers['authorization'] ?? '').slice('Bearer '.length)

/** The newest deployment of an environment of the guides' service. */
async function newest(environment: string): Promise<Deployment> {
  const { body } = await asOwner('GET', `/services/web/environments/${environment}/deployments?limit=1`)
  const [deployment] = (body as { items: Deployment[] }).items
  if (!deployment) throw new Error(`${environment} has no deployment`)
  return deployment
}

describe('with curl', () => {
  for (const [index, block] of blocksOf('curl.md').entries())
    needs(...NEEDED)(`step ${index + 1}: ${block.text.split('\n')[0]}`, async () => {
      for (const setting of block.setting) await SETTINGS[setting]?.()
      // The first step is an owner's, who makes the machine; the others are the job's.
      const env: Record<string, string> = index === 0 ? { FAIRLEAD_KEY: bearer(owner) } : {}
      const { code, out, err } = await run(['bash', '-euo', 'pipefail', '-c', block.text], env)
      expect([err, code]).toEqual([err, 0])
      if (index === 0) key = /fl_\w{8}_[\w-]{43}/.exec(out)?.[0] ?? ''
      expect(key).not.toBe('')
      if (index > 0)
        expect(await newest('production')).toMatchObject({
          status: 'succeeded',
          live: true,
          actor: { kind: 'key', name: 'ci' },
        })
    })

  needs(...NEEDED)('a job fails with the problem when the archive is refused', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'no archive')
    const line = blocksOf('curl.md').find(({ text }) => text.includes('Idempotency-Key'))?.text ?? ''
    const { code, out } = await run(
      ['bash', '-c', line.replace('build-1187', 'build-1188').replace('site.zip', 'notes.txt')],
      {},
    )
    expect(code).toBe(22)
    expect(JSON.parse(out)).toMatchObject({ code: 'archive_refused' })
  })
})

/** `${{ … }}` of GitHub's expressions, as far as the guides go. */
const EXPRESSIONS: Record<string, () => string> = {
  'vars.FAIRLEAD_SERVER': () => app.url,
  'secrets.FAIRLEAD_KEY': () => key,
  'github.event.number': () => '42',
}
const evaluated = (env: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, text]) => [
      name,
      text.replace(/\$\{\{ ([\w.]+) \}\}/g, (_, expression: string) => {
        const value = EXPRESSIONS[expression]
        if (!value) throw new Error(`nothing is ${expression}`)
        return value()
      }),
    ]),
  )

interface Workflow {
  name: string
  env?: Record<string, string>
  jobs: Record<string, { steps: { name?: string; run?: string; env?: Record<string, string> }[] }>
}

describe('from GitHub Actions', () => {
  const RUNNER = { GITHUB_RUN_ID: '11870', GITHUB_RUN_ATTEMPT: '1', GITHUB_SHA: '3f8a2b1c9d' }
  for (const { kind, setting, text } of blocksOf('github-actions.md'))
    if (kind === 'run')
      needs(...NEEDED)(text.split('\n')[0] ?? '', async () => {
        const { code, err } = await run(['bash', '-euc', text], { FAIRLEAD_KEY: bearer(owner) })
        expect([err, code]).toEqual([err, 0])
      })
    else
      needs(...NEEDED)(`the workflow "${(parse(text) as Workflow).name}"`, async () => {
        const { context } = parseWorkflow({ name: 'deploy.yml', content: text }, new NoOperationTraceWriter())
        expect(context.errors.getErrors().map(({ message }) => message)).toEqual([])
        for (const each of setting) await SETTINGS[each]?.()
        const workflow = parse(text) as Workflow
        for (const job of Object.values(workflow.jobs))
          for (const { name, run: lines, env } of job.steps) {
            // `dist` is built already; actions are GitHub's.
            if (lines === undefined || name === 'Build') continue
            const given = { ...RUNNER, ...evaluated(workflow.env), ...evaluated(env) }
            const shell = ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', lines]
            const { code, out, err } = await run(shell, given)
            expect([name, out, err, code]).toEqual([name, out, '', 0])
          }
        if (!setting.includes('pull request 42'))
          expect(await newest('production')).toMatchObject({ live: true, actor: { name: 'ci' } })
      })

  needs(...NEEDED)('a preview is gone when its pull request is', async () => {
    const { body } = await asOwner('GET', '/services/web/environments')
    expect((body as { items: { name: string }[] }).items.map(({ name }) => name)).not.toContain('preview-42')
    const { text } = await asOwner('GET', '/events?limit=200')
    expect(text).toContain('preview-42')
  })

  test('and a mistake in a workflow would be found', () => {
    const content = 'on: push\njobs:\n  a:\n    runs-on: x\n    stpes: []\n'
    const { context } = parseWorkflow({ name: 'deploy.yml', content }, new NoOperationTraceWriter())
    expect(context.errors.getErrors().map(({ message }) => message)).toEqual([
      expect.stringContaining("Unexpected value 'stpes'"),
    ])
  })
})

/** https://docs.gitlab.com/ci/yaml/: the keywords that the guide uses, and what each may be. */
const JOB: Record<string, (value: unknown) => boolean> = {
  stage: (value) => typeof value === 'string',
  image: (value) => typeof value === 'string',
  extends: (value) => typeof value === 'string',
  script: isLines,
  before_script: isLines,
  tags: isLines,
  resource_group: (value) => typeof value === 'string',
  environment: (value) => hasOnly(value, ['name', 'url', 'on_stop', 'action']),
  artifacts: (value) => hasOnly(value, ['paths', 'expire_in', 'when', 'name']),
  rules: (value) =>
    Array.isArray(value) && value.every((rule) => hasOnly(rule, ['if', 'when', 'allow_failure', 'changes'])),
}
function isLines(value: unknown): boolean {
  return Array.isArray(value) && value.every((line) => typeof line === 'string')
}
const hasOnly = (value: unknown, names: string[]): boolean =>
  value instanceof Object && Object.keys(value).every((name) => names.includes(name))

type Job = Record<string, unknown> & { extends?: string; script?: string[] }

describe('from GitLab CI', () => {
  const RUNNER = { CI_JOB_ID: '7001', CI_COMMIT_SHORT_SHA: '3f8a2b1c', CI_DEFAULT_BRANCH: 'main' }
  for (const { setting, text } of blocksOf('gitlab-ci.md')) {
    const { stages, ...jobs } = parse(text) as Record<string, Job> & { stages?: never }
    needs(...NEEDED)(`the pipeline of ${Object.keys(jobs).join(', ')}`, async () => {
      for (const [name, job] of Object.entries(jobs)) {
        const whole = { ...(job.extends !== undefined && jobs[job.extends]), ...job }
        for (const [keyword, value] of Object.entries(whole))
          expect([name, keyword, JOB[keyword]?.(value)]).toEqual([name, keyword, true])
        const known: string[] = stages ?? ['build', 'test', 'deploy']
        expect(known).toContain(whole['stage'] as string)
      }
      for (const each of setting) await SETTINGS[each]?.()
      for (const [name, { script }] of Object.entries(jobs)) {
        // `dist` is built already.
        if (script === undefined || name === 'build') continue
        const { code, err } = await run(['sh', '-ec', script.join('\n')], RUNNER)
        expect([name, err, code]).toEqual([name, err, 0])
        const environment = name === 'staging' ? 'staging' : 'production'
        expect(await newest(environment)).toMatchObject({ live: true, actor: { name: 'ci' } })
      }
    })
  }
})

describe('behind NGINX', () => {
  const block = (kind: string) => blocksOf('behind-nginx.md').find((one) => one.kind === kind)?.text

  test('the site and the way to start are what the command prints', async () => {
    const { code, out, err } = await run(['sh', '-ec', block('printed') ?? ''], {})
    expect({ code, out, err }).toEqual({
      code: 0,
      out: block('site') ?? '',
      err: `Start Fairlead with: ${block('serve')}`,
    })
  })

  test('the lines that are explained are lines of the site', () => {
    const guide = readFileSync(join(root, 'docs/guides/behind-nginx.md'), 'utf8')
    const explained = [...guide.matchAll(/^\| `([^`]+)` \|/gm)].map(([, line = '']) => line)
    expect(explained.length).toBeGreaterThan(5)
    for (const line of explained) expect(block('site')).toContain(line)
  })
})
