/** The one owner of the process's standard streams. */
import { createInterface } from 'node:readline/promises'
import { isatty } from 'node:tty'
import type { Screen } from './context.ts'

const COLUMNS = 80

function screenOf(stream: NodeJS.WriteStream, descriptor: number): Screen {
  // A reader that has seen enough (`| head`) is no failure.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    write: (text) => void stream.write(text),
    isTerminal: isatty(descriptor),
    columns: stream.columns ?? COLUMNS,
  }
}

export const standardScreens = (): { out: Screen; err: Screen } => ({
  out: screenOf(process.stdout, 1),
  err: screenOf(process.stderr, 2),
})

/** Resolves when everything that was printed has been taken by the system. */
export async function printed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise<void>((resolve) => stream.write('', () => resolve()))
}

/** Asks on the terminal; null when there is none. */
export async function askOnTerminal(question: string): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await lines.question(question)
  } finally {
    lines.close()
  }
}
