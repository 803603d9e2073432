/** Writes docs/cli.md from the table of commands. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMANDS } from '../src/cli/commands.ts'
import { referencePage } from '../src/cli/reference.ts'

writeFileSync(join(import.meta.dirname, '../docs/cli.md'), referencePage(COMMANDS))
