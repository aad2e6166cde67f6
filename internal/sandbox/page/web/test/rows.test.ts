import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../src/api'
import { arrange, keep, type Group } from '../src/rows'

const zone = 'America/Los_Angeles'
const say = (i: number, seconds: number, user = 'ana'): Message => ({
  ts: `${seconds}.${String(i).padStart(6, '0')}`, channel_id: 'C1', user, by_app: false, text: `${i}`, at: '', version: 1, edited: false,
})
const start = Date.parse('2026-11-25T20:00:00Z') / 1000
const long = Array.from({ length: 200 }, (_, i) => say(i, start + i, i % 3 === 0 ? 'ana' : 'ben'))
const keys = (groups: Group[]) => groups.flatMap((g) => g.rows.filter((r) => r.is === 'message').map((r) => r.key))

test('days begin at midnight of the person, and a name stands once in a row', () => {
  const all = [say(0, start), say(1, start + 10), say(2, start + 20, 'ben'), say(3, start + 12 * 3600), say(4, start + 12 * 3600 + 400)]
  const rows = arrange(all, [0, 5], [], zone).flatMap((g) => g.rows)
  deepEqual(rows.map((r) => (r.is === 'message' ? [r.message.text, r.joined] : r.is)), ['day', ['0', false], ['1', true], ['2', false], 'day', ['3', false], ['4', false]])
})

test('what is drawn of a list stands as it does in all of it', () => {
  const all = arrange(long, [0, 200], [], zone).flatMap((g) => g.rows)
  deepEqual(arrange(long, [50, 120], [{ id: 1, channel: 'C1', text: '', at: 0 }], zone).flatMap((g) => g.rows), all.slice(51, 121))
})

test('notices stand where they came', () => {
  const at = (seconds: number, id: number) => ({ id, channel: 'C1', text: '', at: seconds * 1000 })
  const rows = arrange([say(0, start), say(1, start + 10)], [0, 2], [at(start + 5, 1), at(start + 15, 2)], zone).flatMap((g) => g.rows)
  deepEqual(rows.map((r) => r.is), ['day', 'message', 'notice', 'message', 'notice'])
  deepEqual(arrange([], [0, 0], [at(start, 1)], zone).flatMap((g) => g.rows).map((r) => r.is), ['day', 'notice'])
})

test('groups are not long, and hold all that is drawn', () => {
  const groups = arrange(long, [0, 200], [], zone)
  deepEqual(keys(groups), long.map((m) => m.ts))
  equal(new Set(groups.map((g) => g.key)).size, groups.length)
  equal(groups.length > 8 && groups.every((g) => g.rows.length <= 25), true, `${groups.map((g) => g.rows.length)}`)
})

test('a message stays in its group when others are drawn, come or go', () => {
  const group = (all: Message[], from: number) => new Map(arrange(all, [from, all.length], [], zone).flatMap((g) => g.rows.map((r) => [r.key, g.key])))
  const before = group(long, 0)
  for (const after of [group(long, 77), group([...long, say(200, start + 200)], 0)]) {
    for (const [key, g] of after) if (before.has(key) && key.includes('.')) equal(g, before.get(key))
  }
  const without = group(long.filter((_, i) => i !== 20), 0)
  equal([...without].filter(([key, g]) => before.get(key) !== g).length < 50, true)
})

test('groups in which nothing is new are the same ones', () => {
  const before = arrange(long, [0, 200], [], zone)
  const after = keep(before, arrange([...long, say(200, start + 200)], [0, 201], [], zone))
  deepEqual(after.slice(0, before.length - 1).every((g, i) => g === before[i]), true)
  equal(after.at(-1) === before.at(-1), false)
  const answered = keep(before, arrange(long, [0, 200], [], zone, new Map([[long[100]!.ts, { count: 1, last: '1' }]])))
  equal(answered.filter((g, i) => g !== before[i]).length, 1)
})
