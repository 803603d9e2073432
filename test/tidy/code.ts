/** Rules about what may stand in code, and where. */
import { isNode, lineOf, type Node, nodesOf, type Source } from './source.ts'

const FILE_LINES = 300
const TEST_FILE_LINES = 500
/** "About 50", so that nobody folds lines to pass. */
const FUNCTION_LINES = 60
const COMPONENT_LINES = 80
const PARAMETERS = 3

interface Owner {
  what: string
  /** Where it may stand. */
  owners: RegExp
  modules: RegExp | null
  /** `console`, `Date.now`, `fetch()`, `new Date()`: names of globals, their members, calls and argument-less news. */
  globals: string[]
}

const OWNERS: Owner[] = [
  {
    what: 'child processes',
    owners: /^src\/base\/run\.ts$/,
    modules: /^node:(child_process|cluster)$/,
    globals: [],
  },
  {
    what: 'outbound requests',
    owners: /^src\/(base\/(http|tls)\.ts|web\/)/,
    modules: /^(node:(https?|http2|tls)|undici|ws)$/,
    globals: ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource'],
  },
  {
    what: 'addresses and sockets',
    owners: /^src\/(base\/(http|tls|egress|addresses|machine|dns\/\w+)\.ts|web\/)/,
    modules: /^node:(net|dgram)$/,
    globals: [],
  },
  {
    what: 'the time',
    owners: /^src\/(base\/clock\.ts|web\/)/,
    modules: /^node:timers/,
    globals: ['Date.now', 'new Date()', 'setTimeout', 'setInterval', 'performance.now', 'process.hrtime'],
  },
  {
    what: 'the environment of the process',
    owners: /^src\/(app|main)\.ts$/,
    modules: null,
    globals: ['process.env'],
  },
  {
    what: 'printing',
    owners: /^src\/(cli\/print|app|main)\.ts$/,
    modules: null,
    globals: ['console', 'process.stdout', 'process.stderr'],
  },
  { what: "Bun's own API", owners: /^src\/base\/platform\.ts$/, modules: /^bun(:|$)/, globals: ['Bun'] },
  { what: 'the database', owners: /^src\/store\//, modules: /^node:sqlite$|\.sql$/, globals: [] },
  { what: 'dynamic code', owners: /^$/, modules: /^node:vm$/, globals: ['eval', 'new Function'] },
  { what: 'weak random numbers', owners: /^$/, modules: null, globals: ['Math.random'] },
]

const SQL =
  /^\s*(SELECT\s[\s\S]*\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|(CREATE|ALTER|DROP)\s+(TABLE|(UNIQUE\s+)?INDEX|TRIGGER|VIEW)\s|PRAGMA\s|BEGIN\s+(IMMEDIATE|EXCLUSIVE)|VACUUM\b)/

const inSrc = (source: Source): boolean => source.path.startsWith('src/')
const at = (source: Source, node: { start: number }): string => `${source.path}:${lineOf(source, node.start)}`

/** What touches the world has one owner. */
export function singleOwners(sources: Source[]): string[] {
  return sources
    .filter(inSrc)
    .flatMap((source) =>
      OWNERS.filter(({ owners }) => !owners.test(source.path)).flatMap((owner) => [
        ...source.imports
          .filter(({ specifier, typeOnly }) => !typeOnly && owner.modules?.test(specifier))
          .map(({ specifier }) => `${source.path} imports ${specifier}: ${owned(owner)}`),
        ...owner.globals.flatMap((global) =>
          usesOf(source, global).map((node) => `${at(source, node)} uses ${global}: ${owned(owner)}`),
        ),
      ]),
    )
}

const owned = ({ what, owners }: Owner): string =>
  owners.source === '^$'
    ? `${what} has no place here.`
    : `${what} belongs to ${owners.source.replace(/[\\^$]/g, '')}.`

function usesOf(source: Source, global: string): Node[] {
  if (!source.text.includes(global.replace(/^new |\(\)$/g, '').split('.')[0] ?? global)) return []
  const nodes = [...nodesOf(source)]
  if (global.startsWith('new ')) {
    const name = global.replace(/^new |\(\)$/g, '')
    const bare = global.endsWith('()')
    return nodes.filter(
      (node) =>
        node.type === 'NewExpression' &&
        isNode(node.callee) &&
        node.callee.name === name &&
        !(bare && Array.isArray(node.arguments) && node.arguments.length > 0),
    )
  }
  const [object = global, member] = global.split('.')
  if (member !== undefined)
    return nodes.filter(
      (node) =>
        node.type === 'MemberExpression' &&
        isNode(node.object) &&
        node.object.name === object &&
        isNode(node.property) &&
        (node.property.name === member || node.property.value === member),
    )
  return isDeclared(nodes, object) ? [] : references(nodes, object)
}

/** Whether the file has a variable, parameter, import or member signature of its own by that name. */
function isDeclared(nodes: Node[], name: string): boolean {
  return nodes.some((node) => {
    const bound = [node.id, node.local, ...(Array.isArray(node.params) ? node.params : [])]
    return bound.some((part) => isNode(part) && bindsName(part, name))
  })
}

function bindsName(part: Node, name: string): boolean {
  if (part.type === 'Identifier') return part.name === name
  if (part.type === 'AssignmentPattern') return isNode(part.left) && bindsName(part.left, name)
  if (part.type !== 'ObjectPattern' || !Array.isArray(part.properties)) return false
  return part.properties.some((item) => isNode(item) && isNode(item.value) && bindsName(item.value, name))
}

/** Identifiers that mean the global: no property names, no keys, no types. */
function references(nodes: Node[], name: string): Node[] {
  const names = new Set<unknown>()
  for (const node of nodes) {
    if (node.type === 'MemberExpression' && node.computed !== true) names.add(node.property)
    if (!node.computed && 'key' in node && node.shorthand !== true) names.add(node.key)
    if (node.type.startsWith('TS'))
      for (const member of ['typeName', 'exprName', 'id']) names.add(node[member])
    if (node.type === 'TSQualifiedName') names.add(node.left).add(node.right)
  }
  return nodes.filter((node) => node.type === 'Identifier' && node.name === name && !names.has(node))
}

/** SQL stays SQL, in one folder. */
export function sqlOutsideStore(sources: Source[]): string[] {
  return sources
    .filter((source) => inSrc(source) && !source.path.startsWith('src/store/'))
    .flatMap((source) =>
      [...nodesOf(source)]
        .filter((node) => SQL.test(textOf(node)))
        .map((node) => `${at(source, node)} holds SQL: SQL belongs to src/store.`),
    )
}

function textOf(node: Node): string {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  const cooked = node.type === 'TemplateElement' && typeof node.value === 'object' && node.value !== null
  return cooked && 'cooked' in Object(node.value) ? String(Object(node.value).cooked) : ''
}

/** No shell, anywhere. */
export function shells(sources: Source[]): string[] {
  return sources
    .filter(inSrc)
    .flatMap((source) =>
      [...nodesOf(source)]
        .filter((node) => node.type === 'Property' && isNode(node.key) && node.key.name === 'shell')
        .map((node) => `${at(source, node)} sets "shell": programs are run by their argument vector.`),
    )
}

/** A small tail: files, functions and parameter lists stay short. */
export function sizes(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => /\.tsx?$/.test(path))
    .flatMap((source) => {
      const most = source.path.startsWith('test/') ? TEST_FILE_LINES : FILE_LINES
      const lines = source.lines.length - 1
      return [
        ...(lines > most ? [`${source.path} has ${lines} lines; at most ${most}.`] : []),
        ...(inSrc(source) ? functionsOf(source).flatMap((node) => tooBig(source, node)) : []),
      ]
    })
}

