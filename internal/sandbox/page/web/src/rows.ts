// What a list of messages shows, in the order of time: days, messages, and what Slack says between them.
// The rows stand in groups, each of which the browser passes over as long as it is out of sight.
import type { Message } from './api'
import { format, wall } from './dates'
import type { Notice } from './store'

export type Row =
  | { is: 'day'; key: string; text: string }
  | { is: 'notice'; key: string; notice: Notice }
  | { is: 'message'; key: string; message: Message; joined: boolean; replies: number; lastReply?: string }

export interface Group { key: string; rows: Row[] }

/** replies to messages: how many, and when the last came */
export type Threads = Map<string, { count: number; last: string }>

/** messages by the same author within this time need no name again, in seconds */
const together = 300

/** a quarter of an hour, in seconds: no zone has midnight within one */
const quarter = 900

/** arrange puts those messages of a list that are in a span, and notices, each in the order of time, under the days of a zone. */
export function arrange(all: Message[], [from, to]: [number, number], notices: Notice[], zone: string, threads?: Threads): Group[] {
  const groups: Group[] = []
  let rows: Row[] = []
  let day = ''
  let looked = NaN
  let before: Message | null = null
  let n = 0
  const begin = (key: string) => groups.push({ key, rows: (rows = []) })
  const turns = (seconds: number): boolean => {
    const q = Math.floor(seconds / quarter)
    if (q === looked) return false
    looked = q
    const w = wall(seconds * 1000, zone)
    const d = `${w.year}-${w.month}-${w.day}`
    if (d === day) return false
    day = d
    return true
  }
  const divide = (seconds: number) => {
    if (!turns(seconds)) return
    before = null
    rows.push({ is: 'day', key: day, text: format('{day_divider_pretty}', seconds, '', zone) })
  }
  const tell = (until: number) => {
    for (; n < notices.length && notices[n]!.at / 1000 < until; n++) {
      if (groups.length === 0) begin('')
      divide(notices[n]!.at / 1000)
      rows.push({ is: 'notice', key: `n${notices[n]!.id}`, notice: notices[n]! })
      before = null
    }
  }
  if (from > 0) {
    // drawn as they will be once what is before them is
    before = all[from - 1]!
    turns(Number(before.ts))
    n = notices.findIndex((notice) => notice.at / 1000 >= Number(all[from]?.ts))
    if (n < 0) n = notices.length
  }
  const keys = divisions(all)
  for (let i = from; i < to; i++) {
    const m = all[i]!
    const at = Number(m.ts)
    if (groups.length === 0 || groups[groups.length - 1]!.key !== keys[i]) begin(keys[i]!)
    tell(at)
    divide(at)
    const b = before as Message | null
    const joined = b !== null && b.user === m.user && b.ephemeral_for === m.ephemeral_for && at - Number(b.ts) < together && !m.ephemeral_for
    const thread = threads?.get(m.ts)
    rows.push({ is: 'message', key: m.ts, message: m, joined, replies: thread?.count ?? 0, lastReply: thread?.last })
    before = m
  }
  if (to === all.length) tell(Infinity)
  return groups
}

/** how many messages are in a group, about and at most */
const usual = 16
const most = 24

/**
 * divisions names the group of each message after the one that begins it. Which ones begin a group follows
 * from themselves, so that they still do when others before them are drawn or deleted.
 */
function divisions(all: Message[]): string[] {
  let key = ''
  let n = 0
  return all.map(({ ts }) => {
    if (n === most || hash(ts) % usual === 0) {
      key = ts
      n = 0
    }
    n++
    return key
  })
}

/** hash is FNV-1a, with its high bits in the low ones too. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h ^ (h >>> 15)) >>> 0
}

/** keep returns the groups with those from before in place of those that are the same, so that these are not drawn again. */
export function keep(before: Group[], now: Group[]): Group[] {
  const old = new Map(before.map((g) => [g.key, g]))
  return now.map((g) => {
    const was = old.get(g.key)
    return was?.rows.length === g.rows.length && g.rows.every((r, i) => same(r, was.rows[i]!)) ? was : g
  })
}

function same(a: Row, b: Row): boolean {
  const one = a as unknown as Record<string, unknown>
  const other = b as unknown as Record<string, unknown>
  return Object.keys(one).every((k) => one[k] === other[k])
}
