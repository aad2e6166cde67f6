// The side pane with a thread: the message it hangs on, its replies, and a composer.
import { useMemo } from 'preact/hooks'
import type { Channel, Message } from './api'
import { Composer } from './composer'
import { usePaneFocus } from './focus'
import { Icon } from './icons'
import { Messages } from './messages'
import { go } from './route'
import { use } from './store'

const none: Message[] = []

export function ThreadPane({ channel, thread, highlight }: { channel: Channel; thread: string; highlight?: string }) {
  const all = use((a) => a.messages[channel.id]) ?? none
  const messages = useMemo(() => all.filter((m) => m.ts === thread || m.thread_ts === thread), [all, thread])
  usePaneFocus()
  const close = () => go({ view: 'channel', channel: channel.id })
  return (
    <aside class="pane side" aria-label="Thread" onKeyDown={(e) => e.key === 'Escape' && close()}>
      <header class="pane-head">
        <h2 class="pane-title">
          <span>Thread</span>
          <small>{channel.name}</small>
        </h2>
        <button type="button" class="plain-button" aria-label="Close thread" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <Messages
        key={thread}
        label="Messages in the thread"
        channel={channel.id}
        messages={messages}
        notices={[]}
        inThread
        highlight={highlight}
        empty={<div class="empty"><p>This message is not here any more.</p></div>}
      />
      {messages.length > 0 && <Composer key={`t${thread}`} channel={channel.id} name={channel.name} thread={thread} archived={channel.archived} />}
    </aside>
  )
}
