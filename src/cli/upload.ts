import { Fault, shown } from '../base/fault.ts'
import type { WalkedFile } from '../base/local-files.ts'
import { ApiProblem, type Reply, readProblem } from '../contract/client.ts'
import { isLitter, scanFolder } from '../contract/folder.ts'
import { sendFolder, streamOf } from '../contract/folder-upload.ts'
import type { RouteName } from '../contract/routes.ts'
import type { CliContext } from './context.ts'
import type { Output } from './output.ts'
import type { Server } from './server.ts'

type UploadRoute = Extract<RouteName, 'deployments.create' | 'bundles.create'>

export interface Shipment {
  context: CliContext
  output: Output
  server: Server
  /** What the person wrote: a folder or an archive. */
  path: string
  /** Of a folder: files that go with it unless it has them itself, by their paths. */
  extra?: ReadonlyMap<string, string>
}

/** What a path on this machine is. Throws `invalid` when nothing can be deployed from it. */
export async function kindOf({
  context,
  path,
}: Shipment): Promise<{ kind: 'file' | 'folder'; size: number }> {
  const found = await context.files.kind(path)
  if (found?.kind === 'file' && found.size === 0)
    throw new Fault('invalid', `${shown(path)} is empty.`, { hint: 'Make the archive again.' })
  if (found?.kind === 'file' || found?.kind === 'folder') return { kind: found.kind, size: found.size }
  throw new Fault(
    'invalid',
    found ? `${shown(path)} is neither a file nor a folder.` : `There is nothing at ${shown(path)}.`,
    { hint: 'Name the folder that your build wrote, such as ./dist, or a ZIP, tar, tar.gz or tar.zst.' },
  )
}

/**
 * Streams an archive to a route, with its size announced and progress told. A lost connection is tried again: the key
 * makes it one release however often it is sent.
 */
export async function sendArchive<N extends UploadRoute>(
  shipment: Shipment,
  target: { route: N; path: string; size: number },
): Promise<Reply<N>['value']> {
  const { context, output, server, path } = shipment
  const idempotencyKey = context.randomId()
  return server.patiently(
    async () => {
      const sent = await server.fetch(target.path, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/octet-stream',
          'content-length': String(target.size),
          'idempotency-key': idempotencyKey,
        },
        body: streamOf(told(context.files.read(path), `Sending ${path}`, { output, of: target.size })),
      })
      output.clearBar()
      if (!sent.ok) throw new ApiProblem(await readProblem(sent))
      return (await sent.json()) as Reply<N>['value'] // the contract of the route
    },
    (reason) => output.warn(`${reason} Trying again.`),
  )
}

async function* told(
  chunks: AsyncIterable<Uint8Array>,
  label: string,
  { output, of }: { output: Output; of: number },
): AsyncGenerator<Uint8Array> {
  let done = 0
  output.progress(label, 0, of)
  for await (const chunk of chunks) {
    yield chunk
    done += chunk.length
    output.progress(label, done, of)
  }
}

/** Makes the service hold a folder's bundle; only contents that it lacks travel. Answers the digest. */
export async function sendLocalFolder(shipment: Shipment, service: string): Promise<string> {
  const { context, output, server, path } = shipment
  const files = listFolder(shipment)
  const of = files.reduce((sum, file) => sum + file.size, 0)
  const there = new Set(files.map((file) => file.path))
  const added = [...(shipment.extra ?? [])].filter(([name]) => !there.has(name))
  const folder = await scanFolder(
    [
      ...files.map((file) => ({
        path: file.path,
        size: file.size,
        read: () => context.files.read(context.files.join(path, file.path)),
      })),
      ...added.map(([name, text]) => {
        const bytes = new TextEncoder().encode(text)
        return { path: name, size: bytes.length, read: () => pieceOf(bytes) }
      }),
    ],
    {
      sha256: () => context.sha256(),
      onProgress: (done) => output.progress(`Reading ${files.length} files`, done, of),
    },
  )
  output.clearBar()
  const work = () =>
    sendFolder(folder, {
      client: server.client,
      service,
      onProgress: (done, total) => output.progress('Sending changed files', done, total),
      async send(to, body) {
        const response = await server.fetch(to, {
          method: 'POST',
          headers: { accept: 'application/json', 'content-type': 'application/gzip' },
          body: body as BodyInit, // the DOM's type wants to know that no buffer is shared
        })
        output.clearBar()
        if (!response.ok) throw new ApiProblem(await readProblem(response))
        await response.body?.cancel()
      },
    })
  const sent = await server.patiently(work, (reason) => output.warn(`${reason} Trying again.`))
  output.say(
    sent.known
      ? `The service holds this folder already (${files.length} files).`
      : `Sent ${sent.contents} new contents of ${files.length} files.`,
  )
  return folder.digest
}

async function* pieceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The files of a folder; what is left out is said, a symlink is refused by its name. */
function listFolder({ context, output, path }: Shipment): WalkedFile[] {
  const left: string[] = []
  const files = [
    ...context.files.walk(path, (below) => {
      if (!isLitter(below)) return false
      left.push(below)
      return true
    }),
  ]
  const odd = files.find((file) => file.kind !== 'file')
  if (odd)
    throw new Fault(
      'invalid',
      `${shown(odd.path)} is ${odd.kind === 'symlink' ? 'a symbolic link' : 'no regular file'}, which a site can't hold.`,
      {
        hint: 'Copy what it points to in its place (cp -rL makes such a copy of a whole folder), or remove it.',
      },
    )
  if (left.length > 0)
    output.say(
      `Left out: ${left.slice(0, 5).join(', ')}${left.length > 5 ? ` and ${left.length - 5} more` : ''}`,
    )
  if (files.some((file) => file.path.startsWith('node_modules/')))
    output.warn('The folder holds node_modules. Is it the one that your build wrote (dist, build, out)?')
  return files
}
