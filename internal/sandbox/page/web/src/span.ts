// Which messages of a long list are drawn: a span about one of them, or at the end, that grows until it is all of them.
import type { Message } from './api'

export interface Span {
  /** ts of the oldest that is drawn; "": from the beginning */
  from: string
  /** ts of the newest; null: to the end, with what comes there */
  to: string | null
}

type Timed = Pick<Message, 'ts'>

/** around is a span of n messages about one, or the last n if that is not in the list. */
export function around(all: Timed[], n: number, ts?: string): Span {
  const at = ts === undefined ? -1 : all.findIndex((m) => m.ts === ts)
  if (at < 0) return between(all, all.length - n, all.length)
  const from = at - Math.floor(n / 2)
  return between(all, from, from + n)
}

/** within is where a span begins in the list, and before which index it ends. */
export function within(all: Timed[], span: Span): [from: number, to: number] {
  const { from, to } = span
  const first = all.findIndex((m) => m.ts >= from)
  return [first < 0 ? all.length : first, to === null ? all.length : all.findLastIndex((m) => m.ts <= to) + 1]
}

/** grow makes a span longer by n messages, at both ends as long as there are more. */
export function grow(all: Timed[], span: Span, n: number): Span {
  const [from, to] = within(all, span)
  const newer = Math.min(all.length - to, Math.max(Math.ceil(n / 2), n - from))
  return between(all, from - (n - newer), to + newer)
}

function between(all: Timed[], from: number, to: number): Span {
  return { from: from > 0 ? all[from]!.ts : '', to: to < all.length ? all[to - 1]!.ts : null }
}
