/**
 * Unicode's own table of UTS 46 (IdnaTestV2.txt of version 13.0.0, © Unicode, Inc.; its terms are in the file), D05. Later
 * versions allow characters that were disallowed then, which shows as status P1 or V6; the rest is as it was.
 */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Fault } from '../../src/base/fault.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { idnaName } from '../../src/domain/hostname/idna.ts'
import { CANONICAL_HOSTNAME, canonicalHostname } from '../../src/domain/hostname.ts'

interface Row {
  source: string
  /** The name as toASCII has it, without a trailing dot. */
  ascii: string
  /** Why it is none; empty: it is one. */
  status: string[]
}

const unescaped = (text: string): string =>
  text.replace(/\\u([0-9A-F]{4})|\\x\{([0-9A-F]+)\}/g, (_, short, long) =>
    String.fromCodePoint(Number.parseInt(short ?? long, 16)),
  )

const DOT_AT_END = /[.\u3002\uff0e\uff61]$/

function rowOf(line: string): Row {
  const [source = '', unicode = '', unicodeStatus = '', ascii = '', asciiStatus = ''] = line
    .split(';')
    .map((column) => unescaped(column.trim()))
  const status = (asciiStatus || unicodeStatus || '[]')
    .replace(/[[\] ]/g, '')
    .split(',')
    .filter(Boolean)
  const name = ascii || unicode || source
  if (!DOT_AT_END.test(source)) return { source, ascii: name, status }
  const rest = name.slice(0, -1)
  // A dot at the end is an empty label to the table, which has one status for that and for long ones.
  const fits = rest.split('.').every((label) => label !== '' && label.length <= LIMITS.hostname.labelBytes)
  return { source, ascii: rest, status: fits ? status.filter((code) => code !== 'A4_2') : status }
}

const packed = readFileSync(join(import.meta.dirname, 'IdnaTestV2-13.0.0.txt.gz'))
const ROWS = gunzipSync(packed)
  .toString()
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '')
  .map(rowOf)

test('every name of the table gets its ASCII form, and what is none is refused', () => {
  let since = 0
  for (const { source, ascii, status } of ROWS) {
    const name = idnaName(source)
    const got = 'problem' in name ? null : name.ascii.join('.')
    if (status.length === 0 || got === null)
      expect([source, got]).toEqual([source, status.length === 0 ? ascii : null])
    else {
      // Allowed since.
      expect([source, status.filter((code) => code !== 'P1' && code !== 'V6')]).toEqual([source, []])
      since += 1
    }
  }
  expect(ROWS.length).toBeGreaterThan(6_200)
  expect(since / ROWS.length).toBeLessThan(0.02)
})

test('whatever of it a site may use has one form, of letters, digits and "-", and the rest says why not', () => {
  let accepted = 0
  for (const { source, status } of ROWS) {
    try {
      const { hostname, unicode } = canonicalHostname(source)
      expect(hostname).toMatch(CANONICAL_HOSTNAME)
      for (const form of [hostname, unicode, `${hostname.toUpperCase()}.`])
        expect([source, canonicalHostname(form).hostname]).toEqual([source, hostname])
      accepted += 1
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'invalid') throw thrown
      expect(thrown.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    }
    if (status.some((code) => code !== 'P1' && code !== 'V6'))
      expect(() => canonicalHostname(source)).toThrow(Fault)
  }
  expect(accepted).toBeGreaterThan(100)
})
