// What can be done with a message: the app's shortcuts, and what Slack itself offers.
import type { Message } from './api'
import type { Item } from './popup'
import { go, href } from './route'
import { attempt, copy } from './server'
import { set, type App } from './store'

export function actionsOn(m: Message, a: App): Item[] {
  const at = { channel: m.channel_id, ts: m.ts }
  const admin = a.server?.people.find((p) => p.name === a.me)?.admin ?? false
  const items: Item[] = []
  if (!m.ephemeral_for) {
    for (const s of a.server?.shortcuts ?? []) {
      if (s.type === 'message') items.push({ label: s.name, detail: s.description, run: () => void attempt('shortcut', { callback_id: s.callback_id, message: at }) })
    }
    items.push(
      { label: 'Open thread', run: () => go({ view: 'channel', channel: m.channel_id, thread: m.thread_ts ?? m.ts }) },
      { label: 'Copy link', run: () => void copy(new URL(href({ view: 'channel', channel: m.channel_id, thread: m.thread_ts, message: m.ts }), location.href).href, 'Link') },
    )
  }
  items.push({ label: 'Inspect', detail: 'Its Block Kit, and what went over the wire for it', run: () => set({ inspected: at }) })
  if (m.user === a.me || (admin && !m.ephemeral_for)) {
    items.push({ label: 'Delete message', danger: true, run: () => void attempt('delete', at) })
  }
  return items
}
