// Where the focus goes when what has it is gone.
import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

/** giveBack puts the focus where it was, or on the first thing that is there of some, unless something has it. */
export function giveBack(before: Element | null, ...others: string[]): void {
  // what takes the place of what is gone is drawn first
  setTimeout(() => {
    if (document.activeElement !== null && document.activeElement !== document.body) return
    const all = [before, ...others.map((o) => document.querySelector(o))]
    const to = all.find((e): e is HTMLElement => e instanceof HTMLElement && e !== document.body && e.isConnected && e.checkVisibility())
    to?.focus({ preventScroll: true })
  })
}

/** where a pane beside the conversation gives the focus to if what led to it is gone */
const beside = ['.side .pane-head button', 'main .message[tabindex="0"]', 'main textarea']

/** usePaneFocus gives the focus back when a pane closes, and first to something in it, if that is said. */
export function usePaneFocus(first?: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const before = document.activeElement
    first?.current?.focus()
    return () => giveBack(before, ...beside)
  }, [])
}
