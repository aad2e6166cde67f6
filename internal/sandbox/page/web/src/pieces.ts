// Draws a long list of messages piece by piece: first what fills the window, unseen until it does, and then
// the rest while the page has nothing else to do. No piece takes longer than a breath, on a slow machine either.
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Message } from './api'
import { inTurn, soon } from './soon'
import { around, grow, within } from './span'

/** how long the page may be busy with drawing messages before it looks up again, in ms */
const breath = 6

/** how many messages can be drawn in one breath, as far as is known, and how many at most */
let pace = 2
const most = 40

function learn(drawn: number, took: number): void {
  pace = Math.max(2, Math.min(Math.round((drawn * breath) / took), 2 * pace, most))
}

/** the least that a message is high, in pixels */
const lowest = 28

export interface Pieces {
  /** where what is drawn begins in the list, and before which index it ends */
  from: number
  to: number
  /** there is enough of it to be seen */
  ready: boolean
  /** begins anew, about one message or at the end */
  show: (ts?: string) => void
}

/** usePieces says which messages are drawn by now; a component that uses it draws them. */
export function usePieces(messages: Message[], about?: string): Pieces {
  const began = performance.now()
  const [span, setSpan] = useState(() => around(messages, pace, about))
  const [from, to] = within(messages, span)
  const complete = from === 0 && to === messages.length
  const full = complete || to - from >= window.innerHeight / lowest
  const [ready, setReady] = useState(full)
  const drawn = useRef(0)
  useLayoutEffect(() => {
    const more = to - from - drawn.current
    drawn.current = to - from
    if (more > 1) learn(more, performance.now() - began)
  }, [from, to])
  useLayoutEffect(() => {
    const further = () => setSpan(grow(messages, span, pace))
    if (!full) return inTurn(further)
    if (!ready) return inTurn(() => setReady(true))
    if (!complete) return soon(further)
  }, [span, messages, full, ready, complete])
  const show = (ts?: string) => {
    setSpan(around(messages, pace, ts))
    setReady(false)
  }
  return { from, to, ready, show }
}
