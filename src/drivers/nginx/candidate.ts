import { access, constants, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeAll, stagingFolder } from '../../base/files.ts'
import type { NginxPlace } from '../../domain/nginx/place.ts'
import { type Complaint, testConfig } from './program.ts'

export interface CandidateOptions {
  binary: string
  /** DATA/staging. */
  staging: string
  deadlineMs: number
}

const FIRST_FREE_PORT = 1024
const PRIVATE_PORTS = 40_000

/**
 * Has NGINX judge texts that nobody uses yet, alone: with its own files in a private folder, since a test may create
 * those that a configuration names (THREATS N17), and on loopback ports that need no rights.
 */
export async function testAlone(
  textsFor: (place: Pick<NginxPlace, 'listen' | 'tlsListen' | 'tls' | 'logFolder'>) => Promise<string[]>,
  place: NginxPlace,
  { binary, staging, deadlineMs }: CandidateOptions,
): Promise<Complaint | null> {
  const folder = await stagingFolder(staging)
  try {
    const texts = await textsFor({
      listen: onLoopback(place.listen),
      tlsListen: onLoopback(place.tlsListen),
      tls: await readableTls(place.tls),
      logFolder: place.logFolder === null ? null : folder,
    })
    const config = join(folder, 'nginx.conf')
    await writeFile(config, mainText(folder, texts))
    const log = join(folder, 'error.log')
    return await testConfig([binary, '-t', '-q', '-p', folder, '-c', config, '-e', log], deadlineMs)
  } finally {
    await removeAll(folder)
  }
}

const onLoopback = (listen: NginxPlace['listen']): NginxPlace['listen'] =>
  [...new Set(listen.map(({ port }) => (port < FIRST_FREE_PORT ? port + PRIVATE_PORTS : port)))].map(
    (port) => ({
      address: '127.0.0.1',
      port,
    }),
  )

/** A key that only root may read is judged with the whole configuration, by whoever may. */
async function readableTls(tls: NginxPlace['tls']): Promise<NginxPlace['tls']> {
  if (tls === null) return null
  const files = [tls.certificate, tls.certificateKey]
  const readable = await Promise.all(
    files.map((file) =>
      access(file, constants.R_OK).then(
        () => true,
        () => false,
      ),
    ),
  )
  return readable.every(Boolean) ? tls : null
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

const mainText = (folder: string, texts: readonly string[]): string =>
  [
    `pid ${folder}/pid;`,
    `error_log ${folder}/error.log;`,
    'events { }',
    'http {',
    ...TEMPORARY.map((name) => `    ${name}_temp_path ${folder}/${name};`),
    ...texts,
    '}',
    '',
  ].join('\n')
