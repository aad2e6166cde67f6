// Up to where each person has read each channel, kept by the browser: Slack's unread marks.
import type { Message } from './api'

/** the ts of the last message seen, by channel */
export type Read = Record<string, string>

const key = 'callbot.read'

function all(): Record<string, Read> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, Read>
  } catch {
    return {}
  }
}

/** unread is what a person has read in a workspace; each run of the sandbox is a new one. */
export function unread(team: string, person: string): Read {
  return all()[`${team} ${person}`] ?? {}
}

export function markRead(team: string, person: string, read: Read): void {
  const kept = Object.entries(all()).filter(([k]) => k.startsWith(team + ' '))
  try {
    localStorage.setItem(key, JSON.stringify({ ...Object.fromEntries(kept), [`${team} ${person}`]: read }))
  } catch {
    // a browser that keeps nothing only forgets the marks
  }
}

/** count is how many messages of a channel a person has not seen. */
export function count(messages: Message[], read: string | undefined, me: string): number {
  let n = 0
  for (let i = messages.length - 1; i >= 0 && messages[i]!.ts > (read ?? ''); i--) {
    const m = messages[i]!
    if (m.user !== me && !m.thread_ts) n++
  }
  return n
}
