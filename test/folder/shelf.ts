/** A service's bundles on disk, without an unpacker: what folder deploy reads and what it hands over. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Fault } from '../../src/base/fault.ts'
import { apiClient, type Client } from '../../src/contract/client.ts'
import { type Folder, type FolderFile, scanFolder } from '../../src/contract/folder.ts'
import { sendFolder } from '../../src/contract/folder-upload.ts'
import { problemOf } from '../../src/contract/problem.ts'
import { BundleDiffRequest } from '../../src/contract/shapes.ts'
import { digestOfTree, treeKey } from '../../src/domain/bundle.ts'
import { diffFolder, type FolderWorld, receiveFolder } from '../../src/engine/folder.ts'
import type { Manifest } from '../../src/ports/bundles.ts'

export const sha256 = () => {
  const hash = createHash('sha256')
  return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest('hex') }
}

export const folderFiles = (contents: Record<string, string>): FolderFile[] =>
  Object.entries(contents).map(([path, text]) => ({
    path,
    size: Buffer.byteLength(text),
    async *read() {
      yield Buffer.from(text)
    },
  }))

export const scanned = (contents: Record<string, string>): Promise<Folder> =>
  scanFolder(folderFiles(contents), { sha256 })

export class Shelf {
  readonly root = mkdtempSync(join(tmpdir(), 'folder-shelf-'))
  readonly folders = new Map<string, Folder>()
  /** Bytes of each request and of its answer. */
  readonly wire: { path: string; bytes: number }[] = []
  /** The tars that were rebuilt, by digest. */
  readonly received = new Map<string, Buffer>()
  freeBytes = Number.POSITIVE_INFINITY
  onFiles: () => void = () => {}

  constructor() {
    mkdirSync(join(this.root, 'staging'))
  }

  get staged(): string[] {
    return readdirSync(join(this.root, 'staging'))
  }

  /** Puts a folder there as an earlier deployment would, with a file for each content. */
  async hold(folder: Folder): Promise<void> {
    this.folders.set(folder.digest, folder)
    mkdirSync(join(this.root, treeKey(folder.digest)))
    const first = new Map(folder.files.map((file) => [file.sha256, file]))
    for (const file of first.values()) {
      const path = join(this.root, treeKey(folder.digest), file.sha256)
      writeFileSync(path, '')
      for await (const chunk of file.read()) writeFileSync(path, chunk, { flag: 'a' })
    }
  }

  retire(folder: Folder): void {
    rmSync(join(this.root, treeKey(folder.digest)), { recursive: true })
  }

  send(folder: Folder) {
    return sendFolder(folder, {
      client: this.client(),
      service: 'web',
      send: async (path, body) => {
        this.onFiles()
        await this.post(path, new Uint8Array(await new Response(body).arrayBuffer()))
      },
    })
  }

  /** Posts a body as it is; throws the ApiProblem of the answer. */
  async post(path: string, body: Uint8Array): Promise<void> {
    const [, digest = ''] = /bundles\/(\w+)\/files/.exec(path) ?? []
    await this.client((_, init) => this.files(path, init)).call('bundles.files', {
      params: { service: 'web', digest },
      body: body.slice(),
    })
  }

  private readonly service = {
    holds: (digest: string) => this.folders.has(digest),
    candidates: () => [...this.folders.keys()].toReversed(),
  }

  private readonly world: FolderWorld = {
    staging: join(this.root, 'staging'),
    trees: {
      has: async (key) => existsSync(join(this.root, key)),
      fileAt: (key, path) =>
        join(
          this.root,
          key,
          this.folders.get(digestOfTree(key))?.files.find((file) => file.path === path)?.sha256 ?? '',
        ),
    },
    bundles: {
      requireSpace: (bytes) => {
        if (bytes > this.freeBytes) throw new Fault('disk_full', 'The disk is nearly full.')
      },
      manifest: async (digest) => manifestOf(this.folders.get(digest)),
      receive: async (body, options) => {
        const chunks: Uint8Array[] = []
        for await (const chunk of body) chunks.push(chunk)
        const tar = Buffer.concat(chunks)
        const digest = createHash('sha256').update(tar).digest('hex')
        if (digest !== options.expectedDigest || tar.length !== options.announcedBytes)
          throw new Fault('digest_mismatch', 'The bytes are not the announced ones.')
        this.received.set(digest, tar)
        return { digest, size: tar.length, staging: this.root }
      },
    },
  }

  private client(fetch = (path: string, init: RequestInit) => this.diff(path, init)): Client {
    return apiClient(async (path, init) => {
      try {
        return await fetch(path, init)
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        const problem = problemOf(error)
        return Response.json(problem, { status: problem.status })
      }
    })
  }

  private async diff(path: string, init: RequestInit): Promise<Response> {
    const text = await new Response(init.body).text()
    const answer = await diffFolder(this.world, this.service, BundleDiffRequest.parse(JSON.parse(text)))
    this.wire.push({ path, bytes: text.length + JSON.stringify(answer).length })
    return Response.json(answer)
  }

  private async files(path: string, init: RequestInit): Promise<Response> {
    const body = Buffer.from(await new Response(init.body).arrayBuffer())
    this.wire.push({ path, bytes: body.length })
    const digest = path.split('/').at(-2) ?? ''
    const received = await receiveFolder(this.world, this.service, {
      digest,
      body: inTwo(body),
      signal: AbortSignal.timeout(60_000),
    })
    return Response.json(received, { status: 201 })
  }
}

async function* inTwo(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body.subarray(0, 1000)
  yield body.subarray(1000)
}

function manifestOf(folder: Folder | undefined): Manifest | null {
  if (!folder) return null
  const buckets = Map.groupBy(folder.files, (file) => file.bucket)
  return {
    facts: undefined as never, // not read by folder deploy
    bucketHashes: folder.bucketHashes,
    bucket: (index) => buckets.get(index) ?? [],
    file: (path) => folder.files.find((file) => file.path === path) ?? null,
    files: () => folder.files,
  }
}
