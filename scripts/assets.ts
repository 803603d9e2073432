/** The assets that travel with the program, gathered below build/: the page (scripts/page.ts) and the docs. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { guideDocument } from '../src/api/reference.ts'
import { guidesBelow, rendered } from './guides.ts'

const root = join(import.meta.dirname, '..')
const API_REFERENCE = ['swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'swagger-ui.css']

/** Makes build/docs anew: the guides, and what the API reference page is drawn with. */
export function gatherDocs(target = join(root, 'build/docs')): void {
  const docs = join(root, 'docs')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const name of API_REFERENCE)
    copyFileSync(join(root, 'node_modules/swagger-ui-dist', name), join(target, name))
  copyFileSync(join(docs, 'docs.css'), join(target, 'docs.css'))
  for (const name of guidesBelow(docs)) {
    const page = join(target, name.replace(/\.md$/, '.html'))
    mkdirSync(dirname(page), { recursive: true })
    writeFileSync(page, guideDocument(rendered(readFileSync(join(docs, name), 'utf8'), name)))
  }
}

/** All files below a folder, or the file itself. */
export function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
