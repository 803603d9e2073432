import { spawn } from 'node:child_process'

export interface Handshake {
  /** Such as `TLSv1.3`; null when it came to nothing. */
  version: string | null
  /** Common name of the certificate that was shown. */
  name: string | null
  /** What ALPN has led to. */
  alpn: string | null
  /** The alert that the server ended it with, in OpenSSL's words. */
  alert: string | null
}

interface Hello {
  port: number
  /** SNI; null: none is sent. */
  name: string | null
  /** The one version that is spoken, such as `1_2`. */
  version?: string
  alpn?: string
}

/** One handshake by `openssl s_client`, which also speaks what nobody should any more. */
export function handshake({ port, name, version, alpn }: Hello): Promise<Handshake> {
  const child = spawn(
    'openssl',
    [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      ...(name === null ? ['-noservername'] : ['-servername', name]),
      ...(version === undefined ? [] : [`-tls${version}`]),
      ...(alpn === undefined ? [] : ['-alpn', alpn]),
      '-cipher',
      'ALL:@SECLEVEL=0',
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stdin.end()
  const found = (regex: RegExp): string | null => regex.exec(text)?.[1] ?? null
  return new Promise((resolve) =>
    child.on('close', () => {
      const alert = found(/:(?:sslv3|tlsv1|tlsv13) (?:alert )?([a-z ]+):/)
      resolve({
        version: alert === null ? found(/^New, (TLSv[\d.]+), Cipher is (?!\(NONE\))/m) : null,
        name: found(/^subject=CN = (.*)$/m),
        alpn: found(/^ALPN protocol: (.*)$/m),
        alert,
      })
    }),
  )
}
