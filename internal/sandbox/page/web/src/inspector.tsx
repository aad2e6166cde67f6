// The inspector: a message's Block Kit in each of its versions, and what went over the wire for it.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Inspection } from './api'
import { usePaneFocus } from './focus'
import { Icon } from './icons'
import { copy, inspect, reason } from './server'
import { set, use, zone } from './store'
import { format } from './dates'

const json = (v: unknown) => JSON.stringify(v, null, 2)

type Tab = 'blocks' | 'calls' | 'envelopes'

export function Inspector({ channel, ts }: { channel: string; ts: string }) {
  const version = use((a) => a.messages[channel]?.find((m) => m.ts === ts)?.version)
  const [of, setOf] = useState<Inspection | string | null>(null)
  const [tab, setTab] = useState<Tab>('blocks')
  const button = useRef<HTMLButtonElement>(null)
  usePaneFocus(button)
  useEffect(() => {
    let stale = false
    inspect(channel, ts).then(
      (i) => stale || setOf(i),
      (e: unknown) => stale || setOf(reason(e)),
    )
    return () => {
      stale = true
    }
  }, [channel, ts, version])
  const close = () => set({ inspected: null })
  const tabs: [Tab, string][] = typeof of === 'object' && of ? [['blocks', 'Block Kit'], ['calls', `API calls (${of.calls.length})`], ['envelopes', `Envelopes (${of.envelopes.length})`]] : []
  return (
    <aside class="pane side inspector" aria-label="Inspector" onKeyDown={(e) => e.key === 'Escape' && close()}>
      <header class="pane-head">
        <h2 class="pane-title"><span>Inspector</span><small>{ts}</small></h2>
        <button type="button" class="plain-button" aria-label="Close the inspector" onClick={close} ref={button}>
          <Icon name="close" />
        </button>
      </header>
      {of === null ? <p class="empty" role="status">Looking …</p> : typeof of === 'string' ? <p class="empty" role="alert">{of}</p> : (
        <>
          <div class="tabs" role="tablist" aria-label="What is shown">
            {tabs.map(([t, name]) => (
              <button
                key={t}
                type="button"
                role="tab"
                id={`tab-${t}`}
                aria-selected={t === tab}
                aria-controls="inspected"
                tabIndex={t === tab ? 0 : -1}
                onClick={() => setTab(t)}
                onKeyDown={(e) => {
                  const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key]
                  if (!by) return
                  const next = tabs[(tabs.findIndex((o) => o[0] === t) + by + tabs.length) % tabs.length]![0]
                  setTab(next)
                  document.getElementById(`tab-${next}`)?.focus()
                }}
              >
                {name}
              </button>
            ))}
          </div>
          <div class="inspected" id="inspected" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
            {tab === 'blocks' ? <Revisions of={of} /> : tab === 'calls' ? <Calls of={of} /> : <Envelopes of={of} />}
          </div>
        </>
      )}
      <footer class="inspector-foot">
        <button type="button" class="button" onClick={() => set({ dialog: 'scenario' })}>Copy as scenario …</button>
      </footer>
    </aside>
  )
}

function At({ time, took }: { time: string; took?: number }) {
  const z = use(zone)
  const ms = Date.parse(time)
  return (
    <small>
      {format('{time_secs}', ms / 1000, '', z)}
      {took !== undefined && ` · ${took < 10 ? took.toFixed(1) : Math.round(took)} ms`}
    </small>
  )
}

function Code({ of, name }: { of: unknown; name: string }) {
  const text = json(of)
  return (
    <div class="code">
      <button type="button" class="plain-button copy" aria-label={`Copy ${name}`} title={`Copy ${name}`} onClick={() => void copy(text, name)}>
        <Icon name="copy" size={16} />
      </button>
      <pre tabIndex={0} role="region" aria-label={name}>{text}</pre>
    </div>
  )
}

function Revisions({ of }: { of: Inspection }) {
  const all = of.revisions
  const [at, setAt] = useState<number | null>(null)
  const shown = all[Math.min(at ?? Infinity, all.length - 1)]
  if (!shown) return <p class="quiet">Nothing is known of this message.</p>
  const { blocks, text, files } = shown
  return (
    <>
      {all.length > 1 && (
        <label class="revision">
          Version
          <select class="field" value={String(shown.version)} onChange={(e) => setAt(all.findIndex((r) => String(r.version) === e.currentTarget.value))}>
            {all.map((r) => <option key={r.version} value={String(r.version)}>{r.version} of {all.length}</option>)}
          </select>
          <At time={shown.at} />
        </label>
      )}
      <Code of={{ text, ...(blocks && { blocks }), ...(files && { files }) }} name="Block Kit" />
    </>
  )
}

function Calls({ of }: { of: Inspection }) {
  if (of.calls.length === 0) return <p class="quiet">No call of the Web API made this message: a person wrote it.</p>
  return (
    <>
      {of.calls.map((c) => (
        <details key={c.seq} class="wire">
          <summary>
            <b>{c.method}</b> <span class={c.ok ? 'ok' : 'bad'}>{c.ok ? 'ok' : (c.error ?? 'failed')}</span> <At time={c.time} took={c.took_ms} />
          </summary>
          <Code of={Object.fromEntries(Object.entries(c.args).map(([k, v]) => [k, parsed(v)]))} name="Arguments" />
          {c.response !== undefined && <Code of={c.response} name="Response" />}
        </details>
      ))}
    </>
  )
}

function parsed(v: string): unknown {
  if (!/^[[{]/.test(v)) return v
  try {
    return JSON.parse(v)
  } catch {
    return v
  }
}

function Envelopes({ of }: { of: Inspection }) {
  if (of.envelopes.length === 0) return <p class="quiet">No envelope is about this message.</p>
  return (
    <>
      {of.envelopes.map((e) => (
        <details key={e.seq} class="wire">
          <summary>
            <b>{e.type}</b> <span class={e.state === 'acked' ? 'ok' : 'bad'}>{e.state}</span> <At time={e.time} took={e.took_ms} />
          </summary>
          <Code of={e.payload} name="Payload" />
          {e.answer !== undefined && <Code of={e.answer} name="Answer" />}
        </details>
      ))}
    </>
  )
}
