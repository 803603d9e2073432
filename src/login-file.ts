/** Where `fairlead login` keeps its keys: one JSON file, 0600, in the user's folder for settings (XDG Base Directory). */
import { mkdirSync, readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { errnoOf, Fault } from './base/fault.ts'
import { writeDurably } from './base/files.ts'
import type { Logins } from './cli/logins.ts'

const Content = z.array(z.strictObject({ server: z.url(), key: z.string(), keyId: z.string().nullable() }))

export function loginFile(env: Readonly<Record<string, string | undefined>>): Logins {
  const path = join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'fairlead', 'logins.json')
  return {
    hostname: hostname(),
    all() {
      const text = textOf(path)
      return text === null ? [] : parsed(text, path)
    },
    async save(logins) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      await writeDurably(path, `${JSON.stringify(logins, null, 2)}\n`)
    },
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null
    throw error
  }
}

function parsed(text: string, path: string): z.infer<typeof Content> {
  try {
    return Content.parse(JSON.parse(text))
  } catch (cause) {
    throw new Fault('broken_data', `The file of your logins is damaged: ${path}`, {
      hint: 'Remove it, then run "fairlead login" again.',
      cause,
    })
  }
}
