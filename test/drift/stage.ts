/** A running app with hands at its files, and somebody who looks. */
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AppConfig } from '../../src/app.ts'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import type { Operation } from '../../src/contract/shapes.ts'
import { type Answer, archiveOf, startTestApp, type TestApp } from '../api/app.ts'

export const FILES: Record<string, string> = {
  'index.html': '<h1>Boats</h1>\n',
  'about/index.html': '<p>About</p>\n',
  'assets/app-1a2B3c4D.js': 'console.log(1)\n',
  'assets/site.css': 'body { color: black }\n'.repeat(100),
  'assets/logo.svg': '<svg/>\n',
}

export class DriftStage {
  readonly app: TestApp
  /** Of environments by name. */
  readonly ids = new Map<string, string>()

  private constructor(app: TestApp) {
    this.app = app
  }

  static async start(more: Partial<Pick<AppConfig, 'clock' | 'log'>> = {}): Promise<DriftStage> {
    const stage = new DriftStage(await startTestApp(new Map(), more))
    await stage.ok('POST', '/services', { json: { name: 'web' } })
    await stage.know()
    return stage
  }

  async addEnvironment(name: string): Promise<void> {
    await this.ok('POST', '/services/web/environments', { json: { name } })
    await this.know()
  }

  private async know(): Promise<void> {
    const path = '/services/web/environments'
    const { items } = await this.ok<{ items: { id: string; name: string }[] }>('GET', path)
    for (const { id, name } of items) this.ids.set(name, id)
  }

  async ok<T>(method: string, path: string, given: Parameters<TestApp['ask']>[2] = {}): Promise<T> {
    const { status, body, text } = await this.app.ask(method, path, given)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
    return body
  }

  async deploy(
    files: Record<string, string>,
    environment = 'production',
  ): Promise<{ id: string; bundle: string }> {
    const path = `/services/web/environments/${environment}/deployments?wait=true`
    return await this.ok('POST', path, { body: archiveOf(files) })
  }

  /** Below DATA. */
  at(...path: string[]): string {
    return join(this.app.data, ...path)
  }

  /** The name of the link of what is live; with one environment there is one. */
  link(environment = 'production'): string {
    const name = readdirSync(this.at('sites')).find((one) =>
      one.startsWith(`${this.ids.get(environment) ?? ''}-`),
    )
    if (name === undefined) throw new Error(`nothing is live in ${environment}`)
    return this.at('sites', name)
  }

  /** The folder that it leads to. */
  tree(environment = 'production'): string {
    return join(this.at('sites'), readlinkSync(this.link(environment)))
  }

  async look(): Promise<Drift[]> {
    const { items, failures } = await this.ok<{ items: Drift[]; failures: unknown[] }>('POST', '/drift/look')
    if (failures.length > 0) throw new Error(JSON.stringify(failures))
    return items
  }

  way(drift: Pick<Drift, 'id' | 'seen'>, way: 'revert' | 'adopt'): Promise<Answer> {
    return this.app.ask('POST', `/drift/${drift.id}/${way}?wait=true`, { json: { seen: drift.seen } })
  }

  async revert(drift: Drift): Promise<Operation> {
    const answer = await this.way(drift, 'revert')
    if (answer.status !== 200) throw new Error(answer.text)
    return answer.body
  }

  /** Resolves when nothing is queued or running any more. */
  async idle(): Promise<void> {
    for (;;) {
      const { items } = await this.ok<{ items: Operation[] }>('GET', '/operations?limit=5')
      if (items.every(({ status }) => status !== 'queued' && status !== 'running')) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async visit(path: string, environment = 'production'): Promise<{ status: number; body: string }> {
    const url = new URL(this.app.sitesUrl)
    const answer = await fetch(`${url.origin}${path}`, {
      headers: { host: `${environment}.web.localhost:${url.port}` },
    })
    return { status: answer.status, body: await answer.text() }
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.tree(), path)), { recursive: true })
    writeFileSync(join(this.tree(), path), text)
  }

  read(path: string): string | null {
    const place = join(this.tree(), path)
    return existsSync(place) ? readFileSync(place, 'utf8') : null
  }

  stop(): Promise<void> {
    return this.app.stop()
  }
}
