// One message: who wrote it and when, its blocks or text, its files, its thread, and what can be done with it.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Message as Data } from './api'
import { Avatar } from './avatar'
import { Blocks } from './blockkit/blocks'
import { Where, type Surface } from './blockkit/surface'
import { format, full } from './dates'
import { Files } from './files'
import { Icon } from './icons'
import { memo } from './memo'
import { actionsOn } from './messageactions'
import { Menu } from './popup'
import { go, href } from './route'
import { get, zone, type Notice } from './store'
import { Mrkdwn } from './text'

interface Props {
  message: Data
  /** how many replies its thread has, and when the last came */
  replies: number
  lastReply?: string
  /** follows another by the same author at once */
  joined: boolean
  highlighted: boolean
  inThread?: boolean
  /** the one message of the list that the Tab key reaches */
  current: boolean
}

export const Message = memo(function Message({ message: m, replies, lastReply, joined, highlighted, inThread, current }: Props) {
  const ref = useRef<HTMLDivElement>(null)
  const z = zone(get())
  const author = get().server?.people.find((p) => p.name === m.user)
  const ms = Number(m.ts) * 1000
  const surface = useMemo<Surface>(() => ({ place: { channel: m.channel_id, ts: m.ts }, state: m.state }), [m])
  // of all the messages of a channel, few are ever pointed at
  const [near, setNear] = useState(false)
  const kept = useKeptFocus(ref, m.version)
  const time = format('{time}', ms / 1000, '', z)
  return (
    <div
      ref={ref}
      class={`message${joined ? ' joined' : ''}${highlighted ? ' highlighted' : ''}${m.ephemeral_for ? ' ephemeral' : ''}`}
      role="listitem"
      aria-label={`${m.user}, ${time}`}
      tabIndex={current ? 0 : -1}
      data-ts={m.ts}
      data-channel={m.channel_id}
      data-version={m.version}
      onPointerEnter={() => setNear(true)}
      onFocusIn={() => {
        setNear(true)
        kept.current = true
      }}
      onFocusOut={(e) => {
        // a button that is removed has nowhere for the focus to go
        if (e.relatedTarget !== null) kept.current = false
      }}
    >
      <div class="gutter">
        {joined ? (
          <time class="side-time" dateTime={new Date(ms).toISOString()} title={full(ms, z)}>{time.replace(/ [AP]M$/, '')}</time>
        ) : (
          <Avatar name={author?.real_name ?? m.user} app={m.by_app} />
        )}
      </div>
      <div class="message-main">
        {m.ephemeral_for && (
          <p class="only-you">
            <Icon name="eye" size={14} /> Only visible to you
          </p>
        )}
        {!joined && (
          <p class="by">
            <b class="author" title={author?.real_name}>{m.by_app ? m.user : (author?.real_name ?? m.user)}</b>
            {m.by_app && <span class="badge">APP</span>}
            <a class="time" href={href({ view: 'channel', channel: m.channel_id, message: m.ts, thread: m.thread_ts })} title={full(ms, z)}>
              <time dateTime={new Date(ms).toISOString()}>{time}</time>
            </a>
          </p>
        )}
        <div class="content">
          {m.blocks && m.blocks.length > 0 ? <Where.Provider value={surface}><Blocks of={m.blocks} /></Where.Provider> : <Mrkdwn text={m.text} />}
          {m.edited && <span class="edited" title={full(Date.parse(m.at), z)}>(edited)</span>}
        </div>
        {m.files && m.files.length > 0 && <Files of={m.files} />}
        {replies > 0 && !inThread && (
          <button type="button" class="replies" onClick={() => go({ view: 'channel', channel: m.channel_id, thread: m.ts })}>
            <b>{replies === 1 ? '1 reply' : `${replies} replies`}</b>
            {lastReply && <span>Last at {format('{time}', Number(lastReply), '', z)}</span>}
          </button>
        )}
      </div>
      {(near || current) && <Toolbar of={m} inThread={inThread} />}
    </div>
  )
})

function Toolbar({ of: m, inThread }: { of: Data; inThread?: boolean }) {
  return (
    <div class="toolbar" role="group" aria-label="Message">
      {!inThread && !m.ephemeral_for && (
        <button type="button" tabIndex={-1} aria-label="Reply in thread" title="Reply in thread" onClick={() => go({ view: 'channel', channel: m.channel_id, thread: m.ts })}>
          <Icon name="thread" />
        </button>
      )}
      <Menu label="Message actions" end tabIndex={-1} items={() => actionsOn(m, get())}>
        <Icon name="more" />
      </Menu>
    </div>
  )
}

/** useKeptFocus keeps the focus on a message whose focused button went away when it was updated, if it is told that the message has it. */
function useKeptFocus(ref: { current: HTMLElement | null }, version: number): { current: boolean } {
  const has = useRef(false)
  useLayoutEffect(() => {
    if (has.current && document.activeElement === document.body) ref.current!.focus({ preventScroll: true })
  }, [version])
  return has
}

/** SlackSays is a line from Slack itself, that the person alone sees. */
export function SlackSays({ notice }: { notice: Notice }) {
  return (
    <div class="message ephemeral slackbot" role="listitem" data-notice={notice.id}>
      <div class="gutter">
        <span class="avatar s36 system" aria-hidden="true">!</span>
      </div>
      <div class="message-main">
        <p class="only-you">
          <Icon name="eye" size={14} /> Only visible to you
        </p>
        <p class="by">
          <b class="author">Slack</b>
        </p>
        <div class="content">{notice.text}</div>
      </div>
    </div>
  )
}
