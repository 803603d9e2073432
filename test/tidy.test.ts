/** The house rules, held by reading the sources. Each failure is the sentence that names the rule. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import * as code from './tidy/code.ts'
import * as imports from './tidy/imports.ts'
import { readSources, type Source, sourceOf } from './tidy/source.ts'
import * as texts from './tidy/texts.ts'

const root = join(import.meta.dirname, '..')
const sources = readSources(root)

const RULES: Record<string, (sources: Source[]) => string[]> = {
  ...imports,
  ...code,
  ...texts,
}

describe('the repository keeps its rules', () => {
  for (const [name, rule] of Object.entries(RULES)) test(name, () => expect(rule(sources)).toEqual([]))

  test('and there is something to read', () => {
    expect(sources.filter(({ path }) => path.startsWith('src/')).length).toBeGreaterThan(30)
  })
})

/** Broken on purpose: rule → files that break it → how often it speaks. */
/** Put in from here, so that this file keeps the rules itself. */
const [IGNORE, SKIP, ONLY, PERSON] = ['ignore', 'skip', 'only', 'ann']
const LATER = ['TO', 'DO'].join('')
const lines = (count: number): string => 'const a = 1\n'.repeat(count)
const BROKEN: [rule: string, files: Record<string, string>, complaints: number][] = [
  ['floors', { 'src/base/a.ts': `import '../domain/b.ts'` }, 1],
  ['floors', { 'src/store/a.ts': `import type { B } from '../drivers/b.ts'` }, 1],
  ['floors', { 'src/domain/a.ts': `export * from '../base/files.ts'` }, 1],
  ['floors', { 'src/engine/a.ts': `await import('../drivers/disk/b.ts')` }, 1],
  ['floors', { 'src/api/a.ts': `import '../engine/b.ts'`, 'src/attic/b.ts': '' }, 1],
  ['pureness', { 'src/domain/a.ts': `import { readFileSync } from 'node:fs'` }, 1],
  ['pureness', { 'src/cli/a.ts': `import '../store/b.ts'` }, 1],
  ['pureness', { 'src/web/a.ts': `import '../base/b.ts'`, 'src/base/b.ts': `import 'node:fs'` }, 1],
  ['circles', { 'src/base/a.ts': `import './b.ts'`, 'src/base/b.ts': `import type { A } from './a.ts'` }, 1],
  [
    'circles',
    {
      'src/web/a/one.ts': `import '../b/one.ts'`,
      'src/web/b/one.ts': '',
      'src/web/b/two.ts': `import '../a/two.ts'`,
    },
    1,
  ],
  ['deadFiles', { 'src/base/a.ts': '', 'test/a.test.ts': `import '../src/base/a.ts'` }, 1],
  ['singleOwners', { 'src/api/a.ts': `import { spawn } from 'node:child_process'` }, 1],
  ['singleOwners', { 'src/api/a.ts': `const answer = await fetch('/')` }, 1],
  ['singleOwners', { 'src/api/a.ts': `const now = [Date.now(), new Date(), setTimeout(run, 5)]` }, 3],
  ['singleOwners', { 'src/api/a.ts': `console.log(process.env.HOME, Bun.version)` }, 3],
  ['singleOwners', { 'src/api/a.ts': `import 'bun:ffi'; import 'node:sqlite'; eval('1')` }, 3],
  ['sqlOutsideStore', { 'src/api/a.ts': 'const sql = `SELECT id FROM services WHERE id = ${id}`' }, 1],
  ['shells', { 'src/base/run.ts': `spawn('x', [], { shell: true })` }, 1],
  ['sizes', { 'src/base/a.ts': lines(301), 'test/b.ts': lines(501), 'test/c.ts': lines(500) }, 2],
  ['sizes', { 'src/base/a.ts': `function a(b, c, d, e) {\n${lines(60)}}` }, 2],
  ['silenced', { 'src/base/a.ts': `// @ts-${IGNORE}\nconst a: any = b!` }, 3],
  ['castsWithoutReason', { 'src/base/a.ts': 'const a = b as C\n\n\nconst d = e as C // it is one' }, 1],
  ['swallowedErrors', { 'test/a.ts': 'try { a() } catch {}' }, 1],
  ['unrunTests', { 'test/a.test.ts': `test.${SKIP}('a'); describe.${ONLY}('b')` }, 2],
  ['fileNames', { 'src/base/utils.ts': '', 'test/helpers/a.ts': '' }, 2],
  ['unfinished', { 'docs/a.md': `${LATER}: write this` }, 1],
  ['machineTraces', { 'docs/a.md': `in ${root}/src`, 'package-lock.json': '{"resolved": ""}' }, 2],
  ['machineTraces', { 'docs/a.md': `cd /home/${PERSON}/fairlead` }, 1],
  ['lockfiles', { 'package-lock.json': '{"packages":{"a":{"optionalDependencies":{"b":"1"}}}}' }, 1],
  ['migrations', { 'src/store/migrations/0002.sql': '' }, 1],
  [
    'migrations',
    { 'src/store/migrations/0001.sql': '', 'src/store/migrations.ts': `import a from './other.sql'` },
    1,
  ],
]

describe('each rule speaks when it is broken', () => {
  for (const [rule, files, complaints] of BROKEN)
    test(`${rule}: ${Object.values(files).join(' · ').slice(0, 70).replaceAll('\n', ' ')}`, () => {
      const broken = Object.entries(files).map(([path, text]) => sourceOf(path, text))
      expect(RULES[rule]?.(broken)).toHaveLength(complaints)
    })

  test('and every rule has such a case', () => {
    expect(Object.keys(RULES).filter((name) => !BROKEN.some(([rule]) => rule === name))).toEqual([])
  })
})
