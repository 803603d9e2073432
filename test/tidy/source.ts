import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { parseSync } from 'oxc-parser'

/** What .gitignore names, and what `npm run client` makes: made, not written. */
const SKIPPED = [
  '.git',
  'build',
  'dist',
  'data',
  'test/sites/built',
  'test/sites/guide/.vitepress/cache',
  'clients/typescript/dist',
  'clients/typescript/src/generated',
]

export interface Import {
  /** As written: `../base/fault.ts`, `node:fs`, `hono`. */
  specifier: string
  /** The file below the root that a relative specifier means; null for packages. */
  file: string | null
  typeOnly: boolean
}

/** A node of the syntax tree, of whatever type. */
export interface Node {
  type: string
  start: number
  end: number
  [member: string]: unknown
}

export interface Source {
  /** Below the repository's root: `src/base/fault.ts`. */
  path: string
  text: string
  lines: string[]
  /** Empty for files that are not code. */
  program: Node | null
  comments: { value: string; start: number; end: number }[]
  imports: Import[]
}

/** Every text file of the checkout that people wrote. */
export function readSources(root: string): Source[] {
  const found: Source[] = []
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory() && entry.name !== 'node_modules' && !SKIPPED.includes(path)) walk(path)
      else if (entry.isFile() && isText(path))
        found.push(sourceOf(path, readFileSync(join(root, path), 'utf8')))
    }
  }
  walk('')
  return found
}

const isText = (path: string): boolean =>
  !path.endsWith('.gen.ts') && !/\.(png|jpe?g|ico|woff2?|zip|gz|zst|tar|bin|pdf|log|tsbuildinfo)$/.test(path)

export function sourceOf(path: string, text: string): Source {
  const source: Source = { path, text, lines: text.split('\n'), program: null, comments: [], imports: [] }
  if (!/\.tsx?$/.test(path)) return source
  const parsed = parseSync(path, text)
  source.program = parsed.program as unknown as Node // the parser's own types list every kind of node
  source.comments = parsed.comments
  for (const node of nodesOf(source)) {
    const specifier = specifierOf(node)
    if (specifier !== null)
      source.imports.push({ specifier, file: fileOf(path, specifier), typeOnly: isTypeOnly(node) })
  }
  return source
}

/** All nodes, parents before children. */
export function* nodesOf(source: Source): Generator<Node> {
  const waiting: unknown[] = [source.program]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (Array.isArray(value)) waiting.push(...value.toReversed())
    else if (isNode(value)) {
      yield value
      waiting.push(...Object.values(value).toReversed())
    }
  }
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** The value of `node[member].value` when both are there: the text of a literal below a node. */
export function literalOf(node: Node, member: string): string | null {
  const child = node[member]
  return isNode(child) && child.type === 'Literal' && typeof child.value === 'string' ? child.value : null
}

export const lineOf = (source: Source, offset: number): number =>
  source.text.slice(0, offset).split('\n').length

function specifierOf(node: Node): string | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literalOf(node, 'source')
    case 'NewExpression':
      return workerOrAsset(node)
    default:
      return null
  }
}

/** `new URL('./x.ts', import.meta.url)` names a file as an import does. */
function workerOrAsset(node: Node): string | null {
  const [first, second] = Array.isArray(node.arguments) ? node.arguments : []
  const isUrl = isNode(node.callee) && node.callee.name === 'URL' && isNode(second)
  const text = isUrl && isNode(first) && first.type === 'Literal' ? first.value : null
  return typeof text === 'string' && /^\.\.?\/.*\.\w+$/.test(text) ? text : null
}

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type') return true
  const parts = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : []
  return parts.length > 0 && parts.every((part) => part.importKind === 'type' || part.exportKind === 'type')
}

function fileOf(importer: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null
  const path = specifier.replace(/\?.*$/, '')
  return normalize(join(importer, '..', path))
}
