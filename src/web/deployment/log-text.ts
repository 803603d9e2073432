import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'

/** ECMA-48 §5.4 control sequences (colours, cursor), and the strings of OSC, DCS, PM, APC up to their end. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]/g

/** A log line made inert: sequences gone, what else cannot be seen is spelled out, and its length is bounded. */
export const logText = (text: string): string =>
  shown(text.replace(SEQUENCES, '').replaceAll('\t', '  '), LIMITS.log.lineChars)
