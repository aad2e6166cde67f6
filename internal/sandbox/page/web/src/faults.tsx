// The switches with which things go wrong, so that the bot's promises can be tried by hand.
import type { Phone, Posts } from './api'
import { attempt } from './server'
import { set, use } from './store'

const provider: [Phone['provider'], string][] = [['up', 'Up'], ['slow', 'Slow'], ['rate_limited', 'Rate limited'], ['down', 'Down']]

export function Faults({ phone }: { phone: Phone }) {
  return (
    <section aria-labelledby="faults">
      <h3 id="faults">What goes wrong</h3>
      <Switch name="AgentPhone" is={phone.provider} onChange={(is) => void attempt('fault', { of: 'provider', is })} />
      <Switch name="Slack" is={phone.slack} onChange={(is) => void attempt('fault', { of: 'slack', is })} />
      <Bot />
      <div class="row">
        <button type="button" class="button" onClick={() => set({ dialog: 'step' })}>Run the workflow step …</button>
        <button type="button" class="button" onClick={() => set({ dialog: 'scenario' })}>Copy as scenario …</button>
      </div>
    </section>
  )
}

function Switch({ name, is, onChange }: { name: string; is: Phone['provider']; onChange: (is: Phone['provider']) => void }) {
  return (
    <fieldset class="segments">
      <legend>{name}</legend>
      {provider.map(([value, label]) => (
        <label key={value} class={value === is ? 'on' : ''}>
          <input type="radio" name={name} value={value} checked={value === is} onChange={() => onChange(value)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  )
}

const words = { running: 'running', starting: 'starting', stopped: 'stopped', ended: 'ended by itself' } as const

function Bot() {
  const p = use((a) => a.process)
  if (!p) return null
  const act = (what: Posts['process']['do']) => () => void attempt('process', { do: what })
  const up = p.state === 'running' || p.state === 'starting'
  return (
    <div class="bot" role="group" aria-label="The bot’s process">
      <p>
        <i class={`lamp ${p.state}`} aria-hidden="true" /> The bot is <b data-process={p.state}>{words[p.state] ?? p.state}</b>
        {up && <small> · process {p.pid} · {p.links === 1 ? '1 link' : `${p.links} links`} to Slack</small>}
      </p>
      {p.error && <p class="error">{p.error}</p>}
      <div class="row">
        {up ? (
          <>
            <button type="button" class="button danger-text" onClick={act('kill')}>Kill the bot</button>
            <button type="button" class="button" onClick={act('restart')}>Restart</button>
            <button type="button" class="button" onClick={() => void attempt('fault', { of: 'links', is: 'dropped' })}>Drop the links</button>
          </>
        ) : (
          <button type="button" class="button primary" onClick={act('start')}>Start the bot</button>
        )}
      </div>
    </div>
  )
}
