/** The two commands that NGINX is dealt with by, and what it answers them. It is never a child of ours. */
import { Fault, shown } from '../../base/fault.ts'
import { type RunResult, run } from '../../base/run.ts'
import type { Argv } from './settings.ts'

/** Why NGINX refuses a configuration: its own line, and the place that it names. */
export interface Complaint {
  line: string
  file: string | null
}

const LINE_CHARS = 500

/** What `nginx -t` has against the configuration as it stands; null: nothing. Throws `unavailable` when it could not be asked. */
export async function testConfig(argv: Argv, deadlineMs: number): Promise<Complaint | null> {
  const result = await run(argv, { deadlineMs })
  if (result.code === 0) return null
  const complaint = complaintOf(result)
  if (/\[(emerg|alert|crit|error)\]|test failed/.test(`${result.stdout}${result.stderr}`)) return complaint
  throw new Fault('unavailable', `NGINX can't be asked to test its configuration: ${complaint.line}`, {
    hint: `Run "${argv.join(' ')}" by hand as the user of Fairlead; "fairlead doctor" says which rights are missing.`,
  })
}

/** Resolves when NGINX was told to reload; whether it did is another matter. Throws `unavailable`. */
export async function askReload(argv: Argv, deadlineMs: number): Promise<void> {
  const result = await run(argv, { deadlineMs })
  if (result.code === 0) return
  const { line } = complaintOf(result)
  const isDown = /\(3: No such process\)|nginx\.pid|invalid PID/.test(line)
  throw new Fault('unavailable', `NGINX can't be told to reload: ${line}`, {
    hint: isDown
      ? 'It does not run. Start it (systemctl start nginx, rc-service nginx start), then try again.'
      : `Run "${argv.join(' ')}" by hand as the user of Fairlead to see why.`,
  })
}

/** The line that tells most: of NGINX the emergency, of another program the last one. */
export function complaintOf({ stdout, stderr }: Pick<RunResult, 'stdout' | 'stderr'>): Complaint {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  const line =
    lines.find((text) => text.includes('[emerg]')) ??
    lines.find((text) => text.includes('[alert]') || text.includes('[error]')) ??
    lines.at(-1) ??
    'it says nothing'
  return {
    line: shown(line.replace(/^(.*?\[emerg\] (\d+#\d+: )?|nginx: )/, ''), LINE_CHARS),
    file: / in (\/\S+):\d+$/.exec(line)?.[1] ?? null,
  }
}
