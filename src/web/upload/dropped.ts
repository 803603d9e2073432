/** What a hand dropped or chose: one archive, or a folder with its files. */
import { NAME_PATTERN } from '../../domain/names.ts'

export interface FolderFile {
  /** Below the folder, `/`-separated. */
  path: string
  file: File
}

export type Dropped =
  | { kind: 'archive'; name: string; file: File }
  | { kind: 'folder'; name: string; files: FolderFile[] }

const ARCHIVE = /\.(zip|tar|tar\.gz|tgz|tar\.zst|tzst)$/i

/** For the file dialog. */
export const ARCHIVE_ENDINGS = '.zip,.tar,.gz,.tgz,.zst,.tzst'

/** What cannot be deployed is told as a sentence. */
export class DropRefused extends Error {}

/**
 * Reads a drop. One archive is sent as it is; a folder is read through; several loose files count as a folder.
 * Has to be called within the event: the browser empties the list afterwards.
 */
export async function readDrop(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const loose = [...transfer.files]
  const [only] = entries
  if (entries.length === 1 && only && isDirectory(only))
    return { kind: 'folder', name: only.name, files: requireSome(await filesOf(only)) }
  if (loose.length === 1 && loose[0] && ARCHIVE.test(loose[0].name)) return readChosen(loose)
  if (entries.length === 0)
    throw new DropRefused('Nothing was dropped that can be deployed: drop a ZIP or a folder.')
  const files = (await Promise.all(entries.map((entry) => filesOf(entry, entry.name)))).flat()
  return { kind: 'folder', name: 'site', files: requireSome(files) }
}

/** Reads the choice of a file dialog, of one archive or of a folder. */
export function readChosen(files: File[]): Dropped {
  const [first] = files
  if (!first) throw new DropRefused('No file was chosen.')
  const top = first.webkitRelativePath.split('/')[0]
  if (top)
    return {
      kind: 'folder',
      name: top,
      files: files.map((file) => ({ path: file.webkitRelativePath.slice(top.length + 1), file })),
    }
  return { kind: 'archive', name: first.name, file: first }
}

/** A name for a new service, made from what was dropped. */
export function suggestName(dropped: Dropped): string {
  const name = dropped.name
    .replace(ARCHIVE, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  return NAME_PATTERN.test(name) ? name : 'site'
}

function requireSome(files: FolderFile[]): FolderFile[] {
  if (files.length === 0) throw new DropRefused('The folder is empty: there is nothing to deploy.')
  return files
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile

/** Everything below an entry; a directory's children are asked together, since each answer takes its time. */
async function filesOf(entry: FileSystemEntry, path = ''): Promise<FolderFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ path, file }]
  }
  if (!isDirectory(entry)) return []
  const reader = entry.createReader()
  const found: FolderFile[][] = []
  // The browser hands out a directory in parts of a hundred; an empty part is the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (part.length === 0) return found.flat()
    const below = (child: FileSystemEntry) => (path ? `${path}/${child.name}` : child.name)
    found.push((await Promise.all(part.map((child) => filesOf(child, below(child))))).flat())
  }
}
