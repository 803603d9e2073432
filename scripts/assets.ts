/** The assets that travel with the program, gathered below build/: the page (scripts/page.ts) and the docs. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const API_REFERENCE = ['swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt', 'swagger-ui.css']

/** Makes build/docs anew: the guides, and what the API reference page is drawn with. */
export function gatherDocs(): void {
  const target = join(root, 'build/docs')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const name of API_REFERENCE)
    copyFileSync(join(root, 'node_modules/swagger-ui-dist', name), join(target, name))
  for (const name of readdirSync(join(root, 'docs')))
    if (name.endsWith('.md')) copyFileSync(join(root, 'docs', name), join(target, name))
}

/** All files below a folder, or the file itself. */
export function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
