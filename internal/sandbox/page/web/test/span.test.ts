import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { around, grow, within } from '../src/span'

const all = Array.from({ length: 20 }, (_, i) => ({ ts: `1700000000.${String(i).padStart(6, '0')}` }))

test('a span begins at the end, or about a message', () => {
  deepEqual(within(all, around(all, 5)), [15, 20])
  deepEqual(within(all, around(all, 5, all[10]!.ts)), [8, 13])
  deepEqual(within(all, around(all, 5, all[0]!.ts)), [0, 3])
  deepEqual(within(all, around(all, 5, 'gone')), [15, 20])
  deepEqual(within([], around([], 5)), [0, 0])
})

test('a span grows at both ends until it is all', () => {
  for (const about of [undefined, all[0]!.ts, all[1]!.ts, all[10]!.ts, all[19]!.ts]) {
    let span = around(all, 3, about)
    for (let n = 0; n < 20; n++) {
      const [from, to] = within(all, span)
      if (to - from === all.length) break
      span = grow(all, span, 3)
      const [f, t] = within(all, span)
      equal(t - f, Math.min(to - from + 3, all.length), `from ${from}–${to} to ${f}–${t}`)
      equal(f <= from && to <= t, true)
    }
    deepEqual(span, { from: '', to: null })
  }
})

test('a span at the end takes what comes, and one further up does not', () => {
  const more = [...all, { ts: '1700000001.000000' }]
  deepEqual(within(more, around(all, 5)), [15, 21])
  deepEqual(within(more, around(all, 5, all[10]!.ts)), [8, 13])
  // nor does it lose its place when its own messages go
  deepEqual(within(all.slice(9), around(all, 5, all[10]!.ts)), [0, 4])
})
