/** The assets that travel with the program, gathered below build/: the page (scripts/page.ts) and the docs. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { guideDocument } from '../src/api/reference.ts'
import { guidesBelow, rendered } from './guides.ts'

const root = join(import.meta.dirname, '..')
const API_REFERENCE = ['swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'swagger-ui.css']

const DOCS_SOURCES = ['docs', 'package-lock.json', 'scripts/guides.ts', 'src/api/reference.ts']

/** Makes build/docs, unless nothing changed since: the guides, and what the API reference page is drawn with. */
export function gatherDocs(output = join(root, 'build/docs')): void {
  if (isFresh(join(output, 'docs.css'), DOCS_SOURCES)) return
  const docs = join(root, 'docs')
  const target = `${output}.${process.pid}`
  mkdirSync(target, { recursive: true })
  for (const name of API_REFERENCE)
    copyFileSync(join(root, 'node_modules/swagger-ui-dist', name), join(target, name))
  for (const name of guidesBelow(docs)) {
    const page = join(target, name.replace(/\.md$/, '.html'))
    mkdirSync(dirname(page), { recursive: true })
    writeFileSync(page, guideDocument(rendered(readFileSync(join(docs, name), 'utf8'), name)))
  }
  writeFileSync(join(target, 'docs.css'), readFileSync(join(docs, 'docs.css')))
  replaceFolder(target, output)
}

/** Whether a file was made after all of its sources, which are files and folders of the repository. */
export function isFresh(made: string, sources: readonly string[]): boolean {
  if (!existsSync(made)) return false
  const madeAt = statSync(made).mtimeMs
  return sources
    .flatMap((source) => filesBelow(join(root, source)))
    .every((file) => statSync(file).mtimeMs <= madeAt)
}

/** At once, since a running server reads from there. */
export function replaceFolder(fresh: string, output: string): void {
  const old = `${fresh}.old`
  if (existsSync(output)) renameSync(output, old)
  renameSync(fresh, output)
  rmSync(old, { recursive: true, force: true })
}

/** All files below a folder, or the file itself. */
export function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
