/** What the guides tell people to type is a command line that exists. */
import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMANDS } from '../../src/cli/commands.ts'
import { parseCommandLine } from '../../src/cli/parse.ts'

const root = join(import.meta.dirname, '../..')
const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true })
    .map((name) => `docs/${String(name)}`)
    .filter((name) => name.endsWith('.md')),
]
/** Words of a shell line; what stands in quotes is one. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, one, two, three]) => one ?? two ?? three ?? '')

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8')
  const typed = [...text.matchAll(/^```(?:sh|shell|bash)?\n(.*?)^```/gms)]
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => /^fairlead [a-z]/.test(line) && !line.includes('[flags]'))
  for (const line of new Set(typed))
    test(`${page}: ${line}`, () => {
      const [command = ''] = line.split(/ [|><] | && /)
      expect(() => parseCommandLine(COMMANDS, wordsOf(command).slice(1), {})).not.toThrow()
    })

  const named = [...text.matchAll(/`fairlead ([a-z][a-z -]*[a-z])/g)].map(([, words = '']) => words)
  if (named.length > 0)
    test(`${page} names commands that there are`, () => {
      const known = COMMANDS.map(({ name }) => name)
      const missing = named.filter((words) => {
        const [noun = '', verb] = words.split(' ')
        if (verb === undefined) return !known.some((name) => name.split(' ')[0] === noun)
        return !known.includes(`${noun} ${verb}`) && !known.includes(noun)
      })
      expect(missing).toEqual([])
    })
}
