/** Texts that stand in a file, or come on standard input. */
import { Fault, shown } from '../base/fault.ts'
import type { CliContext } from './context.ts'

const STANDARD_INPUT = '-'

/** The text of a file; `-` is standard input. Throws `not_found`, `too_large`, and `usage` for a terminal. */
export async function textOf(
  { files, input }: Pick<CliContext, 'files' | 'input'>,
  path: string,
  bytesMost: number,
): Promise<string> {
  const content = path === STANDARD_INPUT ? input() : await fileOf(files, path)
  if (content === null)
    throw new Fault('usage', 'Nothing stands on standard input: it is a terminal.', {
      hint: 'Send a file there (< FILE), or name the file instead of "-".',
    })
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of content) {
    bytes += piece.length
    if (bytes > bytesMost)
      throw new Fault('too_large', `${nameOf(path)} has more than ${bytesMost} bytes.`, {
        hint: 'Is it the file that you meant?',
      })
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

async function fileOf(files: CliContext['files'], path: string): Promise<AsyncIterable<Uint8Array>> {
  const found = await files.kind(path)
  if (found?.kind === 'folder' || !found)
    throw new Fault('not_found', `There is no file ${shown(path, 200)}.`, {
      hint: found ? 'It is a folder.' : 'Check the path.',
    })
  return files.read(path)
}

const nameOf = (path: string): string => (path === STANDARD_INPUT ? 'Standard input' : shown(path, 200))
