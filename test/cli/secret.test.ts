/** S01 a secret that is typed on a real terminal is not shown there. */
import { afterEach, expect, test } from 'bun:test'
import { join } from 'node:path'
import { remove, scratch } from './program.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')
const root = scratch()
afterEach(() => remove(root))

/** Runs `user create` on a pseudo-terminal, typing the next text at each question. */
async function typing(...texts: string[]): Promise<{ code: number; screen: string }> {
  let screen = ''
  let shown = ''
  const argv = [
    'user',
    'create',
    '--email',
    'ann@example.com',
    '--password-stdin',
    '--data',
    join(root, 'data'),
  ]
  const child = Bun.spawn([process.execPath, MAIN, ...argv], {
    env: { ...process.env, NO_COLOR: '1' },
    terminal: {
      data(terminal, bytes) {
        shown += new TextDecoder().decode(bytes)
        screen += new TextDecoder().decode(bytes)
        if (!shown.endsWith(': ')) return
        shown = ''
        terminal.write(texts.shift() ?? '')
      },
    },
  })
  const code = await child.exited
  return { code, screen }
}

test('and can be mended while it is typed', async () => {
  const { code, screen } = await typing('seven boats at anchir\x7f\x7for\r', 'seven boats at anchor\r')
  expect({ code, screen }).toEqual({ code: 0, screen: expect.stringContaining('ann@example.com') })
  expect(screen).toContain('New password: ')
  expect(screen).not.toContain('boats')
})

test('and nothing is made when the two differ, or at Ctrl-C', async () => {
  expect(await typing('seven boats at anchor\r', 'x\r')).toMatchObject({
    code: 1,
    screen: expect.stringContaining('two different ones'),
  })
  expect(await typing('\x03')).toMatchObject({
    code: 1,
    screen: expect.stringContaining('Nothing was typed'),
  })
})
