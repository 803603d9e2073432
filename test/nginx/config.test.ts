/** The text of a configuration: every word means itself, or there is no text. */
import { describe, expect, test } from 'bun:test'
import { block, configText, directive, raw, variable } from '../../src/domain/nginx/config.ts'

describe('configuration as text', () => {
  test('quotes what would mean something', () => {
    const text = configText([
      directive('server_name', 'plain', '', 'a b', 'a;b', '{', '#', "'"),
      directive('add_header', 'X-A', 'say "$host" \\ \t'),
      directive('return', '308', ['https://a.example', { variable: '$request_uri' }]),
      directive('set', variable('$fairlead_a'), [{ variable: '$fairlead_b' }, 'c', { variable: '$1' }, '2']),
      block('if', [variable('$uri'), '~', raw('^/a{2}$')], [directive('break')]),
    ])
    expect(text).toBe(`server_name plain "" "a b" "a;b" "{" "#" "'";
add_header X-A "say \\"\${fairlead_dollar}host\\" \\\\ \\t";
return 308 https://a.example$request_uri;
set $fairlead_a "\${fairlead_b}c$12";

if ($uri ~ "^/a{2}$") {
    break;
}
`)
  })

  test('refuses what NGINX could not read as it is', () => {
    for (const word of ['a\nb', 'a\rb', 'a\0b', 'a\x7f', '\ud800'])
      expect(() => configText([directive('add_header', word)])).toThrow('NGINX would not read')
    expect(() => configText([{ ...directive('break'), notes: ['a\nreturn 200;'] }])).toThrow('visible ASCII')
    expect(() => configText([directive('set', variable('$fairlead_a b'), '')])).toThrow('no variable')
  })
})
