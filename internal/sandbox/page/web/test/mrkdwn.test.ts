import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { inline, parse, plain, safeURL } from '../src/mrkdwn'

const text = (s: string) => ({ is: 'text', text: s })

test('styles begin and end at the edges of words', () => {
  deepEqual(inline('a *b* _c_ ~d~ `e*f*`'), [
    text('a '), { is: 'bold', inside: [text('b')] }, text(' '), { is: 'italic', inside: [text('c')] }, text(' '),
    { is: 'strike', inside: [text('d')] }, text(' '), { is: 'code', text: 'e*f*' },
  ])
  for (const s of ['2*3*4', 'snake_case_name', '* not bold *', '*open', 'a*b*', '**', '*a\nb*', '``']) deepEqual(inline(s), [text(s)], s)
  deepEqual(inline('*a _b_*'), [{ is: 'bold', inside: [text('a '), { is: 'italic', inside: [text('b')] }] }])
  deepEqual(inline('*<https://a.example|x*y>*'), [{ is: 'bold', inside: [{ is: 'link', url: 'https://a.example', label: 'x*y' }] }])
})

test('what stands in angles', () => {
  deepEqual(inline('<@U1> <#C1|ops> <!subteam^S1> <!here>'), [
    { is: 'user', id: 'U1', label: undefined }, text(' '), { is: 'channel', id: 'C1', label: 'ops' }, text(' '),
    { is: 'group', id: 'S1', label: undefined }, text(' '), { is: 'broadcast', name: 'here' },
  ])
  deepEqual(inline('<!date^1795572720^{time}^https://a.example|2:12 AM>'), [
    { is: 'date', seconds: 1795572720, format: '{time}', url: 'https://a.example', fallback: '2:12 AM' },
  ])
  deepEqual(inline('<tel:+14155550132|(415) 555-0132>'), [{ is: 'link', url: 'tel:+14155550132', label: '(415) 555-0132' }])
})

test('only schemes that run nothing are links', () => {
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'https://a b', 'vbscript:x', ' https://a', '//a.example']) equal(safeURL(url), null, url)
  for (const url of ['https://a.example/?a=b', 'tel:+1', 'mailto:a@b.example']) equal(safeURL(url), url)
  deepEqual(inline('<javascript:alert(1)|x>'), [text('<javascript:alert(1)|x>')])
})

test('entities are text, and make no marks', () => {
  deepEqual(inline('&lt;!channel&gt; &amp;lt; &lt;@U1&gt;'), [text('<!channel> &lt; <@U1>')])
})

test('bare links, unless verbatim', () => {
  deepEqual(inline('see https://a.example/x?a=1&amp;b=2.'), [text('see '), { is: 'link', url: 'https://a.example/x?a=1&b=2' }, text('.')])
  deepEqual(inline('see https://a.example', true), [text('see https://a.example')])
})

test('quotes and fences', () => {
  deepEqual(parse('a\n> b\n&gt; *c*\nd'), [
    { is: 'lines', inside: [text('a')] }, { is: 'quote', inside: [text('b\n'), { is: 'bold', inside: [text('c')] }] }, { is: 'lines', inside: [text('d')] },
  ])
  deepEqual(parse('x\n```\n*a* &lt;\n```\ny'), [{ is: 'lines', inside: [text('x')] }, { is: 'fence', text: '*a* <' }, { is: 'lines', inside: [text('y')] }])
  deepEqual(parse('```open'), [{ is: 'lines', inside: [text('```open')] }])
  deepEqual(parse(''), [])
})

test('long runs of marks take no time', () => {
  const began = performance.now()
  for (const mark of ['*', '_', '<', '`', '>', '*a ', '<@']) parse(mark.repeat(4000))
  equal(performance.now() - began < 5000, true)
})

test('plain words', () => {
  equal(plain(inline('*a* <@U1> `c`'), () => '@ana'), 'a @ana c')
})
