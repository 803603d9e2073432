import { Fault, shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'

export interface RuleLine {
  /** 1-based, as editors count. */
  number: number
  /** Trimmed, never empty, never a comment. */
  text: string
}

/** Refuses the bundle: names the file, the line and what is wrong with it. */
export type RefuseLine = (line: RuleLine, problem: string, hint: string) => never

export function refuseLine(file: '_headers' | '_redirects'): RefuseLine {
  return (line, problem, hint) => {
    throw new Fault('archive_refused', `${file} line ${line.number}: ${problem}.`, {
      hint,
      errors: [{ field: file, message: `line ${line.number}: ${problem}` }],
    })
  }
}

/** The lines of a rules file that say something. Refuses lines over the limit and control characters. */
export function ruleLines(text: string, refuse: RefuseLine): RuleLine[] {
  const lines: RuleLine[] = []
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const line = { number: index + 1, text: raw.trim() }
    if (line.text === '' || line.text.startsWith('#')) continue
    if (line.text.length > LIMITS.rules.lineChars)
      refuse(line, `it has more than ${LIMITS.rules.lineChars} characters`, 'Split or shorten the line.')
    if (/[^\P{Cc}\t]/u.test(line.text))
      refuse(line, `it holds a control character: "${shown(line.text, 60)}"`, 'Remove the character.')
    lines.push(line)
  }
  return lines
}
