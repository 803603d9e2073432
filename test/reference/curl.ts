/** Runs a line of the reference as people would: in a shell, with curl. */
import { spawn } from 'node:child_process'
import type { Answered } from './judge.ts'

export interface Curled extends Answered {
  location: string | null
}

export interface Shell {
  /** Where the files lie that lines name. */
  folder: string
  env: Record<string, string>
}

/**
 * `isEnough`: whether the text that has come is all that is wanted of a stream without an end. A program that prints no
 * answer fails with what it said.
 */
export function curl(line: string, shell: Shell, isEnough: (text: string) => boolean): Promise<Curled> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `exec ${line} -sS -i -N`], {
      cwd: shell.folder,
      env: { PATH: process.env['PATH'], ...shell.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (isEnough(Buffer.concat(chunks).toString())) child.kill()
    })
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.on('error', reject)
    child.on('close', () => {
      const answer = parsed(Buffer.concat(chunks))
      if (answer) resolve(answer)
      else reject(new Error(`${line}\n${said}`))
    })
  })
}

function parsed(bytes: Buffer): Curled | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [start = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(start.split(' ')[1])
  const body = bytes.subarray(end + 4)
  if (status < 200) return parsed(body)
  const headers = new Headers(
    lines.map((line): [string, string] => [
      line.slice(0, line.indexOf(':')),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  return { status, type: headers.get('content-type'), location: headers.get('location'), body }
}
