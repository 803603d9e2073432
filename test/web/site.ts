/** Small sites on a temporary disk: as a folder, as a tar.gz and as an archive that has to be refused. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { tarEnd, tarHeader, tarPadding } from '../../src/domain/canonical-tar.ts'

export type Files = Record<string, string>

export interface Disk {
  folder(name: string, files: Files): string
  archive(name: string, files: Files): string
  remove(): void
}

export function temporaryDisk(): Disk {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-web-'))
  const write = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return {
    folder(name, files) {
      for (const [path, content] of Object.entries(files)) write(join(root, name, path), content)
      return join(root, name)
    },
    archive(name, files) {
      write(join(root, name), gzipSync(tarOf(files)))
      return join(root, name)
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

export function tarOf(files: Files): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(files).flatMap(([path, text]) => {
    const content = new TextEncoder().encode(text)
    return [tarHeader(path, content.length), content, tarPadding(content.length)]
  })
  return Buffer.concat([...parts, tarEnd()])
}

export const homePage = (title: string): Files => ({
  'index.html': `<!doctype html><title>${title}</title><h1>${title}</h1>`,
  'assets/app-3fA9c2Zq.js': `console.log(${JSON.stringify(title)})`,
})
