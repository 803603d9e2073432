/** The files of a folder for the scan: the browser takes a while for each small file, so the next are asked early. */
import type { FolderFile as ScannableFile } from '../../contract/folder.ts'
import { comparePaths } from '../../domain/canonical-tar.ts'
import type { FolderFile } from './dropped.ts'

/** So many small files are on their way at a time. */
const AHEAD_FILES = 48
const SMALL_BYTES = 256 * 1024
/** Contents of small files that stay in memory, for those that have to travel after the scan. */
const KEPT_BYTES = 64 * 1024 * 1024

/** In the order in which the scan reads them. */
export function readAhead(files: FolderFile[]): ScannableFile[] {
  const sorted = files.toSorted((a, b) => comparePaths(a.path, b.path))
  const contents = new SmallFiles(sorted.map(({ file }) => file))
  return sorted.map(({ path, file }, index) => ({
    path,
    size: file.size,
    async *read() {
      if (file.size <= SMALL_BYTES) yield await contents.read(file, index)
      else yield* piecesOf(file)
    },
  }))
}

class SmallFiles {
  private readonly files: File[]
  /** Asked for and not yet read, or read and kept. */
  private readonly contents = new Map<number, Promise<Uint8Array>>()
  private asked = 0
  private keptBytes = 0

  constructor(files: File[]) {
    this.files = files
  }

  read(file: File, index: number): Promise<Uint8Array> {
    this.askUntil(index + AHEAD_FILES)
    const content = this.contents.get(index) ?? whole(file)
    if (this.keptBytes + file.size > KEPT_BYTES) this.contents.delete(index)
    else this.keptBytes += file.size
    return content
  }

  private askUntil(end: number) {
    for (; this.asked < Math.min(end, this.files.length); this.asked++) {
      const file = this.files[this.asked]
      if (!file || file.size > SMALL_BYTES) continue
      const content = whole(file)
      // Whoever reads it gets the error; until then it is nobody's.
      content.catch(() => undefined)
      this.contents.set(this.asked, content)
    }
  }
}

const whole = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer())

async function* piecesOf(file: File): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
}
