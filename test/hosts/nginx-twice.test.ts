import { afterEach, beforeEach, describe, expect } from 'bun:test'
import {
  closeSync,
  constants,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { errnoOf } from '../../src/base/fault.ts'
import { run } from '../../src/base/run.ts'
import type { Hosts } from '../../src/ports/hosts.ts'
import { needs } from '../needs.ts'
import { DebianNginx, signal, until } from './debian-nginx.ts'

const NAME = 'twice.example.com'
/** So many ask at once, each on a new connection, so that every worker that takes any gets some. */
const VISITORS = 40
/** And so many all the time. */
const CROWD = 8

const withNginx = needs('nginx')
let nginx: DebianNginx
let hosts: Hosts
let master: number
/** How often the driver has waited for NGINX between two looks. */
let waits = 0
const clock: Clock = {
  now: () => systemClock.now(),
  after(ms, then) {
    waits++
    return systemClock.after(ms, then)
  },
}

beforeEach(async () => {
  nginx = await DebianNginx.started()
  hosts = nginx.hosts({}, { clock })
  await hosts.put(NAME, nginx.site('old'), signal)
  master = Number(readFileSync(pidFile(), 'utf8'))
  // Neither reads the configuration, so that none but the server itself comes to a gate.
  nginx.command('test', 'exit 0')
  nginx.command('reload', `kill -HUP ${master}`)
})
afterEach(() => nginx.remove())

const pidFile = () => join(nginx.folder, 'nginx.pid')

/** A file at which NGINX stands still until it is passed on. */
class Gate {
  readonly #path: string
  readonly #aside: string

  private constructor(name: string) {
    this.#path = join(nginx.enabled, name)
    this.#aside = join(nginx.folder, name)
  }

  static async made(name: string): Promise<Gate> {
    const gate = new Gate(name)
    await run(['mkfifo', gate.#path])
    linkSync(gate.#path, gate.#aside)
    return gate
  }

  /** Resolves when NGINX has come here and goes on. It meets no gate here any more. */
  async pass(): Promise<void> {
    const empty = `${this.#aside}.empty`
    writeFileSync(empty, '')
    await until(() => this.#isPassed())
    renameSync(empty, this.#path)
  }

  #isPassed(): boolean {
    try {
      closeSync(openSync(this.#aside, constants.O_WRONLY | constants.O_NONBLOCK))
      return true
    } catch (error) {
      if (errnoOf(error) === 'ENXIO') return false // nobody waits there
      throw error
    }
  }
}

/** Somebody else's reload, which has read our sites as they are and not begun its workers; it goes on by the gate. */
async function reloadAtWork(): Promise<Gate> {
  const [first, second] = [await Gate.made('zy'), await Gate.made('zz')]
  process.kill(master, 'SIGHUP')
  await first.pass()
  return second
}

async function answers(): Promise<string[]> {
  const all = await Promise.all(Array.from({ length: VISITORS }, () => nginx.says(NAME)))
  return [...new Set(all.map((answer) => answer.replace(/^40.*/s, 'nothing')))]
}

/** Keeps all workers busy, so that none of them answers everybody. */
async function amidCrowd(deed: () => Promise<void>): Promise<void> {
  const over = new AbortController()
  const crowd = Array.from({ length: CROWD }, async () => {
    // A worker that leaves may drop whom it has not heard yet.
    while (!over.signal.aborted) await nginx.says(NAME).catch(() => null)
  })
  await deed().finally(() => over.abort())
  await Promise.all(crowd)
}

const DEEDS: [what: string, deed: () => Promise<void>, answer: string][] = [
  ['put', () => hosts.put(NAME, nginx.site('new'), signal), '200 new'],
  ['dropped', () => hosts.drop(NAME, signal), 'nothing'],
]
const SIGHTS: [where: string, prepare: () => void][] = [
  ['', () => {}],
  [', where nobody sees its processes', () => unlinkSync(pidFile())],
]

describe('while NGINX is at work on a reload that has read what stood before', () => {
  for (const [where, prepare] of SIGHTS)
    for (const [what, deed, answer] of DEEDS)
      withNginx(`a site that is ${what} is so for every visitor as soon as that is said${where}`, () =>
        amidCrowd(async () => {
          prepare()
          const gate = await reloadAtWork()
          const before = waits
          const done = deed()
          await until(() => waits > before)
          await gate.pass()
          await done
          expect(await answers()).toEqual([answer])
        }),
      )

  withNginx('it is not settled', async () => {
    expect(await hosts.settled(20_000, signal)).toBe(true)
    const gate = await reloadAtWork()
    const isSettled = await hosts.settled(0, signal)
    await gate.pass()
    expect(isSettled).toBe(false)
    expect(await hosts.settled(20_000, signal)).toBe(true)
  })
})
