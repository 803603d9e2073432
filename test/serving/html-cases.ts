import type { HtmlHandling } from '../../src/domain/environment.ts'
import type { Case, CaseGroup } from './table.ts'

/** `/asked` to the file that answers with 200, to `→ /path` for a 307, or to 404. */
type Row = [asked: string, answer: string]

const group = (word: HtmlHandling, names: string[], rows: Row[]): CaseGroup => ({
  title: `htmlHandling ${word}: ${names.join(' ')}`,
  site: {
    files: Object.fromEntries(names.map((name) => [name, `content of ${name}`])),
    settings: { htmlHandling: word, notFoundHandling: 'none' },
  },
  cases: rows.map(([asked, answer]): Case => {
    if (answer === '404') return { ask: asked, status: 404 }
    if (answer.startsWith('→ ')) return { ask: asked, status: 307, location: answer.slice(2) }
    return { ask: asked, status: 200, file: answer, headers: { 'Content-Type': typeOf(answer) } }
  }),
})

const typeOf = (name: string): string =>
  name.endsWith('.html') ? 'text/html; charset=utf-8' : 'application/octet-stream'

const DOCUMENTED = ['file.html', 'folder/index.html']
const ROOT = ['index.html']
const BOTH = ['both.html', 'both/index.html']
const BINARY = ['bin', 'bin.html']

/** Cloudflare's documented tables, and the corners where two files want the same path. */
export const HTML_CASES: CaseGroup[] = [
  group('auto-trailing-slash', DOCUMENTED, [
    ['/file', 'file.html'],
    ['/file.html', '→ /file'],
    ['/file/', '→ /file'],
    ['/file/index', '→ /file'],
    ['/file/index.html', '→ /file'],
    ['/folder', '→ /folder/'],
    ['/folder.html', '→ /folder/'],
    ['/folder/', 'folder/index.html'],
    ['/folder/index', '→ /folder/'],
    ['/folder/index.html', '→ /folder/'],
    ['/', '404'],
    ['/fil', '404'],
    ['/folder/x', '404'],
  ]),
  group('auto-trailing-slash', ROOT, [
    ['/', 'index.html'],
    ['/index', '→ /'],
    ['/index.html', '→ /'],
    ['/index/', '404'],
    ['/index.htm', '404'],
  ]),
  group('auto-trailing-slash', BOTH, [
    ['/both', 'both.html'],
    ['/both.html', '→ /both'],
    ['/both/', 'both/index.html'],
    ['/both/index', '→ /both/'],
    ['/both/index.html', '→ /both/'],
  ]),
  group('auto-trailing-slash', BINARY, [
    ['/bin', 'bin'],
    ['/bin.html', 'bin.html'],
    ['/bin/', '404'],
    ['/bin/index', '404'],
    ['/bin/index.html', '404'],
  ]),
  group('force-trailing-slash', DOCUMENTED, [
    ['/file', '→ /file/'],
    ['/file.html', '→ /file/'],
    ['/file/', 'file.html'],
    ['/file/index', '→ /file/'],
    ['/file/index.html', '→ /file/'],
    ['/folder', '→ /folder/'],
    ['/folder.html', '→ /folder/'],
    ['/folder/', 'folder/index.html'],
    ['/folder/index', '→ /folder/'],
    ['/folder/index.html', '→ /folder/'],
  ]),
  group('force-trailing-slash', ROOT, [
    ['/', 'index.html'],
    ['/index', '→ /'],
    ['/index.html', '→ /'],
  ]),
  group('force-trailing-slash', BOTH, [
    ['/both', '→ /both/'],
    ['/both.html', 'both.html'],
    ['/both/', 'both/index.html'],
    ['/both/index', '→ /both/'],
    ['/both/index.html', '→ /both/'],
  ]),
  group('force-trailing-slash', BINARY, [
    ['/bin', 'bin'],
    ['/bin.html', '→ /bin/'],
    ['/bin/', 'bin.html'],
    ['/bin/index', '→ /bin/'],
    ['/bin/index.html', '→ /bin/'],
  ]),
  group('drop-trailing-slash', DOCUMENTED, [
    ['/file', 'file.html'],
    ['/file.html', '→ /file'],
    ['/file/', '→ /file'],
    ['/file/index', '→ /file'],
    ['/file/index.html', '→ /file'],
    ['/folder', 'folder/index.html'],
    ['/folder.html', '→ /folder'],
    ['/folder/', '→ /folder'],
    ['/folder/index', '→ /folder'],
    ['/folder/index.html', '→ /folder'],
  ]),
  group('drop-trailing-slash', ROOT, [
    ['/', 'index.html'],
    ['/index', '→ /'],
    ['/index.html', '→ /'],
  ]),
  group('drop-trailing-slash', BOTH, [
    ['/both', 'both.html'],
    ['/both.html', '→ /both'],
    ['/both/', '→ /both'],
    ['/both/index', '→ /both'],
    ['/both/index.html', 'both/index.html'],
  ]),
  group('drop-trailing-slash', BINARY, [
    ['/bin', 'bin'],
    ['/bin.html', 'bin.html'],
    ['/bin/', '404'],
    ['/bin/index', '404'],
    ['/bin/index.html', '404'],
  ]),
  group('none', DOCUMENTED, [
    ['/file.html', 'file.html'],
    ['/folder/index.html', 'folder/index.html'],
    ['/', '404'],
    ['/file', '404'],
    ['/file/', '404'],
    ['/file/index', '404'],
    ['/file/index.html', '404'],
    ['/folder', '404'],
    ['/folder.html', '404'],
    ['/folder/', '404'],
    ['/folder/index', '404'],
  ]),
  group('none', BINARY, [
    ['/bin', 'bin'],
    ['/bin.html', 'bin.html'],
    ['/bin/', '404'],
  ]),
]
