/**
 * Makes the TypeScript client anew: types and routes from the OpenAPI document, then JavaScript and declarations from
 * all of its sources. `--into DIR` makes it elsewhere, to compare.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import packageJson from '../package.json' with { type: 'json' }
import { openApi } from '../src/api/openapi.ts'
import { FAULT_CODES } from '../src/base/fault.ts'
import { filesBelow } from './assets.ts'
import { type Document, operationsText, routesText, typesText } from './client/types.ts'

const root = join(import.meta.dirname, '..')
const home = join(root, 'clients/typescript')
const { values } = parseArgs({ options: { into: { type: 'string', default: home } } })
const target = values.into

/** Runs a tool of the checkout; what it says is shown when it fails. */
function tool(name: string, args: string[]): void {
  const { status, stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', name), args, {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${name} ended with ${status}\n${stdout}${stderr}`)
}

if (target !== home)
  for (const name of ['src', 'tsconfig.json'])
    cpSync(join(home, name), join(target, name), { recursive: true })
const generated = join(target, 'src/generated')
rmSync(generated, { recursive: true, force: true })
mkdirSync(generated, { recursive: true })
const document = openApi(packageJson.version) as unknown as Document
const texts = {
  'types.ts': typesText(document, FAULT_CODES),
  'routes.ts': routesText(document),
  'operations.ts': operationsText(document),
}
for (const [name, text] of Object.entries(texts)) writeFileSync(join(generated, name), text)
tool('biome', ['format', '--write', '--vcs-enabled=false', generated])

rmSync(join(target, 'dist'), { recursive: true, force: true })
tool('tsc', ['-p', target])
for (const file of filesBelow(join(target, 'dist'))) {
  const text = readFileSync(file, 'utf8')
  // tsc leaves the extensions of declarations as they are, and not every compiler finds x.d.ts behind x.ts.
  if (file.endsWith('.d.ts')) writeFileSync(file, text.replace(/(from '\.[^']+)\.ts'/g, "$1.js'"))
  // Deno looks for declarations where this says.
  else if (file.endsWith('index.js')) writeFileSync(file, `// @ts-self-types="./index.d.ts"\n${text}`)
}
