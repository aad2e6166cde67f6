// Two dialogs of the workbench: what was done as a scenario, and the workflow step.
import { useEffect, useState } from 'preact/hooks'
import { Dialog } from './dialog'
import { copy, post, reason, scenario } from './server'
import { set, toast, use } from './store'

const shut = () => set({ dialog: null })

export function Tools() {
  const dialog = use((a) => a.dialog)
  return dialog === 'scenario' ? <Scenario /> : dialog === 'step' ? <Step /> : null
}

function Scenario() {
  const [text, setText] = useState<string | null>(null)
  useEffect(() => {
    scenario().then(setText, (e: unknown) => setText(reason(e)))
  }, [])
  return (
    <Dialog
      title="What was done, as a scenario"
      class="wide"
      onClose={shut}
      footer={
        <button type="button" class="button primary" disabled={text === null} onClick={() => void copy(text ?? '', 'Scenario')}>
          Copy
        </button>
      }
    >
      <p class="quiet">A test script in the form of cmd/callbot/testdata/script: save it there as NAME.txtar.</p>
      <pre class="scenario" tabIndex={0} role="region" aria-label="Scenario">{text ?? 'Looking …'}</pre>
    </Dialog>
  )
}

function Step() {
  const channels = use((a) => a.channels)
  const [number, setNumber] = useState('(415) 555-0132')
  const [objective, setObjective] = useState('Ask whether they are open on Sunday')
  const [channel, setChannel] = useState(channels.find((c) => c.name === '#general')?.id ?? channels[0]?.id ?? '')
  const [failure, setFailure] = useState<string | null>(null)
  return (
    <Dialog
      title="Run the workflow step"
      onClose={shut}
      onSubmit={async () => {
        try {
          await post('step', { number, objective, channel })
          shut()
          toast('A workflow has come to the step “Place a phone call”.', false)
        } catch (e) {
          setFailure(reason(e))
        }
      }}
      footer={
        <>
          <button type="button" class="button" onClick={shut}>Cancel</button>
          <button type="submit" class="button primary">Run</button>
        </>
      }
    >
      {failure && <p class="failure" role="alert">{failure}</p>}
      <p class="quiet">A workflow comes to the app’s step with these inputs, as Workflow Builder would send them.</p>
      <label class="input"><span class="label">Phone number</span><input class="field" value={number} onInput={(e) => setNumber(e.currentTarget.value)} /></label>
      <label class="input"><span class="label">What the call is for</span><textarea class="field" rows={2} value={objective} onInput={(e) => setObjective(e.currentTarget.value)} /></label>
      <label class="input">
        <span class="label">Channel</span>
        <select class="field" value={channel} onChange={(e) => setChannel(e.currentTarget.value)}>
          {channels.map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}
        </select>
      </label>
    </Dialog>
  )
}
