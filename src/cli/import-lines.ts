/** What was understood of an operator's NGINX, as people read it. */
import type { ImportedName, ImportUnit } from '../domain/nginx/import/unit.ts'
import { hstsText } from './url-https.ts'

export interface Counted {
  files: number
  bytes: number
}

export interface UnitFacts {
  unit: ImportUnit
  /** By root; null: it can't be read. */
  counted: ReadonlyMap<string, Counted | null>
  /** By the path of a certificate: how it is told. */
  certificates: ReadonlyMap<string, string>
  /** Words that were said to be left behind. */
  accepted: readonly string[]
}

export const blocking = ({ unit, accepted }: Pick<UnitFacts, 'unit' | 'accepted'>): ImportUnit['obstacles'] =>
  unit.obstacles.filter(({ accept }) => accept === null || !accepted.includes(accept))

export function unitLines(facts: UnitFacts, size: (bytes: number) => string): string[] {
  const { unit, counted, certificates, accepted } = facts
  const isBlocked = blocking(facts).length > 0
  const lines = [`${isBlocked ? '✗' : '✓'} ${unit.files.join(', ')}`]
  if (!isBlocked)
    for (const { service, root, htmlHandling, notFoundHandling, headersText, redirectsText } of unit.sites) {
      const found = counted.get(root)
      lines.push(
        `    service ${service}, environment production: ${root}, ${found ? `${found.files} files, ${size(found.bytes)}` : 'which can not be read'}`,
        `      htmlHandling ${htmlHandling}, notFoundHandling ${notFoundHandling}`,
        ...textLines('_headers', headersText),
        ...textLines('_redirects', redirectsText),
      )
    }
  if (!isBlocked) lines.push(...unit.names.map((name) => `    ${nameText(name, certificates)}`))
  for (const note of isBlocked ? [] : unit.notes) lines.push(`    · ${note}`)
  for (const { file, line, directive, why, remedy, accept } of unit.obstacles) {
    const isLeft = accept !== null && accepted.includes(accept)
    lines.push(
      `    ${isLeft ? '·' : '✗'} ${file}, line ${line}: ${directive}`,
      `      ${why}${isLeft ? ': left behind.' : `. ${remedy}`}${!isLeft && accept !== null ? ` (--accept ${accept})` : ''}`,
    )
  }
  return lines
}

const textLines = (name: string, text: string | null): string[] =>
  text === null
    ? []
    : [
        `      ${name} if it has none:`,
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => `        ${line}`),
      ]

function nameText(
  { hostname, kind, redirectTo, redirectStatus, https, service }: ImportedName,
  certificates: UnitFacts['certificates'],
): string {
  const what = kind === 'site' ? service : `${redirectTo} (${redirectStatus})`
  if (https === null) return `${hostname} → ${what}`
  const ways = [
    `HTTPS by ${certificates.get(https.certificate) ?? https.certificate}`,
    ...(https.redirect ? ['plain HTTP leads there'] : []),
    ...(https.hsts === null ? [] : [`HSTS ${hstsText(https.hsts)}`]),
  ]
  return `${hostname} → ${what}; ${ways.join(', ')}`
}
