import { open, stat } from 'node:fs/promises'
import { shown } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'

const LINE_CHARS = 500

/**
 * What NGINX wrote to its log since it was looked at last: of a reload that it did not carry out the only word. Nothing
 * is known when the file can't be read.
 */
export class ErrorLog {
  readonly #path: string
  #from = 0

  constructor(path: string) {
    this.#path = path
  }

  /** What is written from now on counts. */
  async begin(): Promise<void> {
    this.#from = await stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    )
  }

  /** The emergencies of one process, oldest first; of any when it is not known which. */
  async emergencies(pid: number | null): Promise<string[]> {
    const text = await this.#since().catch(() => '')
    return text
      .split('\n')
      .filter((line) => line.includes(pid === null ? '[emerg] ' : `[emerg] ${pid}#`))
      .map((line) => shown(line.replace(/^.*?\[emerg\] \S+ /, ''), LINE_CHARS))
  }

  async #since(): Promise<string> {
    const handle = await open(this.#path, 'r')
    try {
      const bytes = Buffer.alloc(LIMITS.nginx.logBytes)
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, this.#from)
      return bytes.toString('utf8', 0, bytesRead)
    } finally {
      await handle.close()
    }
  }
}
