/** Fairlead whose URLs an NGINX of its own answers, and an owner who has set that up. */
import { spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { DebianNginx } from '../test/hosts/debian-nginx.ts'
import { deployments, PROGRAM, withServer } from './server.ts'
import { siteTar } from './site-tar.ts'

const OWNER = ['ann@example.com', 'nine lanterns on the quay'] as const

export interface NginxApp {
  nginx: DebianNginx
  /** JSON in, JSON out; throws with the problem unless the answer is 2xx. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  /** Deploys a site of these files and resolves when it is live. */
  deploy(service: string, files: Record<string, string>): Promise<void>
  /** A new service with a URL: live, and answered by NGINX. */
  add(service: string, hostname: string, files: Record<string, string>): Promise<void>
}

export function withNginxApp<T>(use: (app: NginxApp) => Promise<T>): Promise<T> {
  return withServer(async (server, folder) => {
    chmodSync(folder, 0o755) // NGINX's workers are somebody else when this is root
    const nginx = await DebianNginx.started()
    try {
      const key = await ownersKey(server.data)
      const send = async (method: string, path: string, body: BodyInit | null, type: string) => {
        const response = await fetch(`${server.api}/api/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${key}`, ...(body !== null && { 'content-type': type }) },
          body,
        })
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
        return await response.text()
      }
      const call: NginxApp['call'] = async (method, path, body) => {
        const text = await send(
          method,
          path,
          body === undefined ? null : JSON.stringify(body),
          'application/json',
        )
        return (text === '' ? null : JSON.parse(text)) as never // what the caller knows of the route
      }
      const deploy: NginxApp['deploy'] = async (service, files) => {
        await send('POST', `${deployments(service)}?wait=true`, siteTar(files), 'application/x-tar')
      }
      await call('PATCH', '/settings', { gateway: { kind: 'nginx', nginx: settingsOf(nginx) } })
      return await use({
        nginx,
        call,
        deploy,
        async add(service, hostname, files) {
          await call('POST', '/services', { name: service })
          await deploy(service, files)
          const urls = `/services/${service}/environments/production/urls?wait=true`
          await call('POST', urls, { hostname, dns: 'none' })
        },
      })
    } finally {
      await nginx.remove()
    }
  })
}

function settingsOf(nginx: DebianNginx): Record<string, unknown> {
  return {
    config: nginx.config,
    enabled: nginx.enabled,
    available: nginx.available,
    listen: [{ address: '127.0.0.1', port: nginx.port }],
    ...nginx.plainCommands(),
  }
}

async function ownersKey(data: string): Promise<string> {
  const [login, password] = OWNER
  await offline(
    ['user', 'create', '--email', login, '--role', 'owner', '--password-stdin', '--data', data],
    password,
  )
  const made = await offline(['key', 'create', '--user', login, '--name', 'bench', '--data', data, '--json'])
  return (JSON.parse(made) as { key: string }).key // what the command prints
}

function offline(args: string[], input = ''): Promise<string> {
  const [program, ...first] = PROGRAM
  const child = spawn(program, [...first, ...args], { stdio: ['pipe', 'pipe', 'ignore'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stdin.end(input)
  return new Promise((resolve, reject) =>
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${args.join(' ')} ended with ${code}`)),
    ),
  )
}
