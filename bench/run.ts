/** `npm run bench`, or `npm run bench -- --only upload,list --soak 60`: each figure beside its named peer. */
import { parseArgs } from 'node:util'
import { callsFigure } from './calls.ts'
import { dnsFigure } from './dns.ts'
import { driftFigure } from './drift.ts'
import { driftTreesFigure } from './drift-trees.ts'
import { listFigure } from './list.ts'
import type { Figure, Result } from './measure.ts'
import { memoryFigure } from './memory.ts'
import { nginxFigure } from './nginx.ts'
import { brokenFigure, nginxLoadFigure } from './nginx-load.ts'
import { nginxProofFigure, nginxServingFigure } from './nginx-serving.ts'
import { renewalFigure } from './renewal.ts'
import { PROGRAM } from './server.ts'
import { signInFigure } from './sign-in.ts'
import { soakFigure } from './soak.ts'
import { startFigure } from './start.ts'
import { loadFigure, switchFigure } from './switch.ts'
import { folderFigure, uploadFigure } from './upload.ts'

const FIGURES: Figure[] = [
  uploadFigure,
  folderFigure,
  switchFigure,
  loadFigure,
  memoryFigure,
  startFigure,
  listFigure,
  callsFigure,
  dnsFigure,
  signInFigure,
  nginxFigure,
  nginxLoadFigure,
  brokenFigure,
  nginxServingFigure,
  nginxProofFigure,
  driftFigure,
  driftTreesFigure,
  renewalFigure,
  soakFigure,
]

const { values } = parseArgs({
  options: { only: { type: 'string' }, soak: { type: 'string', default: '600' } },
})
const wanted = values.only?.split(',')
const unknown = wanted?.filter((name) => !FIGURES.some((figure) => figure.name === name)) ?? []
if (unknown.length > 0) {
  console.error(
    `There is no figure ${unknown.join(', ')}; there are ${FIGURES.map(({ name }) => name).join(', ')}.`,
  )
  process.exit(2)
}

console.log(`measured: ${PROGRAM.join(' ')}`)
let missed = 0
for (const figure of FIGURES.filter(({ name }) => wanted?.includes(name) ?? true))
  for (const result of await figure.run({ seconds: Number(values.soak) })) {
    if (!result.ok) missed++
    console.log(line(result))
  }
console.log(missed === 0 ? 'all targets met' : `${missed} missed`)

function line({ figure, ours, peer, unit, judged, target, ok }: Result): string {
  const shown = (value: number) => `${value.toFixed(value < 100 && unit !== 'B' ? 1 : 0)} ${unit}`.trim()
  const medians = peer === null ? shown(ours) : `${shown(ours)} beside ${shown(peer)}`
  return `${ok ? 'ok    ' : 'missed'} ${figure.padEnd(64)} ${judged.padEnd(14)} (${target})  ${medians}`
}
