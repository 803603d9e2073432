/** /metrics in the text format of Prometheus: few numbers, each one asked for by somebody who was woken at night. */
import { readdirSync } from 'node:fs'

export interface Figures {
  version: string
  startedAt: number
  now: number
  operations: Record<string, number>
  uploads: number
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function metricsText(figures: Figures): string {
  const build = `{version=${JSON.stringify(figures.version)}}`
  const operations = Object.entries(figures.operations).map(
    ([status, count]) => `fairlead_operations{status="${status}"} ${count}`,
  )
  return [
    ...family('fairlead_build_info', 'The version that runs.', [`fairlead_build_info${build} 1`]),
    ...family('fairlead_operations', 'Operations that have not ended well yet, by status.', operations),
    ...one('fairlead_uploads', 'Archives that are arriving now.', figures.uploads),
    ...one('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    ...one('process_open_fds', 'Open file descriptors.', openDescriptors()),
    ...one('process_start_time_seconds', 'Start of the process, Unix time.', figures.startedAt / 1000),
    ...one(
      'process_uptime_seconds',
      'Since the start of the process.',
      (figures.now - figures.startedAt) / 1000,
    ),
    '',
  ].join('\n')
}

const family = (name: string, help: string, samples: string[]): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} gauge`,
  ...samples,
]

const one = (name: string, help: string, value: number): string[] => family(name, help, [`${name} ${value}`])

/** Linux tells by /proc; elsewhere -1, which no alarm takes for a number. */
function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return -1
  }
}
