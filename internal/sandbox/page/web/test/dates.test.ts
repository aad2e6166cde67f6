import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { clock, format, moment, wall } from '../src/dates'

const zone = 'America/Los_Angeles'
const now = Date.UTC(2026, 10, 25, 20, 0) // 12:00 PM there, on a Wednesday
const at = (iso: string) => Date.parse(iso) / 1000

test('Slack’s formats, by the clock of the person', () => {
  const seconds = at('2026-11-26T02:12:05Z')
  const shown = (pattern: string) => format(pattern, seconds, 'fallback', zone, now)
  equal(shown('{time}'), '6:12 PM')
  equal(shown('{time_secs}'), '6:12:05 PM')
  equal(shown('{date_num}'), '2026-11-25')
  equal(shown('{date_slash}'), '11/25/2026')
  equal(shown('{date}'), 'November 25')
  equal(shown('{date_short} at {time}'), 'Nov 25 at 6:12 PM')
  equal(shown('{date_long}'), 'Wednesday, November 25, 2026')
  equal(shown('{date_short_pretty} at {time}'), 'Today at 6:12 PM')
  equal(shown('by {date_pretty}'), 'by today')
  equal(shown('{ago}'), 'In 6 hours')
})

test('another year, the days around, and what is no date', () => {
  equal(format('{date_short}', at('2025-01-02T20:00:00Z'), '', zone, now), 'Jan 2, 2025')
  equal(format('{date_pretty}', at('2026-11-25T06:00:00Z'), '', zone, now), 'Yesterday')
  equal(format('{date_pretty}', at('2026-11-26T20:00:00Z'), '', zone, now), 'Tomorrow')
  equal(format('{nonsense}', at('2026-11-26T20:00:00Z'), 'soon', zone, now), 'soon')
  equal(format('{time}', Number.NaN, 'soon', zone, now), 'soon')
  equal(format('{time}', at('2026-11-26T20:00:00Z'), '', 'Nowhere/Town', now).endsWith('M'), true)
})

test('a moment and its wall clock lead to each other, also where clocks change', () => {
  for (const iso of ['2026-03-08T09:59:00Z', '2026-03-08T10:00:00Z', '2026-11-01T08:30:00Z', '2026-11-01T10:30:00Z', '2026-07-01T00:00:00Z']) {
    equal(moment(wall(Date.parse(iso), zone), zone), Date.parse(iso), iso)
  }
  // 1:30 comes twice when clocks go back: the first is meant
  equal(moment({ year: 2026, month: 11, day: 1, hour: 1, minute: 30 }, zone), Date.parse('2026-11-01T08:30:00Z'))
  // 2:30 does not come when they go forward: what is shown an hour later is meant
  deepEqual(wall(moment({ year: 2026, month: 3, day: 8, hour: 2, minute: 30 }, zone), zone).hour, 3)
})

test('lengths', () => {
  deepEqual([0, 5, 65.4, 3600, -1].map(clock), ['0:00', '0:05', '1:05', '60:00', '0:00'])
})
