/** Keys of certificates, given to a running program at every door, well and badly. */
import type { Answer, Asked } from '../api/app.ts'
import { type MadeCertificate, makeCertificate } from '../certificates.ts'

export interface Canary {
  call: (method: string, path: string, given?: Asked) => Promise<Answer>
  run: (argv: string[], env: Record<string, string>, input?: string) => Promise<string>
  /** `told`: the one place where it may be. */
  plant: (name: string, value: string, told?: string) => string
  headers: { authorization: string }
  env: Record<string, string>
  /** Writes a file that holds no secret; answers its path. */
  file: (name: string, text: string) => string
}

const root = { ...makeCertificate(['Root'], { isAuthority: true }), name: 'Root' }
const made = (name: string): MadeCertificate => makeCertificate([name], { issuer: root })
const URLS = '/services/web/environments/production/urls?wait=true'

/** The lines of a PEM text are what it would be found by: all but the first, which many keys begin with. */
function plantKey({ plant }: Canary, name: string, pem: string, told?: string): string {
  for (const [index, line] of pem.trim().split('\n').slice(2, -1).entries())
    if (line.length > 11) plant(`line ${index} of ${name}`, line, told)
  return pem
}

export async function certificateSecrets(canary: Canary): Promise<void> {
  const { call, headers, plant } = canary
  const bring = (json: object) => call('POST', '/certificates', { json, headers })
  const { chain, key } = made('keys.example.com')
  const { body } = await bring({ certificate: chain + root.chain, key })
  const { id } = body as { id: string }
  plantKey(canary, 'a key in use', key, `/data/certificates/${id}.pem`)
  await call('POST', URLS, { json: { hostname: 'keys.example.com', dns: 'none', https: 'own' }, headers })
  await mistakes(canary, chain)

  const ca = { directoryUrl: 'https://127.0.0.1:1/directory', externalKeyId: 'kid' }
  const settings = (certificates: object) => call('PATCH', '/settings', { json: { certificates }, headers })
  const hmacKey = (name: string) =>
    Buffer.from(plant(name, `Canary-${name}-of-an-account`)).toString('base64url')
  await settings({ ...ca, externalHmacKey: hmacKey('hmac key') })
  await settings({ ...ca, externalHmacKey: hmacKey('changed hmac key') })
  await settings({ externalHmacKey: plant('hmac key that is none', 'Canary hmac key, that is none') })
  await settings({ directoryUrl: 'x', externalHmacKey: hmacKey('refused hmac key') })
  await call('POST', '/settings/certificates/test', { json: {}, headers })
  await commands(canary)
}

/** Keys in places that are not for them, and keys that are refused. */
async function mistakes(canary: Canary, chain: string): Promise<void> {
  const { call, headers } = canary
  const bring = (json: object) => call('POST', '/certificates', { json, headers })
  const another = (name: string) => plantKey(canary, name, made('x.example.com').key)
  await bring({ certificate: chain, key: another('a key of another certificate') })
  await bring({ certificate: another('a key as a certificate'), key: chain })
  await bring({ certificate: chain + another('a key in a chain'), key: 'x' })
  await bring({ certificate: chain, privateKey: another('a key in an unknown field') })
  const cut = another('a key that is cut off')
  await bring({ certificate: chain, key: cut.slice(0, -60) })
  await bring({ certificate: chain, key: another('a key twice').repeat(2) })
  const body = `{"certificate":"x","key":${JSON.stringify(another('a key in broken JSON'))}`
  await call('POST', '/certificates', { body, headers: { ...headers, 'content-type': 'application/json' } })
  await call('GET', `/certificates?key=${encodeURIComponent(another('a key in a query'))}`, { headers })
  const json = { https: 'own', key: another('a key for a URL') }
  await call('POST', URLS, { json: { hostname: 'b.example.com', ...json }, headers })
}

async function commands(canary: Canary): Promise<void> {
  const { run, env, file } = canary
  const { chain, key } = made('cli.example.com')
  const certificate = file('fullchain.pem', chain + root.chain)
  plantKey(canary, 'a key on standard input', key)
  await run(['certificate', 'add', '--certificate', certificate], env, key)
  await run(['certificate', 'list'], env)
  await run(['certificate', 'list', '--json'], env)
  await run(['setting', 'list'], env)
  await run(['url', 'show', 'keys.example.com', '--json'], env)
}