const FUNCTIONS = [
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'TSMethodSignature',
]

/** Functions whose shape is ours: an override has that of what it overrides. */
function functionsOf(source: Source): Node[] {
  const nodes = [...nodesOf(source)]
  const overrides = new Set(nodes.filter(({ override }) => override === true).map(({ value }) => value))
  return nodes.filter((node) => FUNCTIONS.includes(node.type) && !overrides.has(node))
}

function tooBig(source: Source, node: Node): string[] {
  const lines = source.text.slice(node.start, node.end).split('\n').length
  const most = source.path.endsWith('.tsx') ? COMPONENT_LINES : FUNCTION_LINES
  const parameters = Array.isArray(node.params) ? node.params.length : 0
  return [
    ...(lines > most ? [`${at(source, node)} is a function of ${lines} lines; about 50.`] : []),
    ...(parameters > PARAMETERS
      ? [`${at(source, node)} takes ${parameters} parameters: after ${PARAMETERS} take an object.`]
      : []),
  ]
}

const SUPPRESSIONS =
  /@ts-(ignore|expect-error|nocheck)|(oxlint|eslint)-disable|biome-ignore (?!format)|prettier-ignore/

/** No `any`, no `!`, no silenced rule. */
export function silenced(sources: Source[]): string[] {
  return sources.flatMap((source) => [
    ...source.comments
      .filter(({ value }) => SUPPRESSIONS.test(value))
      .map((comment) => `${at(source, comment)} silences a rule: mend the code instead.`),
    ...[...nodesOf(source)].flatMap((node) => {
      if (node.type === 'TSAnyKeyword') return [`${at(source, node)} says "any": say "unknown" and look.`]
      if (node.type === 'TSNonNullExpression') return [`${at(source, node)} says "!": prove it or throw.`]
      return []
    }),
  ])
}

