/**
 * multipart/form-data (RFC 7578) as a stream, for the one form that we take: a single file field named `archive`.
 * (The platform's `formData()` holds the whole body in memory.)
 */
import { Fault, shown } from '../base/fault.ts'
import { LIMITS } from '../base/limits.ts'

/** The boundary of a multipart/form-data body; null for every other media type but other multiparts. */
export function boundaryOf(contentType: string | null): string | null {
  const [type = ''] = (contentType ?? '').split(';', 1)
  const kind = type.trim().toLowerCase()
  if (!kind.startsWith('multipart/')) return null
  if (kind !== 'multipart/form-data')
    throw new Fault('unsupported_media_type', `A body of ${shown(kind, 60)} is not taken.`, {
      hint: 'Send the archive itself, or multipart/form-data with the file field "archive".',
    })
  // RFC 2046 §5.1.1: 1 to 70 characters of a small set, not ending in a space.
  const boundary = parametersOf(contentType ?? '').get('boundary') ?? ''
  if (!/^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/.test(boundary))
    throw malformed('names no boundary that can be used')
  return boundary
}

/** The content of the file field `archive`. Throws `malformed` at the first thing that isn't that one form. */
export async function* archivePart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  const body = new Window(source)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  try {
    body.prepend(Buffer.from('\r\n')) // the first delimiter may stand at the very beginning
    await skipPreamble(body, delimiter)
    if (await isClosing(body)) throw malformed('holds no file')
    requireArchiveField(await partHeaders(body))
    yield* body.until(delimiter)
    if (!(await isClosing(body))) throw malformed('holds more than the one file field "archive"')
    await skipEpilogue(body)
  } finally {
    await body.close()
  }
}

async function skipPreamble(body: Window, delimiter: Buffer): Promise<void> {
  let skipped = 0
  for await (const chunk of body.until(delimiter)) {
    skipped += chunk.length
    if (skipped > LIMITS.http.multipartHeaderBytes) throw malformed('does not begin with its boundary')
  }
}

/** After a delimiter: `--` closes the body, an end of line opens a part. */
async function isClosing(body: Window): Promise<boolean> {
  if ((await body.peek(2)).equals(Buffer.from('--'))) {
    body.skip(2)
    return true
  }
  const padding = await body.line(256, 'has an overlong boundary line')
  if (padding.trim() !== '') throw malformed('has a boundary line with something behind it')
  return false
}

async function partHeaders(body: Window): Promise<Map<string, string>> {
  const headers = new Map<string, string>()
  let room: number = LIMITS.http.multipartHeaderBytes
  for (;;) {
    const line = await body.line(room, 'has overlong part headers')
    if (line === '') return headers
    room -= line.length + 2
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).toLowerCase()
    if (!/^[a-z0-9-]{1,100}$/.test(name) || headers.has(name)) throw malformed('has broken part headers')
    headers.set(name, line.slice(colon + 1).trim())
  }
}

function requireArchiveField(headers: Map<string, string>): void {
  const disposition = headers.get('content-disposition') ?? ''
  const parameters = parametersOf(disposition)
  const isForm = /^form-data\s*(;|$)/i.test(disposition)
  if (!isForm || parameters.get('name') !== 'archive')
    throw malformed(`has the field "${shown(parameters.get('name') ?? '', 60)}" instead of "archive"`)
  // The name that the file had is of no use here; it only tells a file from a text field.
  if (!parameters.has('filename') && !parameters.has('filename*'))
    throw malformed('has a text instead of a file in the field "archive"')
  const coding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary'
  if (!['binary', '7bit', '8bit'].includes(coding)) throw malformed('has an encoded part')
}

async function skipEpilogue(body: Window): Promise<void> {
  let skipped = 0
  for await (const chunk of body.rest()) {
    skipped += chunk.length
    if (skipped > LIMITS.http.multipartHeaderBytes) throw malformed('goes on after its end')
  }
}

/** `name=value` and `name="va\"lue"` after the first semicolon, in one pass. */
export function parametersOf(header: string): Map<string, string> {
  const parameters = new Map<string, string>()
  const pattern = /[ \t]*;[ \t]*([A-Za-z0-9*_-]{1,40})=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gy
  pattern.lastIndex = Math.max(0, header.indexOf(';'))
  for (let match = pattern.exec(header); match; match = pattern.exec(header)) {
    const [, name = '', quoted, bare = ''] = match
    const key = name.toLowerCase()
    if (parameters.has(key)) throw malformed(`says "${key}" twice`)
    parameters.set(key, quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'))
  }
  return parameters
}

const malformed = (what: string): Fault =>
  new Fault('malformed', `The multipart body ${what}.`, {
    hint: 'Send one file field named "archive", as curl -F archive=@site.zip does, or the archive itself.',
  })

/** A view on a stream in which a few bytes can be looked at before they are taken. */
class Window {
  private readonly source: AsyncIterator<Uint8Array>
  private held: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.source = source[Symbol.asyncIterator]()
  }

  prepend(bytes: Buffer): void {
    this.held = Buffer.concat([bytes, this.held])
  }

  skip(bytes: number): void {
    this.held = this.held.subarray(bytes)
  }

  async peek(bytes: number): Promise<Buffer> {
    while (this.held.length < bytes) if (!(await this.more())) throw malformed('ends too early')
    return this.held.subarray(0, bytes)
  }

  /** Up to and without the next CRLF, which is taken too. */
  async line(most: number, overlong: string): Promise<string> {
    for (;;) {
      const end = this.held.indexOf('\r\n')
      if (end > most || (end < 0 && this.held.length > most + 1)) throw malformed(overlong)
      if (end >= 0) {
        const line = this.held.toString('latin1', 0, end)
        this.skip(end + 2)
        return line
      }
      if (!(await this.more())) throw malformed('ends too early')
    }
  }

  /** Everything before the delimiter, which is taken too. Holds back only what could be the beginning of one. */
  async *until(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.held.indexOf(delimiter)
      const sure = at >= 0 ? at : Math.max(0, this.held.length - delimiter.length + 1)
      const chunk = this.held.subarray(0, sure)
      this.skip(at >= 0 ? at + delimiter.length : sure)
      if (chunk.length > 0) yield chunk
      if (at >= 0) return
      if (!(await this.more())) throw malformed('ends too early')
    }
  }

  async *rest(): AsyncGenerator<Buffer> {
    do {
      yield this.held
      this.held = Buffer.alloc(0)
    } while (await this.more())
  }

  async close(): Promise<void> {
    await this.source.return?.()
  }

  private async more(): Promise<boolean> {
    const next = await this.source.next()
    if (next.done) return false
    this.held =
      this.held.length === 0
        ? Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
        : Buffer.concat([this.held, next.value])
    return true
  }
}
