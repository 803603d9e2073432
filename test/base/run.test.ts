import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/base/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-'))
afterAll(() => rmSync(folder, { recursive: true }))

function script(name: string, ...lines: string[]): string {
  const path = join(folder, name)
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 })
  return path
}

test('tells the code and both outputs', async () => {
  const path = script('speaks', 'echo "$1"', 'echo worse >&2', 'exit 3')
  expect(await run([path, '$HOME; x'])).toEqual({ code: 3, stdout: '$HOME; x\n', stderr: 'worse\n' })
})

test('a program that is not there is a Fault that names it', async () => {
  const ended = await run([join(folder, 'absent')]).catch((fault: unknown) => fault)
  expect(ended).toMatchObject({ code: 'unavailable', message: expect.stringContaining('absent') })
})

test('the deadline holds although a program of the program lives on', async () => {
  const path = script('hangs', 'sleep 60 &', `echo $! > ${join(folder, 'pid')}`, 'wait')
  const ended = await run([path], { deadlineMs: 200 }).catch((fault: unknown) => fault)
  expect(ended).toMatchObject({ code: 'unavailable', message: expect.stringContaining('200 ms') })
  process.kill(Number(await Bun.file(join(folder, 'pid')).text()))
}, 20_000)
