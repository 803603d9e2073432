/** The words in which a server decides. An `if` here only sets, rewrites and returns, which is where NGINX's is safe. */
import {
  type Argument,
  block,
  type Directive,
  directive,
  type Item,
  type Part,
  raw,
  variable,
} from './config.ts'
import type { Steps } from './decision.ts'
import { ALL } from './regex.ts'
import { type Ours, v } from './variables.ts'

export const set = (name: Ours, value: Argument): Directive => directive('set', v(name), value)

export const when = (condition: readonly Argument[], ...inside: Item[]): Directive =>
  block('if', condition, inside)

/** Does the variable match this expression as a whole? */
export const matching = (name: Ours, regex: string): readonly Argument[] => [
  v(name),
  '~',
  raw(`${ALL}^${regex}\\z`),
]

/** Goes on with a path of our own making. */
export const goTo = (path: Argument): Directive => directive('rewrite', raw('^'), path)

/** Serves this file of the tree. */
export const serve = (path: Argument): Directive => directive('rewrite', raw('^'), path, 'break')

export const isFile = (path: readonly Part[]): readonly Argument[] => ['-f', [...v('root'), ...path]]

/** Serves what is there; else goes on. */
export const serveIfThere = (name: Ours, noted: readonly Directive[]): Directive =>
  when(isFile(v(name)), ...noted, serve(v(name)))

/** Looks for what the state wants to know, and notes what was there. */
export const asks = (word: string, steps: Steps): Directive[] =>
  steps.asks.map((_, index) =>
    when(isFile(v(`${word}_ask${index + 1}`)), set('state', [...v('state'), `${index + 1}`])),
  )

/**
 * Redirects to a decoded path with the query of the request. NGINX percent-encodes what it captures when that becomes
 * part of a query, and nowhere else in a rewrite; so the query is where every Location is made.
 */
export const redirectTo = (path: Argument): Directive[] => [
  goTo(path),
  directive('rewrite', raw(`${ALL}^(.*)\\z`), ['/?', { variable: '$1' }, ...v('query'), '?']),
  directive('return', '307', variable('$args')),
]
