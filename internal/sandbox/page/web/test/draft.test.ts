import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel } from '../src/api'
import { complete, usage, type Known } from '../src/draft'
import { fromSlack, href, parseRoute } from '../src/route'

const known: Known = {
  commands: [{ name: '/call', usage_hint: 'NUMBER What for', description: 'Place a call' }],
  people: [{ name: 'ana', real_name: 'Ana Flores' }, { name: 'ben', real_name: 'Ben Okafor' }],
  channels: [{ name: '#general', kind: 'public' }, { name: '#finance', kind: 'private' }, { name: '@callbot', kind: 'dm' }],
  bot: 'callbot',
}
const offers = (text: string, caret = text.length) => complete(text, caret, known)?.items.map((i) => i.insert) ?? null

test('what completes a word', () => {
  deepEqual(offers('/'), ['/call '])
  deepEqual(offers('/ca'), ['/call '])
  equal(offers('/call x'), null)
  equal(offers('hi /ca'), null)
  deepEqual(offers('hi @'), ['@ana ', '@ben ', '@callbot '])
  deepEqual(offers('(@oka'), ['@ben '])
  equal(offers('mail@an'), null)
  deepEqual(offers('in #'), ['#general ', '#finance '])
  deepEqual(offers('@a and more', 2), ['@ana '])
  equal(offers(''), null)
})

test('where the completed word stands', () => {
  deepEqual([complete('hi @an', 6, known)?.from, complete('hi @an', 6, known)?.to], [3, 6])
})

test('the hint stays until something follows the command', () => {
  equal(usage('/call ', known), 'NUMBER What for')
  equal(usage('/call 4', known), null)
  equal(usage('/other ', known), null)
})

test('places and their addresses', () => {
  const channels = [{ id: 'C1', name: '#general' }] as Channel[]
  for (const hash of ['#/C1', '#/C1/p1795572720000100', '#/C1/t1795572720000100', '#/C1/t1795572720000100/p1795572721000200', '#/home', '#/messages']) {
    equal(href(parseRoute(hash, channels)), hash)
  }
  deepEqual(parseRoute('', channels), { view: 'channel', channel: 'C1' })
  deepEqual(parseRoute('#/C1/p1795572720000100', channels), { view: 'channel', channel: 'C1', message: '1795572720.000100' })
})

test('permalinks of the workspace lead to the page', () => {
  equal(fromSlack('https://example.slack.com/archives/C1/p1795572720000100', 'example'), '#/C1/p1795572720000100')
  equal(fromSlack('https://example.slack.com/archives/C1/p1795572721000200?thread_ts=1795572720.000100&cid=C1', 'example'), '#/C1/t1795572720000100/p1795572721000200')
  equal(fromSlack('https://example.slack.com.evil.example/archives/C1', 'example'), null)
})
