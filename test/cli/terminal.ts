/** A command line in this process, with its streams kept and everything else real. */
import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { outboundFetch } from '../../src/base/http.ts'
import { createFile, kindOfPath, readPieces, walkFolder } from '../../src/base/local-files.ts'
import type { CliContext, Screen } from '../../src/cli/context.ts'
import { runCli } from '../../src/cli/run.ts'

export interface Ended {
  code: number
  out: string
  err: string
}

/** Fails the test that reaches a part of the machine which it did not hand in. */
const absent = (what: string) => () => {
  throw new Error(`${what} is not part of this test`)
}

export async function fairlead(argv: string[], given: Partial<CliContext> = {}): Promise<Ended> {
  const out: string[] = []
  const err: string[] = []
  const screen = (texts: string[]): Screen => ({
    isTerminal: false,
    columns: 80,
    write: (text) => void texts.push(text),
  })
  const code = await runCli({
    env: {},
    version: '1.2.3',
    ask: async () => null,
    secret: async () => null,
    input: () => null,
    interrupted: absent('a signal'),
    fetch: outboundFetch,
    // Pauses between tries are no part of what is tested.
    clock: { ...systemClock, after: (_, then) => systemClock.after(1, then) },
    sha256: () => {
      const hash = createHash('sha256')
      return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
    },
    randomId: randomUUID,
    files: { kind: kindOfPath, walk: walkFolder, read: readPieces, create: createFile, join },
    machine: new Proxy({} as CliContext['machine'], { get: absent('the machine') }), // answers nothing at all
    serve: absent('a server'),
    openBrowser: absent('a browser'),
    offline: new Proxy({} as CliContext['offline'], { get: absent('a data folder') }), // answers nothing at all
    logins: { hostname: 'here', all: () => [], save: absent('the login file') },
    ...given,
    argv,
    out: screen(out),
    err: screen(err),
  })
  return { code, out: out.join(''), err: err.join('') }
}
