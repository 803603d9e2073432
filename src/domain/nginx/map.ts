import {
  type Argument,
  block,
  type Directive,
  directive,
  type Entry,
  entry,
  type Item,
  raw,
} from './config.ts'
import { type Ours, our } from './variables.ts'

export const map = (from: Argument, to: Ours, entries: readonly Item[]): Directive =>
  block('map', [from, raw(our(to))], entries)

/** Asked anew each time, since a request goes through more than one path. */
export const fresh = (from: Argument, to: Ours, entries: readonly Item[]): Directive =>
  map(from, to, [directive('volatile'), ...entries])

export const otherwise = (...args: Argument[]): Entry => entry('default', ...args)
export const matches = (regex: string, value: Argument): Entry => entry(raw(`~${regex}`), value)
