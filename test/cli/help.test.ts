import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMANDS } from '../../src/cli/commands.ts'
import { referencePage } from '../../src/cli/reference.ts'
import { fairlead } from './terminal.ts'

const golden = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../golden/cli', `${name}.txt`), 'utf8')

describe('help', () => {
  for (const [name, argv] of [
    ['fairlead', ['--help']],
    ['deploy', ['deploy', '--help']],
    ['environment', ['environment']],
    ['backup', ['help', 'backup']],
    ['url', ['url']],
    ['url-create', ['url', 'create', '--help']],
    ['dns-provider', ['dns-provider']],
    ['certificate', ['certificate']],
    ['certificate-add', ['certificate', 'add', '--help']],
    ['setting-authority', ['setting', 'authority', '--help']],
    ['setting', ['setting']],
    ['drift', ['drift', '--help']],
    ['import-nginx', ['import', 'nginx', '--help']],
    ['export', ['export', '--help']],
  ] as [string, string[]][])
    test(`of ${name} reads as it was agreed`, async () => {
      expect(await fairlead(argv)).toEqual({ code: 0, out: golden(name), err: '' })
    })

  test('is the same however it is asked for', async () => {
    const asked = [
      ['deploy', '--help'],
      ['deploy', './dist', '-h'],
      ['help', 'deploy'],
      ['deploy', '--help', '--no-such'],
    ]
    const texts = await Promise.all(asked.map((argv) => fairlead(argv)))
    expect(new Set(texts.map(({ out }) => out)).size).toBe(1)
    expect((await fairlead([])).out).toBe((await fairlead(['--help'])).out)
    expect((await fairlead(['service', '--help'])).out).toBe((await fairlead(['service'])).out)
  })

  test('stays within 100 characters a line', async () => {
    for (const { name } of COMMANDS)
      for (const line of (await fairlead(['help', ...name.split(' ')])).out.split('\n'))
        expect(line.length).toBeLessThanOrEqual(100)
  })

  test('docs/cli.md is what the table says', () => {
    expect(readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8')).toBe(referencePage(COMMANDS))
  })

  test('every example is a command line that is understood', async () => {
    const refused = absentServer()
    for (const command of COMMANDS)
      for (const example of command.examples) {
        const [line = ''] = example.split(' < ')
        const argv = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
        expect(argv[0]).toBe('fairlead')
        // These ask nobody, and so nobody can say no.
        if (command.name === 'version' || command.name === 'doctor nginx') continue
        const { code, err } = await fairlead(argv.slice(1), refused)
        expect({ example, code, usage: /is missing|no flag|no command|can't be/.test(err) }).toEqual({
          example,
          code: 1,
          usage: false,
        })
      }
  })
})

/** Everything a command could begin with says no, in the way of a failure and not of wrong usage. */
function absentServer() {
  const no = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOENT' }))
  const nothing = new Proxy({}, { get: (_, name) => (name === 'now' ? () => 0 : no) }) as never // any method will do
  return {
    fetch: no,
    serve: no,
    interrupted: () => Promise.resolve(),
    offline: nothing,
    secret: async () => ({ text: 'seven boats at anchor', isTyped: false }),
    machine: nothing,
    clock: { now: () => 0, after: (_: number, then: () => void) => (then(), () => {}) },
  }
}

describe('the command line', () => {
  const usage = async (argv: string[], said: string, hint: RegExp, env = {}) => {
    const { code, out, err } = await fairlead(argv, { env })
    expect({ code, out, said: err.split('\n')[0] }).toEqual({ code: 2, out: '', said: `error: ${said}` })
    expect(err).toMatch(hint)
  }

  test('names the nearest command and flag', async () => {
    await usage(['depoly'], 'There is no command "depoly".', /Did you mean "fairlead deploy"\?/)
    await usage(
      ['service', 'lst'],
      'There is no command "service lst".',
      /Did you mean "fairlead service list"\?/,
    )
    await usage(['xyzzy'], 'There is no command "xyzzy".', /fairlead --help/)
    await usage(
      ['deploy', '.', '--sevrice', 'web'],
      '"fairlead deploy" has no flag --sevrice.',
      /Did you mean --service\?/,
    )
    await usage(['version', '-x'], '"fairlead version" has no flag -x.', /fairlead version --help/)
    await usage(['help', 'deply'], 'There is no command "deply".', /fairlead deploy/)
  })

  test('says what is missing or one too many', async () => {
    await usage(['deploy'], '--service NAME is missing.', /fairlead deploy --help/)
    await usage(['logs'], 'DEPLOYMENT is missing.', /fairlead logs --help/)
    await usage(['logs', 'a', 'b'], '"b" is one word too many.', /--help/)
    await usage(['deploy', '.', '--service'], '--service needs a value: --service NAME.', /error/)
    await usage(
      ['deploy', '.', '--service', '--create'],
      '--service needs a value: --service NAME.',
      /--service=--create/,
    )
    await usage(['version', '--json=yes'], '--json takes no value.', /--help/)
  })

  test('refuses values by their rule', async () => {
    const place = ['--service', 'web', '--environment', 'production']
    await usage(['service', 'list', '--limit', 'ten'], '--limit can\'t be "ten".', /whole number/)
    await usage(
      ['environment', 'update', 'production', '--service', 'web', '--html-handling', 'some'],
      '--html-handling can\'t be "some".',
      /auto-trailing-slash, /,
    )
    await usage(['environment', 'update', 'p', '--service', 'web'], 'No setting is named.', /--help/)
    await usage(['serve', '--listen', '4750'], '--listen can\'t be "4750".', /HOST:PORT/)
    await usage(
      ['serve', '--listen', '127.0.0.1:99999'],
      '--listen can\'t be "127.0.0.1:99999".',
      /HOST:PORT/,
    )
    await usage(['serve', '--url', 'https://a/b'], '--url can\'t be "https://a/b".', /without a path/)
    await usage(['serve', '--disk-reserve', 'much'], '--disk-reserve can\'t be "much".', /512M/)
    await usage(
      ['rollback', ...place],
      'FAIRLEAD_SERVER can\'t be "ftp://a".',
      /http:\/\/127\.0\.0\.1:4750/,
      { FAIRLEAD_SERVER: 'ftp://a' },
    )
    await usage(
      ['service', 'delete', 'web'],
      'Deleting asks first, and there is no terminal to ask on.',
      /--yes/,
    )
  })

  test('its own words are shown escaped', async () => {
    const { err } = await fairlead(['\u001b]52;c;eA==\u0007'])
    expect(err).toContain('\\u001b]52')
    expect(err).not.toContain('\u001b')
  })
})