/** A cast carries its reason on its line. */
export function castsWithoutReason(sources: Source[]): string[] {
  return sources.filter(inSrc).flatMap((source) =>
    [...nodesOf(source)]
      .filter((node) => node.type === 'TSAsExpression' && !isConst(node))
      .filter((node) => !hasComment(source, node))
      .map((node) => `${at(source, node)} casts without a reason: write it as a comment on that line.`),
  )
}

const isConst = ({ typeAnnotation: type }: Node): boolean =>
  isNode(type) && isNode(type.typeName) && type.typeName.name === 'const'

const hasComment = (source: Source, node: Node): boolean => {
  const first = lineOf(source, node.start)
  const last = lineOf(source, node.end)
  return source.comments.some(({ start }) => {
    const line = lineOf(source, start)
    return line >= first - 1 && line <= last
  })
}

/** An error is answered, passed on or explained. */
export function swallowedErrors(sources: Source[]): string[] {
  return sources.flatMap((source) =>
    [...nodesOf(source)]
      .filter((node) => node.type === 'CatchClause' && isNode(node.body) && isEmpty(source, node.body))
      .map((node) => `${at(source, node)} swallows an error without saying why.`),
  )
}

const isEmpty = (source: Source, body: Node): boolean =>
  Array.isArray(body.body) &&
  body.body.length === 0 &&
  !source.comments.some(({ start }) => start > body.start && start < body.end)

/** A test runs, or is skipped by the name of what it needs (test/needs.ts). */
export function unrunTests(sources: Source[]): string[] {
  return sources
    .filter(({ path }) => path.startsWith('test/'))
    .flatMap((source) =>
      [...nodesOf(source)]
        .filter((node) => node.type === 'MemberExpression' && isNode(node.object) && isNode(node.property))
        .filter(({ object, property }) => isTestFunction(object) && isNode(property) && isHalt(property.name))
        .map((node) => `${at(source, node)} leaves a test out: run it or delete it.`),
    )
}

const isTestFunction = (object: unknown): boolean =>
  isNode(object) && ['test', 'it', 'describe'].includes(String(object.name))
const isHalt = (name: unknown): boolean => ['skip', 'only', 'todo', 'failing'].includes(String(name))
