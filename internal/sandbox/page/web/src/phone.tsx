// The telephone's panel: the calls at the other end of the line, how fast they go, and what they cost in requests.
import { useLayoutEffect, useState } from 'preact/hooks'
import { answerSwitch, Call, over } from './call'
import { Chart } from './chart'
import { Faults } from './faults'
import { giveBack } from './focus'
import { Icon } from './icons'
import { attempt } from './server'
import { Turn } from './soon'
import { get, propose, set, toast, use } from './store'

export function PhonePanel() {
  const phone = use((a) => a.phone)
  useLayoutEffect(() => () => giveBack(null, '.phone-toggle'), [])
  if (!phone) return null
  const live = phone.calls.filter((c) => !over(c))
  const ended = phone.calls.filter(over)
  const close = () => set({ phoneOpen: false })
  return (
    <aside class="pane phone" aria-label="Phone" onKeyDown={(e) => e.key === 'Escape' && close()}>
      <header class="pane-head">
        <h2 class="pane-title"><Icon name="phone" /> <span>Phone</span></h2>
        <button type="button" class="plain-button" aria-label="Close the phone panel" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div class="phone-body" tabIndex={0} role="region" aria-label="Calls and switches">
        <section aria-label="Calls">
          <label class="switch">
            <input type="checkbox" role="switch" checked={phone.manual} onChange={(e) => void attempt('phone', { do: 'manual', on: e.currentTarget.checked })} />
            <span>{answerSwitch}</span>
          </label>
          {live.map((c) => <Call key={c.id} call={c} />)}
          {live.length === 0 && <p class="quiet">No call is under way.{ended.length === 0 && ' Approve one, and listen in here.'}</p>}
          {ended.length > 0 && (
            <details class="ended" open={live.length === 0}>
              <summary>Ended ({ended.length})</summary>
              {ended.map((c) => <Call key={c.id} call={c} />)}
            </details>
          )}
        </section>
        <Turn>
          <section aria-labelledby="requests">
            <h3 id="requests">Requests in the last {Math.round(phone.traffic.window_ms / 100) / 10} s</h3>
            <Chart traffic={phone.traffic} />
          </section>
          <Speed speed={phone.speed} credits={phone.credits} />
          <Magic />
        </Turn>
        <Turn>
          <Faults phone={phone} />
        </Turn>
      </div>
    </aside>
  )
}

const speeds = [1, 3, 10, 30, 100]

function Speed({ speed, credits }: { speed: number; credits: number }) {
  const [left, setLeft] = useState<string | null>(null)
  const known = speeds.includes(speed) ? speeds : [...speeds, speed].sort((a, b) => a - b)
  return (
    <section aria-label="Speed and credits" class="settings">
      <label>
        Speed
        <select class="field" value={String(speed)} onChange={(e) => void attempt('speed', { speed: Number(e.currentTarget.value) })}>
          {known.map((s) => <option key={s} value={String(s)}>{s === 1 ? 'as in life' : `${s} times`}</option>)}
        </select>
      </label>
      <label>
        Credits
        <input
          class="field"
          type="number"
          min="0"
          max="100000"
          value={left ?? String(credits)}
          onInput={(e) => setLeft(e.currentTarget.value)}
          onBlur={() => setLeft(null)}
          onChange={(e) => {
            const n = Number.parseInt(e.currentTarget.value, 10)
            if (n >= 0) void attempt('phone', { do: 'credits', credits: n })
          }}
        />
      </label>
      <p class="quiet">A change of speed starts the bot again, since its waits scale too.</p>
    </section>
  )
}

/** what is asked for in the examples */
const objective = 'Book a table for 2 tonight at 7pm under Sarah'

function Magic() {
  const magic = use((a) => a.phone?.magic) ?? []
  const put = (display: string) => {
    const a = get()
    const current = a.route.view === 'channel' ? a.channels.find((c) => c.id === (a.route as { channel: string }).channel) : undefined
    const channel = current ?? a.channels.find((c) => c.name === '#general') ?? a.channels[0]
    if (!channel) return toast('There is no channel to type it in.')
    if (a.route.view !== 'channel' || ('thread' in a.route && a.route.thread)) location.hash = `#/${channel.id}`
    const command = a.server?.commands[0]?.name ?? '/call'
    // the composer of the channel may only now be drawn
    requestAnimationFrame(() => propose(channel.id, `${command} ${display} ${objective}`))
    if (window.matchMedia('(max-width: 1099px)').matches) set({ phoneOpen: false })
  }
  return (
    <section aria-labelledby="magic">
      <details>
        <summary id="magic">Numbers that play a story ({magic.length})</summary>
        <ul class="magic">
          {magic.map((m) => (
            <li key={m.number}>
              <button type="button" class="magic-number" data-number={m.number} onClick={() => put(m.display)}>
                <b>{m.display}</b> <span>{m.name}</span>
                <small>{m.description}</small>
              </button>
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}
