import { spawn } from 'node:child_process'
import { Fault } from './fault.ts'
import { LIMITS } from './limits.ts'

export interface RunResult {
  code: number
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  deadlineMs?: number
  signal?: AbortSignal
}

/**
 * Runs a program by its argument vector: no shell, a deadline, bounded output (the first 64 KiB of each stream).
 * Resolves with any exit code; a missing program, a deadline or a signal is a Fault.
 */
export function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv
  const deadlineMs = options.deadlineMs ?? LIMITS.run.deadlineMs
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
      ...(options.signal && { signal: options.signal }),
    })
    const out = bounded(child.stdout)
    const err = bounded(child.stderr)
    child.on('error', (cause) =>
      reject(
        new Fault('unavailable', `The program ${program} could not be run.`, {
          hint: `Install ${program} or put it on the PATH of the server.`,
          cause,
        }),
      ),
    )
    // What an ended program has started may hold its output open for ever.
    child.on('exit', (_, killedBy) => {
      if (killedBy !== null) for (const stream of [child.stdout, child.stderr]) stream.destroy()
    })
    child.on('close', (code, killedBy) => {
      if (code !== null) resolve({ code, stdout: out(), stderr: err() })
      else
        reject(
          new Fault(
            'unavailable',
            `The program ${program} was ended by ${killedBy} after at most ${deadlineMs} ms.`,
            {
              hint: `Run ${argv.join(' ')} by hand to see why it does not finish.`,
            },
          ),
        )
    })
  })
}

function bounded(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < LIMITS.run.outputBytes) chunks.push(chunk.subarray(0, LIMITS.run.outputBytes - size))
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
