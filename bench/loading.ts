/** Starts `load.ts`, and has its report in the end. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { LoadReport } from './load.ts'

export interface Loading {
  /** Lets it end, and resolves with what it saw. */
  end(): Promise<LoadReport>
}

export function startLoad(port: number, mayRetry: 'never' | 'once', hosts: string[]): Loading {
  const script = join(import.meta.dirname, 'load.ts')
  const child = spawn(process.execPath, [script, `${port}`, mayRetry, ...hosts], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  const ended = new Promise((resolve) => child.on('close', resolve))
  return {
    async end() {
      child.stdin.end()
      await ended
      return JSON.parse(output) as LoadReport // what load.ts prints
    },
  }
}
