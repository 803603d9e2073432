/** What people type as a host name, mapped and judged by UTS 46 (non-transitional, all checks on) with STD 3's letters. */
import { toASCII, toUnicode } from 'tr46'
import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'

const RULES = {
  checkBidi: true,
  checkHyphens: true,
  checkJoiners: true,
  transitionalProcessing: false,
  useSTD3ASCIIRules: true,
}

/** Both forms of a name, label by label, without a trailing dot. */
export interface IdnaName {
  ascii: string[]
  unicode: string[]
}

/** What is wrong with a name, to be put behind "its", such as `label "a_b" holds "_"`, and what to do about it. */
export interface NameProblem {
  problem: string
  hint: string
}

/** The name in both forms. Its text is bounded by the caller; whether such a name may be used is another question. */
export function idnaName(text: string): IdnaName | NameProblem {
  const mapped = toUnicode(text, RULES)
  const unicode = mapped.domain.split('.')
  if (unicode.length > 1 && unicode.at(-1) === '') unicode.pop()
  const ascii = mapped.error ? null : toASCII(unicode.join('.'), { ...RULES, verifyDNSLength: true })
  if (ascii !== null) return { ascii: ascii.split('.'), unicode }
  // Each letter takes a byte at least; the rest is not worth a look then.
  if (Array.from(mapped.domain).length > LIMITS.hostname.bytes + 1) return TOO_LONG
  for (const label of unicode) {
    // Nothing may stand behind xn--, too, and then nothing is left of the label.
    const found = labelProblem(label === '' && /xn--(\.|$)/i.test(text) ? 'xn--' : label)
    if (found) return found
  }
  if (isNarrowed(unicode.join('.'), 'checkBidi'))
    return {
      problem: 'labels mix writing from right to left with other writing (RFC 5893)',
      hint: 'Where one label is written from right to left, every label begins with a letter.',
    }
  return TOO_LONG
}

const TOO_LONG: NameProblem = {
  problem: `length is over ${LIMITS.hostname.bytes} bytes as DNS has it`,
  hint: 'Choose a shorter name; letters outside a to z take several bytes.',
}

function labelProblem(label: string): NameProblem | null {
  if (label === '')
    return {
      problem: 'labels are not all filled',
      hint: 'Write one dot between two labels, and none in front.',
    }
  return asciiProblem(label) ?? hyphenProblem(label) ?? letterProblem(label) ?? lengthProblem(label)
}

function asciiProblem(label: string): NameProblem | null {
  if (label.includes('_'))
    return {
      problem: `label ${quoted(label)} holds "_"`,
      hint: 'Names with "_" are for records such as _dmarc and not for sites; use "-".',
    }
  const wrong = /[^a-z0-9\u{80}-\u{10ffff}-]/u.exec(label)?.[0]
  if (wrong === undefined) return null
  const what = wrong === ' ' ? 'a space' : character(wrong)
  return {
    problem: `label ${quoted(label)} holds ${what}`,
    hint: 'Of ASCII, labels have a to z, 0 to 9 and "-".',
  }
}

function hyphenProblem(label: string): NameProblem | null {
  if (label.startsWith('xn--'))
    return {
      problem: `label ${quoted(label)} is no Punycode of an international name`,
      hint: 'Write the label with its own letters; Fairlead makes the xn-- form.',
    }
  if (label.startsWith('-') || label.endsWith('-'))
    return {
      problem: `label ${quoted(label)} begins or ends with "-"`,
      hint: 'Put "-" between letters or digits.',
    }
  if (label.slice(2, 4) !== '--') return null
  return {
    problem: `label ${quoted(label)} has "--" as its third and fourth character`,
    hint: 'That is kept for international names (RFC 5891 §4.2.3.1).',
  }
}

function letterProblem(label: string): NameProblem | null {
  const first = String.fromCodePoint(label.codePointAt(0) ?? 0)
  if (/^\p{M}/u.test(first))
    return {
      problem: `label ${quoted(label)} begins with the mark ${character(first)}`,
      hint: 'Begin it with a letter.',
    }
  for (const letter of label)
    if (!/[\u200c\u200d]|\p{M}/u.test(letter) && toUnicode(letter, { ...RULES, checkBidi: false }).error)
      return {
        problem: `label ${quoted(label)} holds ${character(letter)}`,
        hint: 'That character can not stand in a host name (UTS 46).',
      }
  if (isNarrowed(label, 'checkJoiners'))
    return {
      problem: `label ${quoted(label)} holds an invisible joiner where no letter needs one`,
      hint: 'Write the label without U+200C and U+200D.',
    }
  if (isNarrowed(label, 'checkBidi'))
    return {
      problem: `label ${quoted(label)} mixes writing from right to left with other writing (RFC 5893)`,
      hint: 'Keep to one direction in a label.',
    }
  return toUnicode(label, RULES).error
    ? { problem: `label ${quoted(label)} is not allowed (UTS 46)`, hint: 'Choose another label.' }
    : null
}

/** Whether a name would be fine without one of the checks. */
const isNarrowed = (name: string, check: 'checkBidi' | 'checkJoiners'): boolean =>
  toUnicode(name, RULES).error && !toUnicode(name, { ...RULES, [check]: false }).error

function lengthProblem(label: string): NameProblem | null {
  const bytes = toASCII(label, RULES)?.length ?? 0
  if (bytes <= LIMITS.hostname.labelBytes) return null
  return {
    problem: `label ${quoted(label)} has ${bytes} bytes as DNS has it`,
    hint: `A label has at most ${LIMITS.hostname.labelBytes} bytes.`,
  }
}

const quoted = (label: string): string => `"${shown(label, 70)}"`

const character = (letter: string): string => {
  const code = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
  return /[\p{C}\p{Z}\p{M}]/u.test(letter) ? `U+${code}` : `"${letter}" (U+${code})`
}
