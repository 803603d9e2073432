/** A real NGINX on free ports of loopback, with a certificate of its own and the site that `doctor nginx` prints. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { fairlead } from '../cli/terminal.ts'
import { freePort, type ServerPlace } from './program.ts'

const START_MS = 10_000
const HOST = 'deploy.example.com'

export interface Answer {
  status: number
  /** The head of the answer in lower case, each line with its end. */
  head: string
  body: string
}

interface Ended {
  code: number
  out: string
  err: string
}

function run(program: string, args: string[], input = ''): Promise<Ended> {
  // Debian's sbin is not on the path of everybody.
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  const child = spawn(program, args, { env })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString('latin1')))
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()))
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, ...texts })))
}

export class Nginx {
  readonly folder: string
  readonly httpsPort: number
  readonly httpPort: number
  /** What `doctor nginx` says how Fairlead is started, without the program and `serve`. */
  readonly serveFlags: string[]
  private readonly child

  private constructor(folder: string, given: { httpsPort: number; httpPort: number; serve: string }) {
    this.folder = folder
    this.httpsPort = given.httpsPort
    this.httpPort = given.httpPort
    this.serveFlags = given.serve.split(' ').slice(2)
    this.child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder], {
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
      stdio: 'ignore',
    })
  }

  /** `change` is what an operator might do to the site. */
  static async start(
    folder: string,
    place: Pick<ServerPlace, 'port'>,
    change = (site: string) => site,
  ): Promise<Nginx> {
    for (const name of ['', 'client', 'proxy']) mkdirSync(join(folder, name), { recursive: true })
    chmodSync(folder, 0o755) // its workers are somebody else when the tests are root
    await makeCertificate(folder)
    const ports = { httpsPort: await freePort(), httpPort: await freePort() }
    const printed = await fairlead([
      'doctor',
      'nginx',
      `--url=https://${HOST}:${ports.httpsPort}`,
      `--listen=127.0.0.1:${place.port}`,
      `--certificate=${join(folder, 'certificate.pem')}`,
      `--certificate-key=${join(folder, 'key.pem')}`,
      '--json',
    ])
    const { site, serve } = JSON.parse(printed.out) as { site: string; serve: string }
    writeFileSync(join(folder, 'site.conf'), change(onLoopback(site, ports.httpPort)))
    writeFileSync(join(folder, 'nginx.conf'), mainConfig(folder))
    const checked = await run('nginx', ['-t', '-c', join(folder, 'nginx.conf'), '-p', folder])
    if (checked.code !== 0 || !checked.err.includes('test is successful')) throw new Error(checked.err)
    const nginx = new Nginx(folder, { ...ports, serve })
    await nginx.up()
    return nginx
  }

  get url(): string {
    return `https://${HOST}:${this.httpsPort}`
  }

  private async up(): Promise<void> {
    const deadline = Date.now() + START_MS
    for (;;) {
      const socket = connect(this.httpPort, '127.0.0.1')
      const isUp = await new Promise((resolve) =>
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
      )
      socket.destroy()
      if (isUp) return
      if (this.child.exitCode !== null || Date.now() > deadline) throw new Error(this.log())
      await Bun.sleep(5)
    }
  }

  /** What it logged as a warning or worse. */
  log(): string {
    return readFileSync(join(this.folder, 'error.log'), 'utf8')
  }

  /** Bodies that it wrote to its disk and has not removed yet. */
  kept(): string[] {
    return ['client', 'proxy'].flatMap((name) => readdirSync(join(this.folder, name)))
  }

  /** One request by curl, which trusts the certificate and finds the host here. `path`: from the root. */
  async ask(path: string, ...args: string[]): Promise<Answer> {
    return await this.curl(`${this.url}${path}`, ['--http1.1', ...args])
  }

  async curl(url: string, args: string[], input = ''): Promise<Answer> {
    const { code, out, err } = await run('curl', [...this.curlFlags(), '-i', ...args, url], input)
    if (code !== 0) throw new Error(`curl ${url} ended with ${code}: ${err}`)
    const end = out.indexOf('\r\n\r\n')
    return {
      status: Number(/^HTTP\/[\d.]+ (\d{3})/.exec(out)?.[1]),
      head: out.slice(0, end + 2).toLowerCase(),
      body: out.slice(end + 4),
    }
  }

  curlFlags(): string[] {
    const resolve = [this.httpPort, this.httpsPort].flatMap((port) => [
      '--resolve',
      `${HOST}:${port}:127.0.0.1`,
    ])
    return ['-sS', '-H', 'Expect:', '--cacert', join(this.folder, 'certificate.pem'), ...resolve]
  }

  /** Everything that comes back for these bytes over a TLS connection of their own, until it is closed or `isEnough`. */
  raw(bytes: string, isEnough: (text: string) => boolean = () => false): Promise<string> {
    const ca = readFileSync(join(this.folder, 'certificate.pem'))
    const socket = connectTls({ host: '127.0.0.1', port: this.httpsPort, servername: HOST, ca })
    return new Promise((resolve, reject) => {
      let text = ''
      socket.setEncoding('latin1')
      socket.once('secureConnect', () => socket.write(bytes))
      socket.on('data', (chunk) => {
        text += String(chunk)
        if (isEnough(text)) socket.destroy()
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(text))
    })
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGTERM')
    await ended
  }
}

async function makeCertificate(folder: string): Promise<void> {
  const key = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2'.split(' ')
  const name = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`]
  const files = ['-out', join(folder, 'certificate.pem'), '-keyout', join(folder, 'key.pem')]
  const { code, err } = await run('openssl', [...key, ...name, ...files])
  if (code !== 0) throw new Error(err)
}

/** The same site for this machine alone: nobody else is to reach a test, and port 80 is somebody's. */
const onLoopback = (site: string, httpPort: number): string =>
  site
    .replace(/^ *listen \[::\]:.*\n/gm, '')
    .replaceAll('listen 80;', `listen 127.0.0.1:${httpPort};`)
    .replace(/listen (\d+) ssl/g, 'listen 127.0.0.1:$1 ssl')

const mainConfig = (folder: string): string => `daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log warn;
events {}
http {
    access_log off;
    client_body_temp_path ${folder}/client;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    include ${folder}/site.conf;
}
`
