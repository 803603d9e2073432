/** The one owner of the process's standard streams. */
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { Fault } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'
import type { Screen, TypedSecret } from './context.ts'

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

/** Null when it is a terminal. */
export const standardInput = (): AsyncIterable<Uint8Array> | null =>
  process.stdin.isTTY ? null : process.stdin

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

/** A secret: typed on the terminal and not shown, or the one line of standard input. Null when there is none. */
export async function readSecret(question: string): Promise<TypedSecret | null> {
  if (!process.stdin.isTTY) {
    const text = await onlyLine(process.stdin)
    return text === null ? null : { text, isTyped: false }
  }
  if (!process.stderr.isTTY) return null
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  // Only now, since somebody may type at once: what comes before this has been shown by the terminal.
  process.stderr.write(question)
  const left = new AbortController()
  lines.once('SIGINT', () => left.abort())
  lines.once('close', () => left.abort())
  try {
    return { text: await lines.question('', { signal: left.signal }), isTyped: true }
  } catch (thrown) {
    if (left.signal.aborted) throw new Fault('cancelled', 'Nothing was typed.')
    throw thrown
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** Throws `usage` for more than one line: what stands there is not what was meant. */
async function onlyLine(input: AsyncIterable<Buffer>): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of input) {
    bytes += chunk.length
    if (bytes > LIMITS.password.lineBytes) throw notOneLine()
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (/[\r\n]/.test(text)) throw notOneLine()
  return text === '' ? null : text
}

const notOneLine = (): Fault =>
  new Fault('usage', 'Standard input holds more than one line.', {
    hint: 'Send the secret alone, for example: printf %s "$SECRET" | fairlead …',
  })
