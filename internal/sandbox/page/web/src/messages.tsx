// A list of messages that stays where it is: at the end if the person is there, or else at what they read.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import type { Message as Data } from './api'
import { Icon } from './icons'
import { memo } from './memo'
import { Message, SlackSays } from './message'
import { usePieces } from './pieces'
import { plainText } from './plain'
import { arrange, keep, type Group, type Row, type Threads } from './rows'
import { get, markRead, use, zone, type Notice } from './store'

interface Props {
  label: string
  channel: string
  messages: Data[]
  notices: Notice[]
  /** replies to each message, in a channel */
  threads?: Threads
  highlight?: string
  inThread?: boolean
  empty: ComponentChildren
}

export function Messages({ label, channel, messages, notices, threads, highlight, inThread, empty }: Props) {
  const z = use(zone)
  const box = useRef<HTMLDivElement>(null)
  const [behind, setBehind] = useState(0)
  const [current, setCurrent] = useState<string | null>(null)

  const { from, to, ready, show } = usePieces(messages, highlight)
  const kept = useRef<Group[]>([])
  const groups = useMemo(() => (kept.current = keep(kept.current, arrange(messages, [from, to], notices, z, threads))), [messages, notices, from, to, z, threads])

  const atEnd = useRef(true)
  /** the message that a link led to, until the person moves */
  const held = useRef<HTMLElement | null>(null)
  const stick = () => {
    atEnd.current = true
    held.current = null
    box.current!.scrollTop = box.current!.scrollHeight
  }
  const stay = () => {
    if (held.current) held.current.scrollIntoView({ block: 'center' })
    else if (atEnd.current) stick()
  }
  const follow = () => {
    if (to < messages.length) show()
    stick()
  }
  const begun = useRef(false)
  useLayoutEffect(() => {
    begun.current = ready
    if (ready) stay()
  }, [groups, ready])
  useLayoutEffect(() => {
    const sized = new ResizeObserver(stay)
    sized.observe(box.current!.firstElementChild!)
    sized.observe(box.current!)
    return () => sized.disconnect()
  }, [])

  // a link to a message leads to it
  const place = highlight ? messages.findIndex((m) => m.ts === highlight) : -1
  const reached = from <= place && place < to
  const led = useRef<string>(undefined)
  useLayoutEffect(() => {
    if (!highlight) led.current = undefined
    if (place < 0 || led.current === highlight) return
    atEnd.current = false
    if (!reached) return show(highlight)
    if (!ready) return
    led.current = highlight
    held.current = box.current!.querySelector<HTMLElement>(`[data-ts="${CSS.escape(highlight!)}"]`)!
    stay()
    setCurrent(highlight!)
    held.current.focus({ preventScroll: true })
  }, [highlight, place >= 0, reached, ready])

  // what comes while the person reads further up is announced, and counted
  const newest = messages[messages.length - 1]
  const last = useRef(newest?.ts ?? '')
  const [spoken, speak] = useState('')
  useEffect(() => {
    const fresh = messages.filter((m) => m.ts > last.current)
    last.current = newest?.ts ?? last.current
    if (fresh.length === 0) return
    speak(`${newest!.user}: ${plainText(newest!, get()).slice(0, 200)}`)
    if (newest!.user === get().me) follow()
    else if (!atEnd.current) setBehind((n) => n + fresh.length)
  }, [newest?.ts])
  const read = () => {
    if (atEnd.current && newest && !inThread && document.visibilityState === 'visible') markRead(channel, newest.ts)
  }
  useEffect(() => {
    read()
    document.addEventListener('visibilitychange', read)
    return () => document.removeEventListener('visibilitychange', read)
  }, [newest?.ts, channel])

  // the list also scrolls by itself, when what is in it becomes known to be higher than was thought
  const height = useRef(0)
  const touched = useRef(0)
  const onTouch = () => {
    touched.current = Date.now()
    held.current = null
  }
  const onScroll = () => {
    const el = box.current
    if (!el) return // it is told a moment later, when the list may have gone
    const grew = el.scrollHeight !== height.current
    height.current = el.scrollHeight
    if (atEnd.current && grew && Date.now() - touched.current > 400) return stick()
    atEnd.current = to === messages.length && el.scrollHeight - el.scrollTop - el.clientHeight < 40
    if (atEnd.current) {
      setBehind(0)
      read()
    }
  }
  const onKey = (e: KeyboardEvent) => {
    onTouch()
    const at = (e.target as HTMLElement).closest<HTMLElement>('.message')
    if (!at || e.target !== at) return
    const all = [...box.current!.querySelectorAll<HTMLElement>('.message[data-ts]')]
    const i = all.indexOf(at)
    if (e.key === 'Enter') at.querySelector<HTMLElement>('.toolbar [aria-haspopup]')?.click()
    else {
      const to = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: all.length - 1 }[e.key]
      if (to === undefined) return
      const next = all[to]
      if (next) {
        setCurrent(next.dataset.ts!)
        next.focus({ preventScroll: true })
        next.scrollIntoView({ block: 'nearest' })
      }
    }
    e.preventDefault()
  }

  const tabbed = current !== null && messages.some((m) => m.ts === current) ? current : newest?.ts
  return (
    <div class="messages-frame">
      <div class="messages" ref={box} onScroll={onScroll} onWheel={onTouch} onTouchMove={onTouch} onPointerDown={onTouch} onKeyDown={onKey} tabIndex={groups.length === 0 ? 0 : -1}>
        <div class={ready ? 'messages-inner' : 'messages-inner unready'} role={groups.length > 0 ? 'list' : undefined} aria-label={groups.length > 0 ? label : undefined}>
          {from === 0 && !inThread && groups.length > 0 && <div class="beginning" role="presentation">This is the beginning of {label.replace(/^Messages in /, '')}.</div>}
          {groups.length === 0 && empty}
          {groups.map((g) => (
            <Rows key={g.key} of={g.rows} first={!begun.current} highlight={among(g, highlight)} tabbed={among(g, tabbed)} inThread={inThread} />
          ))}
        </div>
      </div>
      {behind > 0 && (
        <button
          type="button"
          class="new-messages"
          onClick={() => {
            setBehind(0)
            follow()
            read()
          }}
        >
          {behind === 1 ? '1 new message' : `${behind} new messages`} <Icon name="down" size={14} />
        </button>
      )}
      <p class="hidden" aria-live="polite">{spoken}</p>
    </div>
  )
}

/** among is a message's ts if it stands in a group. */
const among = (g: Group, ts: string | undefined) => (g.rows.some((r) => r.key === ts) ? ts : undefined)

/** about how high a row is, in pixels, where the browser has not looked yet */
const usual = 40

const Rows = memo(function Rows({ of, first, highlight, tabbed, inThread }: { of: Row[]; first: boolean; highlight?: string; tabbed?: string; inThread?: boolean }) {
  const [near] = useState(first)
  return (
    <div class={near ? 'rows near' : 'rows'} role="presentation" style={{ containIntrinsicBlockSize: `auto ${of.length * usual}px` }}>
      {of.map((row) =>
        row.is === 'day' ? (
          <div class="day" key={row.key} role="presentation"><span>{row.text}</span></div>
        ) : row.is === 'notice' ? (
          <SlackSays key={row.key} notice={row.notice} />
        ) : (
          <Message
            key={row.key}
            message={row.message}
            joined={row.joined}
            replies={row.replies}
            lastReply={row.lastReply}
            highlighted={row.key === highlight}
            current={row.key === tabbed}
            inThread={inThread}
          />
        ),
      )}
    </div>
  )
})
