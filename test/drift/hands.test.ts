/** Hands that edit at random: each edit is found by the next look; what is put back is as it was, what is taken over stays. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Drift } from '../../src/contract/shapes/drift.ts'
import { DriftStage, FILES } from './stage.ts'

const EDITS = 100
const SITE: Record<string, string> = {
  ...FILES,
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_, n) => [
      `part-${n % 5}/page-${n}.html`,
      `<p>${n}</p>\n`.repeat(1 + (n % 7) * 40),
    ]),
  ),
}

let at: DriftStage
beforeAll(async () => {
  at = await DriftStage.start()
  await at.ok('PATCH', '/services/web/environments/production', { json: { retain: 1 } })
  await at.deploy({ ...SITE, 'index.html': 'older' })
  await at.deploy(SITE)
  await at.look()
})
afterAll(() => at.stop())

/** Numbers that look random and are the same each time. */
let state = 20_261_126
const random = (below: number): number => {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31
  return Math.floor((state / 2 ** 31) * below)
}
const one = <T>(items: readonly T[]): T => items[random(items.length)] as T // within the list

function filesBelow(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    return entry.isDirectory() ? filesBelow(folder, path) : [path]
  })
}

/** Of everything that visitors could notice: names, modes, times and contents. */
function digest(folder: string): string {
  const hash = createHash('sha256')
  for (const path of filesBelow(folder).toSorted()) {
    const { mode, mtimeMs } = lstatSync(join(folder, path))
    hash.update(JSON.stringify([path, mode, mtimeMs])).update(readFileSync(join(folder, path)))
  }
  return hash.digest('hex')
}

type Edit = (tree: string, path: string) => void
const TREE_EDITS: Edit[] = [
  (tree, path) => writeFileSync(join(tree, path), `by hand ${random(1e9)}`),
  (tree, path) =>
    writeFileSync(join(tree, path), `${readFileSync(join(tree, path), 'utf8')}<!-- ${random(1e9)} -->`),
  (tree, path) => rmSync(join(tree, path)),
  (tree) => writeFileSync(join(tree, `new-${random(1e9)}.html`), 'new'),
  (tree) => {
    mkdirSync(join(tree, `folder-${random(1e9)}`))
    writeFileSync(join(tree, `left ${random(1e9)} ünd Ω.txt`), 'odd name')
  },
  (tree, path) => chmodSync(join(tree, path), one([0o600, 0o755, 0o664])),
  (tree, path) => utimesSync(join(tree, path), random(2e9), random(2e9)),
  (tree, path) => renameSync(join(tree, path), join(tree, `${path}.bak`)),
  (tree, path) => {
    const { atime, mtime, size } = lstatSync(join(tree, path))
    writeFileSync(join(tree, path), Buffer.alloc(size, 65 + random(26)))
    utimesSync(join(tree, path), atime, mtime)
  },
  (tree, path) => {
    rmSync(join(tree, path))
    symlinkSync(one(['/etc/passwd', '../..', 'index.html']), join(tree, path))
  },
  (tree) => rmSync(join(tree, `part-${random(5)}`), { recursive: true }),
]

function editLink(): void {
  const [link, right] = [at.link(), readlinkSync(at.link())]
  const others = readdirSync(at.at('trees')).map((name) => `../trees/${name}`)
  rmSync(link)
  const to = one([null, '../trees/none', ...others.filter((other) => other !== right)])
  if (to !== null) symlinkSync(to, link)
}

let adopted = 0
for (let number = 1; number <= EDITS; number++)
  test(`edit ${number} of ${EDITS}`, async () => {
    expect(await at.look()).toEqual([])
    const isLink = random(4) === 0
    const [right, tree] = [readlinkSync(at.link()), at.tree()]
    const before = digest(tree)
    if (isLink) editLink()
    else one(TREE_EDITS)(tree, one(filesBelow(tree)))
    const found = await at.look()
    // One edit of a file that several trees share is one of each.
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set([isLink ? 'link' : 'tree']))
    const drift = found.find(({ adoptable }) => adoptable) ?? found[0]
    if (!drift) throw new Error('it was not found')
    if (drift.adoptable && random(5) === 0) return await takeOver(drift)
    await at.revert(drift)
    expect(readlinkSync(at.link())).toBe(right)
    expect(digest(at.tree())).toBe(before)
  })

/** What stands answers still when it is deployed, and after the next deployment of the same. */
async function takeOver(drift: Drift): Promise<void> {
  const { status, text } = await at.way(drift, 'adopt')
  // What is no file can be in no bundle.
  if (status === 422) {
    expect(text).toContain('is no file')
    return void (await at.revert(drift))
  }
  expect([status, text]).toEqual([200, text])
  await at.idle()
  expect(await at.look()).toEqual([])
  const stands = filesBelow(at.tree())
  const { bundle } = await live()
  await at.ok('POST', '/services/web/environments/production/deployments?wait=true', { json: { bundle } })
  expect(filesBelow(at.tree())).toEqual(stands)
  expect(await at.look()).toEqual([])
  adopted++
}

async function live(): Promise<{ bundle: string }> {
  const path = '/services/web/environments/production/deployments'
  const { items } = await at.ok<{ items: { live: boolean; bundle: string }[] }>('GET', path)
  const found = items.find((one) => one.live)
  if (!found) throw new Error('nothing is live')
  return found
}

test('some of them were taken over', () => expect(adopted).toBeGreaterThan(3))
