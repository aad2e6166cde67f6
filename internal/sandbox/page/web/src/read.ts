// Up to where each person has read each channel, kept by the browser: Slack's unread marks.
import { get, update } from 'idb-keyval'
import type { Message } from './api'

/** the ts of the last message seen, by channel */
export type Read = Record<string, string>

const key = 'read'

/** what each person has read in each workspace, as it was when the page was opened */
let kept: Record<string, Read> = {}

const name = (team: string, person: string) => `${team} ${person}`

/** recallRead gets ready what the browser has kept. It looks on its disk for that, and the page does not wait meanwhile. */
export async function recallRead(): Promise<void> {
  kept = (await get<Record<string, Read>>(key).catch(() => undefined)) ?? {}
}

/** unread is what a person has read in a workspace; each run of the sandbox is a new one. */
export const unread = (team: string, person: string): Read => kept[name(team, person)] ?? {}

export function markRead(team: string, person: string, read: Read): void {
  const others = (all: Record<string, Read> = {}) => Object.entries(all).filter(([k]) => k.startsWith(name(team, '')))
  update<Record<string, Read>>(key, (all) => ({ ...Object.fromEntries(others(all)), [name(team, person)]: read }))
    .catch(() => {}) // a browser that keeps nothing only forgets the marks
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
