/** The lines by which two texts differ, as `diff -U` shows them. */
import { LIMITS } from '../base/limits.ts'

export interface DiffLine {
  /** `-`: only in the first, `+`: only in the second, ` `: in both. */
  sign: ' ' | '-' | '+'
  text: string
}

/** Differing lines with a few around them; `…` stands where equal ones are left out. Empty when the texts are equal. */
export function lineDiff(before: string, after: string): DiffLine[] {
  if (before === after) return []
  return withContext(alignedLines(linesOf(before), linesOf(after)))
}

/** A last line without its end is another line than one with it. */
function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  else lines.push(`${lines.pop() ?? ''} (no line end)`)
  return lines
}

function alignedLines(before: string[], after: string[]): DiffLine[] {
  let start = 0
  while (start < before.length && before[start] === after[start]) start++
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++
  const same = (lines: string[]): DiffLine[] => lines.map((text) => ({ sign: ' ', text }))
  return [
    ...same(before.slice(0, start)),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(end === 0 ? [] : before.slice(-end)),
  ]
}

/** By the longest common subsequence, as long as its table stays small; else one block in place of the other. */
function middle(before: string[], after: string[]): DiffLine[] {
  const width = after.length + 1
  if ((before.length + 1) * width > LIMITS.drift.diffCells) return [...gone(before), ...come(after)]
  // lengths[i * width + j]: the longest common subsequence of before[i..] and after[j..]
  const lengths = new Uint16Array((before.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < before.length && j < after.length) {
    const text = before[i] ?? ''
    if (text === after[j]) {
      lines.push({ sign: ' ', text })
      i++
      j++
    } else if (at(i + 1, j) >= at(i, j + 1)) lines.push(...gone(before.slice(i, ++i)))
    else lines.push(...come(after.slice(j, ++j)))
  }
  return [...lines, ...gone(before.slice(i)), ...come(after.slice(j))]
}

const gone = (lines: string[]): DiffLine[] => lines.map((text) => ({ sign: '-', text }))
const come = (lines: string[]): DiffLine[] => lines.map((text) => ({ sign: '+', text }))

const GAP: DiffLine = { sign: ' ', text: '…' }

function withContext(lines: DiffLine[]): DiffLine[] {
  const near = new Uint8Array(lines.length)
  const around = LIMITS.drift.diffContextLines
  for (const [index, { sign }] of lines.entries())
    if (sign !== ' ') near.fill(1, Math.max(0, index - around), index + around + 1)
  const shownLines: DiffLine[] = []
  for (const [index, line] of lines.entries()) {
    if (near[index]) shownLines.push(line)
    else if (shownLines.at(-1) !== GAP) shownLines.push(GAP)
  }
  return shownLines
}
