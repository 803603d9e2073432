/**
 * How NGINX finds the file for a path: the decisions of `answerHtml`, asked of that very function. NGINX has no nested
 * `if` and no loops, so a request walks through a fixed number of steps; at each one it asks for a file whose name a
 * map knows by what was found so far (the state), and adds the step's digit to the state when it is there.
 */
import type { HtmlHandling } from '../environment.ts'
import { answerHtml, type HtmlAnswer, type IsFile } from '../serving/html.ts'
import { servedFiles } from '../serving/resolve.ts'

/** `<spelled>:<suffix>` of a path: `bare` and what follows it. `p`: neither; `^…`: the whole path, without a bare one. */
export type PathClass = string

const SPELLED = ['', '.html', '/index', '/index.html']
const SUFFIXES = ['/index.html', '/index', '.html', '/', '.gz']

/** A path of a class, and the names in it. `bare`: the path without its suffix. */
export interface Sample {
  kind: PathClass
  path: string
  bare: string
}

export const SAMPLES: readonly Sample[] = [
  { kind: 'p', path: '/b', bare: '/b' },
  ...['/', '/index', '/index.html'].map((path) => ({ kind: `^${path}`, path, bare: '' })),
  ...SPELLED.flatMap((spelled) =>
    SUFFIXES.filter((suffix) => !(spelled === '/index' && suffix === '.html')).map((suffix) => {
      const bare = `/b${spelled}`
      const path = `${bare}${suffix}`
      return { kind: `${spelled}:${suffix}`, path, bare: suffix === '.gz' ? path : bare }
    }),
  ),
]

/** Names as templates: what a map has for its value. `unzipped`: without `.gz`. */
export type Place = 'path' | 'bare' | 'unzipped'
export interface Name {
  from: Place | null
  suffix: string
}

type Leaf = { file: Name } | { redirect: Name } | null
type Tree = { ask: Name; yes: Tree; no: Tree } | { leaf: Leaf }

export interface Steps {
  /** Each: class to the name which, if it is there, answers. */
  hits: Map<PathClass, Name>[]
  /** Each: state to the name to look for. */
  asks: Map<string, Name>[]
  files: Map<string, Name>
  redirects: Map<string, Name>
}

/** The steps by which a path gets its answer, after the file of a plain path was not there. */
export const pathSteps = (word: HtmlHandling): Steps =>
  stepsOf(
    (sample, isFile) => answerHtml(word, sample.path, isFile),
    // Whether the file of a plain path is there has been looked at before.
    new Map([['b', false]]),
  )

/** The steps by which the target of a rewrite gets its file (`fileAt` of resolve.ts). */
export const targetSteps = (word: HtmlHandling): Steps =>
  stepsOf(({ path }, isFile) => {
    if (isFile(path.slice(1))) return { file: path.slice(1) }
    const page = answerHtml(word, path, isFile)
    return page !== null && 'redirect' in page ? answerHtml(word, page.redirect, isFile) : page
  })

type Answer = (sample: Sample, isFile: IsFile) => HtmlAnswer | null

function stepsOf(answer: Answer, ofPlain: ReadonlyMap<string, boolean> = new Map()): Steps {
  const trees = new Map(
    SAMPLES.map(
      (sample) => [sample.kind, grow(sample, answer, sample.kind === 'p' ? ofPlain : new Map())] as const,
    ),
  )
  const steps: Steps = { hits: [], asks: [], files: new Map(), redirects: new Map() }
  for (;;) {
    const step = new Map<PathClass, Name>()
    for (const [kind, tree] of trees)
      if ('ask' in tree && isHit(tree)) {
        step.set(kind, tree.ask)
        trees.set(kind, tree.no)
      }
    if (step.size === 0) break
    steps.hits.push(step)
  }
  let states: Map<string, Tree> = trees
  while ([...states.values()].some((tree) => 'ask' in tree)) {
    const step = new Map<string, Name>()
    const after = new Map<string, Tree>()
    for (const [state, tree] of states) {
      after.set(state, 'ask' in tree ? tree.no : tree)
      if (!('ask' in tree)) continue
      step.set(state, tree.ask)
      after.set(`${state}${steps.asks.length + 1}`, tree.yes)
    }
    steps.asks.push(step)
    states = after
  }
  for (const [state, tree] of states) {
    const leaf = 'leaf' in tree ? tree.leaf : null
    if (leaf !== null && 'file' in leaf) steps.files.set(state, leaf.file)
    if (leaf !== null && 'redirect' in leaf) steps.redirects.set(state, leaf.redirect)
  }
  return steps
}

const isHit = (tree: Extract<Tree, { ask: Name }>): boolean =>
  'leaf' in tree.yes &&
  tree.yes.leaf !== null &&
  'file' in tree.yes.leaf &&
  tree.yes.leaf.file.from === tree.ask.from &&
  tree.yes.leaf.file.suffix === tree.ask.suffix

/** Its message is the name that is asked for. */
class Unknown extends Error {}

/** Asks the function itself, and branches wherever it wants to know of a file. */
function grow(sample: Sample, answer: Answer, known: ReadonlyMap<string, boolean>): Tree {
  const isFile = servedFiles((name) => {
    const seen = known.get(name)
    if (seen === undefined) throw new Unknown(name)
    return seen
  }, new Set())
  try {
    const found = answer(sample, isFile)
    if (found === null) return { leaf: null }
    if ('redirect' in found) return { leaf: { redirect: nameOf(sample, found.redirect) } }
    return { leaf: { file: nameOf(sample, `/${found.file}`) } }
  } catch (error) {
    if (!(error instanceof Unknown)) throw error
    const name = error.message
    const branch = (isThere: boolean) => grow(sample, answer, new Map([...known, [name, isThere]]))
    return { ask: nameOf(sample, `/${name}`), yes: branch(true), no: branch(false) }
  }
}

/** The name as what it is to any path of the class. */
function nameOf({ path, bare }: Sample, name: string): Name {
  if (bare === '') return { from: null, suffix: name }
  if (name === `${path}.gz`) throw new Error(`Nothing asks for ${name}`)
  const from: Place = name.startsWith(path) ? 'path' : name.startsWith(bare) ? 'bare' : 'unzipped'
  if (from !== 'unzipped') return { from, suffix: name.slice((from === 'path' ? path : bare).length) }
  if (`${name}.gz` !== bare && `${name}.gz` !== path) throw new Error(`No name for ${name} of ${path}`)
  return { from, suffix: '' }
}
