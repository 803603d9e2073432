/** A folder goes by the folder protocol: only contents that the service does not hold travel (DESIGN §5). */
import type { Deployment } from '../../contract/shapes.ts'
import type { FolderFile } from './dropped.ts'
import type { Place, Upload } from './uploads.ts'

export interface FolderUpload {
  place: Place
  files: FolderFile[]
  signal: AbortSignal
  set: (change: Partial<Upload>) => void
}

export async function sendFolder({ files }: FolderUpload): Promise<Deployment> {
  throw new Error(`Folders cannot be sent yet (${files.length} files).`)
}
