import { existsSync, readFileSync } from 'node:fs'

export interface Report {
  passed: number
  failed: string[]
  skipped: string[]
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/**
 * What became of the tests of one file, by the JUnit file that `bun test` writes at its very end. Without that file the
 * process did not get there, whatever its exit code says: what it printed counts, and the rest is one failure.
 */
export function readReport(junitPath: string, output: string, code: number | null): Report {
  if (!existsSync(junitPath)) return unfinished(output, 'the process ended before its tests did')
  const report = parseJunit(readFileSync(junitPath, 'utf8'))
  if (report.passed + report.failed.length + report.skipped.length === 0)
    return { ...report, failed: ['there is no test in this file'] }
  if (code !== 0 && report.failed.length === 0)
    return { ...report, failed: [`all tests passed, but the process ended with ${code}`] }
  return report
}

export function unfinished(output: string, why: string): Report {
  const named = (word: string) =>
    [...output.matchAll(new RegExp(`^\\(${word}\\) (.*?)(?: \\[[\\d.]+m?s\\])?$`, 'gm'))].map(
      ([, name]) => name ?? '',
    )
  return { passed: named('pass').length, failed: [...named('fail'), why], skipped: named('skip') }
}

export function parseJunit(xml: string): Report {
  const report: Report = { passed: 0, failed: [], skipped: [] }
  for (const [, head = '', body = ''] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const suites = attribute(head, 'classname').split(' > ').toReversed()
    const name = [...suites, attribute(head, 'name')].filter((part) => part !== '').join(' > ')
    if (body.includes('<failure') || body.includes('<error')) report.failed.push(name)
    else if (body.includes('<skipped')) report.skipped.push(name)
    else report.passed++
  }
  return report
}

function attribute(head: string, name: string): string {
  const raw = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(head)?.[1] ?? ''
  return raw.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}
