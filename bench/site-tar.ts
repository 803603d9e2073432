import { tarEnd, tarHeader, tarPadding } from '../src/domain/canonical-tar.ts'

/** A small site as a tar. */
export function siteTar(files: Record<string, string>): Uint8Array<ArrayBuffer> {
  const parts = Object.entries(files).flatMap(([path, text]) => {
    const content = Buffer.from(text)
    return [tarHeader(path, content.length), content, tarPadding(content.length)]
  })
  return new Uint8Array(Buffer.concat([...parts, tarEnd()]))
}
