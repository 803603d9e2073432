/** The files that the examples of the reference send. */
import { createHash } from 'node:crypto'
import type { ArchiveName } from '../../src/contract/examples/example.ts'
import { archiveOf } from '../api/app.ts'

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

const page = (season: string): string =>
  `<!doctype html><title>Ferries</title><h1>${season} timetable</h1><script src="assets/app-3kf9Xq2a.js"></script>\n`
const script = 'document.body.append("Next ferry: 14:05")\n'
const site = (season: string) => ({ 'assets/app-3kf9Xq2a.js': script, 'index.html': page(season) })

/** The folder of the winter site: all but its page is in the bundles before it. */
const winter = page('Winter')
export const FOLDER = {
  digest: sha256(archiveOf(site('Winter'))),
  entry: { path: 'index.html', size: winter.length, sha256: sha256(winter) },
}

/** Of `index.html` (docs/folder-deploy.md): the first 10 bits of the SHA-256 of the path. */
const BUCKET = Number.parseInt(sha256('index.html').slice(0, 3), 16) >> 2
const summer = archiveOf(site('Summer'))
const entries = { base: sha256(summer), buckets: [BUCKET], entries: [FOLDER.entry] }

export const ARCHIVES: Record<ArchiveName, Uint8Array> = {
  'site.tar': summer,
  'site-2.tar': archiveOf(site('Autumn')),
  'contents.tar': archiveOf({ 'entries.json': JSON.stringify(entries), [FOLDER.entry.sha256]: winter }),
  'notes.txt': new TextEncoder().encode('Not an archive, just some notes about the timetable.\n'),
}
