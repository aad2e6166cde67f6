// One simulated call as the other end of the line sees it: what is said, and what the business can do.
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { PhoneCall } from './api'
import { clock } from './dates'
import { memo } from './memo'
import { attempt } from './server'

const states: Record<string, string> = {
  queued: 'Queued', dialing: 'Ringing', in_progress: 'Talking', completed: 'Ended', failed: 'Failed', canceled: 'Canceled',
}

/** the switch by which calls wait for the person to answer them */
export const answerSwitch = 'I answer new calls myself'

export const over = (c: PhoneCall) => ['completed', 'failed', 'canceled'].includes(c.status)

export function Call({ call: c }: { call: PhoneCall }) {
  const state = states[c.status] ?? c.status
  return (
    <article class={`call ${over(c) ? 'over' : 'live'} ${c.status}`} aria-label={`Call to ${c.business || c.display}`} data-call={c.id} data-status={c.status}>
      <header>
        <b>{c.business || c.display}</b>
        <span class="call-state">
          {c.status === 'dialing' && <i class="ring" aria-hidden="true" />}
          {state}
          {c.talk_s > 0 && ` ${clock(c.talk_s)}`}
        </span>
      </header>
      <p class="call-number">
        {c.business ? `${c.display} · ` : ''}
        {c.manual ? 'answered by you' : c.story && c.story !== 'achieved' ? `plays “${c.story}”` : ''}
      </p>
      <p class="call-objective">{c.objective}</p>
      {c.lines.length > 0 && <Lines of={c.lines} />}
      {(c.outcome || c.summary) && (
        <p class="call-result">
          {c.outcome && <b>{c.outcome.replace(/_/g, ' ')}</b>}
          {c.summary && <> {c.summary}</>}
        </p>
      )}
      {!over(c) && <Answer call={c} />}
    </article>
  )
}

const Lines = memo(function Lines({ of }: { of: PhoneCall['lines'] }) {
  const box = useRef<HTMLOListElement>(null)
  useLayoutEffect(() => {
    box.current!.scrollTop = box.current!.scrollHeight
  }, [of.length])
  return (
    <ol class="lines-said" ref={box} aria-label="Conversation" tabIndex={0}>
      {of.map((l, i) => (
        <li key={i} class={`${l.speaker.toLowerCase()} ${l.kind}`} data-kind={l.kind}>
          <span class="speaker">
            {l.kind === 'tones' ? 'presses' : l.kind === 'announcement' ? 'menu' : l.speaker}
            <small> {clock(l.at_s)}</small>
          </span>
          <span class="said">{l.text}</span>
        </li>
      ))}
    </ol>
  )
})

/** Answer is what the called party can do: to talk, too, unless the call goes its own way. */
function Answer({ call: c }: { call: PhoneCall }) {
  const [line, setLine] = useState('')
  const [ending, setEnding] = useState(false)
  const [outcome, setOutcome] = useState('achieved')
  const [summary, setSummary] = useState('')
  const act = (what: 'answer' | 'busy' | 'hang_up' | 'menu' | 'cancel') => () => void attempt('phone', { call: c.id, do: what })
  const talking = c.status !== 'queued' && c.status !== 'dialing'
  return (
    <div class="answer" role="group" aria-label={`Answer ${c.business || c.display}`}>
      {!talking ? (
        <div class="row">
          <button type="button" class="button primary" onClick={act('answer')}>Pick up</button>
          <button type="button" class="button" onClick={act('busy')}>Be busy</button>
        </div>
      ) : (
        <>
          {c.manual && (
            <form
              class="row"
              onSubmit={async (e) => {
                e.preventDefault()
                if (line.trim() !== '' && (await attempt('phone', { call: c.id, do: 'say', text: line.trim() }))) setLine('')
              }}
            >
              <input class="field" aria-label="Say as the business" placeholder="Say as the business …" value={line} onInput={(e) => setLine(e.currentTarget.value)} />
              <button type="submit" class="button">Say</button>
            </form>
          )}
          <div class="row">
            {c.manual && <button type="button" class="button" onClick={act('menu')}>Let the menu talk</button>}
            <button type="button" class="button" aria-expanded={ending} onClick={() => setEnding(!ending)}>Say how it ended …</button>
            <button type="button" class="button danger-text" onClick={act('hang_up')}>Hang up</button>
          </div>
          {ending && (
            <form
              class="ending"
              onSubmit={(e) => {
                e.preventDefault()
                void attempt('phone', { call: c.id, do: 'complete', outcome, summary: summary.trim() })
              }}
            >
              <label>
                Outcome
                <select class="field" value={outcome} onChange={(e) => setOutcome(e.currentTarget.value)}>
                  <option value="achieved">achieved</option>
                  <option value="partial">partial</option>
                  <option value="not_achieved">not achieved</option>
                </select>
              </label>
              <label>
                Summary
                <textarea class="field" rows={2} value={summary} onInput={(e) => setSummary(e.currentTarget.value)} placeholder="They have a table at 7pm, under Sarah." />
              </label>
              <button type="submit" class="button primary">End the call</button>
            </form>
          )}
        </>
      )}
      {!c.manual && <p class="quiet">What is said here goes by itself. To talk as the business, switch on “{answerSwitch}” before a call is placed.</p>}
    </div>
  )
}
