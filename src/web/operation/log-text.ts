import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'

const ESC = '\u001b'
const BEL = '\u0007'

/** ECMA-48 §5.4 control sequences (colours, cursor), and the strings of OSC, DCS, PM, APC up to their end. */
const SEQUENCES = new RegExp(
  [
    `${ESC}\\[[0-?]*[ -/]*[@-~]`,
    `${ESC}[\\]PX^_][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?`,
    `${ESC}[@-Z\\\\-_]`,
  ].join('|'),
  'g',
)

/** A log line made inert: sequences gone, what else cannot be seen is spelled out, and its length is bounded. */
export const logText = (text: string): string =>
  shown(text.replace(SEQUENCES, '').replaceAll('\t', '  '), LIMITS.log.lineChars)
