// A channel: its head, its messages, and its composer.
import { useMemo } from 'preact/hooks'
import type { Channel as Data, Message } from './api'
import { Composer } from './composer'
import { Icon } from './icons'
import { Messages } from './messages'
import type { Threads } from './rows'
import { use } from './store'

const none: Message[] = []

export function ChannelView({ channel, highlight, thread }: { channel: Data; highlight?: string; thread?: string }) {
  const all = use((a) => a.messages[channel.id]) ?? none
  const notices = use((a) => a.notices)
  const bot = use((a) => a.server?.bot.name)
  const { top, threads } = useMemo(() => divide(all), [all])
  const here = useMemo(() => notices.filter((n) => n.channel === channel.id), [notices, channel.id])
  return (
    <>
      <header class="pane-head">
        <h1 class="pane-title">
          {channel.kind === 'private' ? <Icon name="lock" /> : channel.kind === 'public' ? <Icon name="hash" /> : null}
          <span>{channel.name.replace(/^#/, '')}</span>
        </h1>
        <Members of={channel} />
      </header>
      <Messages
        key={channel.id}
        label={`Messages in ${channel.name}`}
        channel={channel.id}
        messages={top}
        notices={here}
        threads={threads}
        highlight={thread ? undefined : highlight}
        empty={
          <div class="empty">
            <h2>{channel.name}</h2>
            <p>
              {channel.members.includes(bot ?? '') ? (
                <>Type <code>/call (415) 555-0132 Ask whether they are open on Sunday</code>, or mention @{bot}. A card comes here; nothing is dialled until somebody presses <b>Place call</b>.</>
              ) : (
                <>@{bot} is not in this channel.</>
              )}
            </p>
          </div>
        }
      />
      <Composer key={`c${channel.id}`} channel={channel.id} name={channel.name} archived={channel.archived} />
    </>
  )
}

function Members({ of }: { of: Data }) {
  return (
    <span class="members" title={of.members.join(', ')}>
      {of.members.length} members<span class="hidden">: {of.members.join(', ')}</span>
    </span>
  )
}

interface Divided { top: Message[]; threads: Threads }

/** divide parts a channel's messages into those that stand in it, and the replies in threads, by the message they reply to. */
function divide(all: Message[]): Divided {
  const top: Message[] = []
  const threads: Threads = new Map()
  for (const m of all) {
    if (!m.thread_ts || m.thread_ts === m.ts) {
      top.push(m)
      continue
    }
    if (m.ephemeral_for) continue
    threads.set(m.thread_ts, { count: (threads.get(m.thread_ts)?.count ?? 0) + 1, last: m.ts })
  }
  return { top, threads }
}
