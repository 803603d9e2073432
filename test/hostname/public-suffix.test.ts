/** The vectors of the Public Suffix List (test_psl.txt, public domain), D17: the name, and what one could register. */
import { describe, expect, test } from 'bun:test'
import { Fault } from '../../src/base/fault.ts'
import { canonicalHostname, isRegistrable } from '../../src/domain/hostname.ts'

const VECTORS = `
COM -; example.COM example.com; WwW.example.COM example.com; .com -; .example -; .example.com -; .example.example -
example -; example.example example.example; b.example.example example.example; a.b.example.example example.example
biz -; domain.biz domain.biz; b.domain.biz domain.biz; a.b.domain.biz domain.biz; com -; example.com example.com
b.example.com example.com; a.b.example.com example.com; uk.com -; example.uk.com example.uk.com; b.example.uk.com example.uk.com
a.b.example.uk.com example.uk.com; test.ac test.ac; mm -; c.mm -; b.c.mm b.c.mm; a.b.c.mm b.c.mm; jp -; test.jp test.jp
www.test.jp test.jp; ac.jp -; test.ac.jp test.ac.jp; www.test.ac.jp test.ac.jp; kyoto.jp -; test.kyoto.jp test.kyoto.jp
ide.kyoto.jp -; b.ide.kyoto.jp b.ide.kyoto.jp; a.b.ide.kyoto.jp b.ide.kyoto.jp; c.kobe.jp -; b.c.kobe.jp b.c.kobe.jp
a.b.c.kobe.jp b.c.kobe.jp; city.kobe.jp city.kobe.jp; www.city.kobe.jp city.kobe.jp; ck -; test.ck -; b.test.ck b.test.ck
a.b.test.ck b.test.ck; www.ck www.ck; www.www.ck www.ck; us -; test.us test.us; www.test.us test.us; ak.us -
test.ak.us test.ak.us; www.test.ak.us test.ak.us; k12.ak.us -; test.k12.ak.us test.k12.ak.us; www.test.k12.ak.us test.k12.ak.us
食狮.com.cn 食狮.com.cn; 食狮.公司.cn 食狮.公司.cn; www.食狮.公司.cn 食狮.公司.cn; shishi.公司.cn shishi.公司.cn; 公司.cn -
食狮.中国 食狮.中国; www.食狮.中国 食狮.中国; shishi.中国 shishi.中国; 中国 -; xn--85x722f.com.cn xn--85x722f.com.cn
xn--85x722f.xn--55qx5d.cn xn--85x722f.xn--55qx5d.cn; www.xn--85x722f.xn--55qx5d.cn xn--85x722f.xn--55qx5d.cn
shishi.xn--55qx5d.cn shishi.xn--55qx5d.cn; xn--55qx5d.cn -; xn--85x722f.xn--fiqs8s xn--85x722f.xn--fiqs8s
www.xn--85x722f.xn--fiqs8s xn--85x722f.xn--fiqs8s; shishi.xn--fiqs8s shishi.xn--fiqs8s; xn--fiqs8s -`
  .trim()
  .split(/[;\n] ?/)
  .map((row) => row.split(' '))

/** The shortest name at the end of `name` that is nobody else's; null: there is none. */
function registrable(name: string): string | null {
  const labels = name.toLowerCase().split('.')
  const ends = labels.map((_, at) => labels.slice(at).join('.')).toReversed()
  return ends.find((end) => judged(end) === null) ?? null
}

function judged(name: string): Fault | null {
  try {
    canonicalHostname(name)
    return null
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
}

describe('a public suffix is nobody’s, and what can be registered below it is', () => {
  for (const [name = '', expected = ''] of VECTORS)
    test(`${name} ${expected}`, () => {
      if (expected === '-') expect(judged(name)?.code).toBe('invalid')
      else {
        expect(registrable(name)).toBe(expected)
        expect(isRegistrable(canonicalHostname(expected).hostname)).toBe(true)
        expect(isRegistrable(`www.${canonicalHostname(name).hostname}`)).toBe(false)
      }
    })

  test('all of them were read', () => expect(VECTORS.length).toBe(77))
})

test('D17: so is a wildcard over one, and a private suffix', () => {
  for (const name of ['co.uk', '*.co.uk', 'github.io', '*.github.io', '*.ck', '*.x.ck', '*.s3.amazonaws.com'])
    expect(judged(name)?.message).toContain('is a public one')
  for (const name of ['docs.co.uk', '*.docs.co.uk', 'docs.github.io', '*.www.ck', 'wiki.lan', '*.lan'])
    expect(judged(name)).toBeNull()
})
