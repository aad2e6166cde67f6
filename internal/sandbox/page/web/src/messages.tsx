// A list of messages that stays where it is: at the end if the person is there, or else at what they read.
// Of a long one the newest come first, and the rest piece by piece while the page has nothing else to do.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ComponentChildren } from 'preact'
import type { Message as Data } from './api'
import { format, wall } from './dates'
import { Icon } from './icons'
import { Message, SlackSays } from './message'
import { plainText } from './plain'
import { soon } from './soon'
import { get, markRead, use, zone, type Notice } from './store'

interface Props {
  label: string
  channel: string
  messages: Data[]
  notices: Notice[]
  /** replies to each message, in a channel */
  threads?: Map<string, { count: number; last: string }>
  highlight?: string
  inThread?: boolean
  empty: ComponentChildren
}

/** how many messages are drawn at once at first, and in each piece */
const firstPiece = 8
const piece = 4

export function Messages({ label, channel, messages, notices, threads, highlight, inThread, empty }: Props) {
  const z = use(zone)
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const [behind, setBehind] = useState(0)
  const [shown, setShown] = useState(firstPiece)
  const [current, setCurrent] = useState<string | null>(null)

  const wanted = highlight ? messages.length - messages.findIndex((m) => m.ts === highlight) : 0
  const from = Math.max(0, messages.length - Math.max(shown, wanted <= messages.length ? wanted + 4 : 0))
  useEffect(() => {
    if (from === 0) return
    return soon(() => setShown(messages.length - from + piece))
  }, [from, messages.length])

  // what the list shows, in the order of time
  const rows = useMemo(() => arrange(messages.slice(from), notices, z), [messages, notices, from, z])

  const stick = () => {
    const el = box.current
    if (!el) return
    atEnd.current = true
    el.style.overflowAnchor = 'none' // at the end the browser has nothing to hold on to
    el.scrollTop = el.scrollHeight
  }
  useLayoutEffect(() => {
    if (atEnd.current && !highlight) stick()
  })
  useEffect(() => {
    const content = box.current!.firstElementChild!
    const sized = new ResizeObserver(() => {
      if (atEnd.current) stick()
    })
    sized.observe(content)
    sized.observe(box.current!)
    return () => sized.disconnect()
  }, [])

  // a link to a message leads to it
  useLayoutEffect(() => {
    if (!highlight) return
    const el = box.current!.querySelector<HTMLElement>(`[data-ts="${CSS.escape(highlight)}"]`)
    if (!el) return
    atEnd.current = false
    box.current!.style.overflowAnchor = 'auto'
    el.scrollIntoView({ block: 'center' })
    setCurrent(highlight)
    el.focus({ preventScroll: true })
  }, [highlight, messages.some((m) => m.ts === highlight)])

  // what comes while the person reads further up is announced, and counted
  const newest = messages[messages.length - 1]
  const last = useRef(newest?.ts ?? '')
  const [spoken, speak] = useState('')
  useEffect(() => {
    const fresh = messages.filter((m) => m.ts > last.current)
    last.current = newest?.ts ?? last.current
    if (fresh.length === 0) return
    speak(`${newest!.user}: ${plainText(newest!, get()).slice(0, 200)}`)
    if (newest!.user === get().me) stick()
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
  const onTouch = () => (touched.current = Date.now())
  const onScroll = () => {
    const el = box.current
    if (!el) return // it is told a moment later, when the list may have gone
    const grew = el.scrollHeight !== height.current
    height.current = el.scrollHeight
    if (atEnd.current && grew && Date.now() - touched.current > 400) return stick()
    atEnd.current = el.scrollHeight - el.scrollTop - el.clientHeight < 40
    el.style.overflowAnchor = atEnd.current ? 'none' : 'auto'
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
      <div class="messages" ref={box} onScroll={onScroll} onWheel={onTouch} onTouchMove={onTouch} onPointerDown={onTouch} onKeyDown={onKey} tabIndex={rows.length === 0 ? 0 : -1}>
        <div class="messages-inner" role={rows.length > 0 ? 'list' : undefined} aria-label={rows.length > 0 ? label : undefined}>
          {from === 0 && !inThread && rows.length > 0 && <div class="beginning" role="presentation">This is the beginning of {label.replace(/^Messages in /, '')}.</div>}
          {rows.length === 0 && empty}
          {rows.map((row) =>
            row.is === 'day' ? (
              <div class="day" key={row.key} role="presentation"><span>{row.text}</span></div>
            ) : row.is === 'notice' ? (
              <SlackSays key={row.key} notice={row.notice} />
            ) : (
              <Message
                key={row.key}
                message={row.message}
                joined={row.joined}
                replies={threads?.get(row.key)?.count ?? 0}
                lastReply={threads?.get(row.key)?.last}
                highlighted={row.key === highlight}
                current={row.key === tabbed}
                inThread={inThread}
              />
            ),
          )}
        </div>
      </div>
      {behind > 0 && (
        <button
          type="button"
          class="new-messages"
          onClick={() => {
            setBehind(0)
            stick()
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

type Row = { is: 'day'; key: string; text: string } | { is: 'notice'; key: string; notice: Notice } | { is: 'message'; key: string; message: Data; joined: boolean }

/** messages by the same author within this time need no name again, in seconds */
const together = 300

function arrange(messages: Data[], notices: Notice[], z: string): Row[] {
  const rows: Row[] = []
  let day = ''
  let before: Data | null = null
  let n = 0
  const divide = (seconds: number) => {
    const w = wall(seconds * 1000, z)
    const d = `${w.year}-${w.month}-${w.day}`
    if (d === day) return
    day = d
    before = null
    rows.push({ is: 'day', key: d, text: format('{day_divider_pretty}', seconds, '', z) })
  }
  const tell = (until: number) => {
    for (; n < notices.length && notices[n]!.at / 1000 < until; n++) {
      divide(notices[n]!.at / 1000)
      rows.push({ is: 'notice', key: `n${notices[n]!.id}`, notice: notices[n]! })
      before = null
    }
  }
  for (const m of messages) {
    const at = Number(m.ts)
    tell(at)
    divide(at)
    const b = before as Data | null
    const joined = b !== null && b.user === m.user && b.ephemeral_for === m.ephemeral_for && at - Number(b.ts) < together && !m.ephemeral_for
    rows.push({ is: 'message', key: m.ts, message: m, joined })
    before = m
  }
  tell(Infinity)
  return rows
}
