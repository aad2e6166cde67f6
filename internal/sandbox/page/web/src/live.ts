// Follows what happens: one stream of events, opened anew where it broke off.
import type { Happening } from './api'
import { prepareDates } from './dates'
import { recallRead } from './read'
import { fetchState, reason } from './server'
import { inTurn, turn } from './soon'
import { apply, get, load, set } from './store'
import { recallTheme } from './theme'

let source: EventSource | null = null
let seen = 0
let wait = 0

/** start follows what happens to a person, and has ready what drawing it takes while the answer is on its way. */
export function start(as: string): void {
  void follow(as)
  rest(as)
  inTurn(prepareDates)
}

/** follow fetches what the person sees and keeps it up to date, for as long as the page is open. */
async function follow(as: string): Promise<void> {
  try {
    const [state] = await Promise.all([fetchState(as), get().server ?? recall()])
    seen = state.seq
    await turn() // the state may be long: it was read in one turn, and is drawn in the next
    waiting = [] // the state has it all
    load(state)
    wait = 0
  } catch (e) {
    if (get().server === null) set({ failure: reason(e) })
    again(as)
    return
  }
  listen(as)
}

/** recall gets ready what the browser has kept of earlier visits, if it finds that soon. */
const recall = () => Promise.race([Promise.all([recallRead(), recallTheme()]), new Promise((give) => setTimeout(give, 1000))])

/** what has happened that is not shown yet */
let waiting: Happening[] = []

/** how many things are shown at once: a stream may bring hundreds in one piece, and to show them takes a while */
const atOnce = 3

function take(h: Happening): void {
  waiting.push(h)
  if (waiting.length === 1) inTurn(showSome)
}

function showSome(): void {
  for (const h of waiting.splice(0, atOnce)) apply(h)
  if (waiting.length > 0) inTurn(showSome)
}

function listen(as: string): void {
  source?.close()
  const s = new EventSource(`/api/events?${new URLSearchParams({ as, since: String(seen) })}`)
  source = s
  s.onopen = () => {
    wait = 0
    set({ connected: true })
  }
  s.onmessage = (e: MessageEvent<string>) => {
    const h = JSON.parse(e.data) as Happening
    if (e.lastEventId !== '') seen = Math.max(seen, Number(e.lastEventId) || 0)
    if (h.kind === 'reload') {
      s.close()
      void follow(as)
      return
    }
    take(h)
  }
  s.onerror = () => {
    s.close()
    if (source !== s) return
    set({ connected: false })
    again(as)
  }
}

/** how long a page that nobody looks at goes on listening: a browser opens few connections to one server for all of its tabs */
const patience = 60_000
let leaving = 0

/** rest stops following while the page is hidden, and takes it up when it is seen again. */
function rest(as: string): void {
  document.addEventListener('visibilitychange', () => {
    clearTimeout(leaving)
    if (document.visibilityState === 'hidden') {
      leaving = window.setTimeout(() => {
        source?.close()
        source = null
        set({ connected: false })
      }, patience)
    } else if (source === null && get().server !== null) void follow(as)
  })
}

/** again begins anew, with all that is to be seen: the sandbox may have been started again meanwhile. */
function again(as: string): void {
  wait = Math.min(wait === 0 ? 250 : wait * 2, 4000)
  setTimeout(() => void follow(as), wait)
}
