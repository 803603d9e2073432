/** What UTS 46 lets through and people are deceived by: symbols in place of letters, and scripts that are mixed in one label. */
import { shown } from '../../base/fault.ts'
import type { NameProblem } from './idna.ts'

/**
 * Letters, marks and digits, as IDNA 2008 has them (RFC 5892 §2, with the exceptions of §2.6): registries and certificate
 * authorities refuse the rest, some of which looks like a dot or a slash.
 */
const NO_LETTER = [
  /[^\p{Ll}\p{Lo}\p{Lm}\p{M}\p{Nd}\u{b7}\u{375}\u{5f3}\u{5f4}\u{6fd}\u{6fe}\u{f0b}\u{3007}\u{30fb}\u{200c}-\u{200d}-]|\p{Me}/u,
  /[\u{640}\u{7fa}\u{3031}-\u{3035}\u{303b}\u{1100}-\u{11ff}\u{a960}-\u{a97f}\u{d7b0}-\u{d7ff}]|\u{302e}|\u{302f}/u,
]

/** Where those exceptions that are no letters may stand (RFC 5892 appendix A.3 to A.7). */
const OUT_OF_PLACE = [
  /(?<!l)\u00b7|\u00b7(?!l)/u,
  /\u0375(?!\p{sc=Greek})/u,
  /(?<!\p{sc=Hebrew})[\u05f3\u05f4]/u,
  /^[^\p{sc=Hira}\p{sc=Kana}\p{sc=Hani}]*\u30fb[^\p{sc=Hira}\p{sc=Kana}\p{sc=Hani}]*$/u,
]

/** Scripts in common use (UAX 31 table 5) that may stand beside Latin: none of their letters are taken for Latin ones. */
const BESIDE_LATIN = (
  'Arabic Armenian Bengali Bopomofo Devanagari Ethiopic Georgian Gujarati Gurmukhi Han Hangul Hebrew Hiragana Kannada Katakana ' +
  'Khmer Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
).split(' ')

/** Others in use (UAX 31 tables 5 and 7), by themselves only. */
const ALONE = (
  'Cyrillic Greek Adlam Balinese Bamum Batak Canadian_Aboriginal Chakma Cham Cherokee Hanifi_Rohingya Javanese Kayah_Li Lepcha ' +
  'Limbu Lisu Mandaic Meetei_Mayek Miao Mongolian New_Tai_Lue Newa Nko Nyiakeng_Puachue_Hmong Ol_Chiki Osage Saurashtra Sundanese ' +
  'Syloti_Nagri Syriac Tai_Le Tai_Tham Tai_Viet Tifinagh Vai Wancho Yi'
).split(' ')

/** What may stand in one label: UTS 39 §5.2, "moderately restrictive", by script extensions. */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
  ...BESIDE_LATIN.map((script) => ['Latin', script]),
  ...ALONE.map((script) => [script]),
].map((scripts) => new RegExp(`^[${[...scripts, 'Common', 'Inherited'].map(property).join('')}]*$`, 'u'))

function property(script: string): string {
  return `\\p{scx=${script}}`
}

const SCRIPTS = ['Latin', ...BESIDE_LATIN, ...ALONE].map(
  (script) => [script.replaceAll('_', ' '), new RegExp(property(script), 'u')] as const,
)

/** A label in its Unicode form, valid by UTS 46; null: people read it as it is. */
export function lookalikeProblem(label: string): NameProblem | null {
  if ([...NO_LETTER, ...OUT_OF_PLACE].some((rule) => rule.test(label)))
    return {
      problem: `label "${shown(label, 70)}" holds a symbol where letters belong (RFC 5892)`,
      hint: 'Use letters, digits and "-".',
    }
  if (TOGETHER.some((scripts) => scripts.test(label))) return null
  const found = SCRIPTS.filter(([, script]) => Array.from(label).some((letter) => script.test(letter)))
  const names = found.map(([name]) => name)
  return {
    problem:
      names.length > 1
        ? `label "${shown(label, 70)}" mixes ${names.slice(0, 2).join(' and ')} letters`
        : `label "${shown(label, 70)}" has letters of a script that is in use no more`,
    hint: 'Letters of one script look like those of another (UTS 39); keep to one in each label.',
  }
}
