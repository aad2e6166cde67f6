// The modal that the app opened: a form that is filled in, checked and submitted.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { View } from './api'
import { Blocks } from './blockkit/blocks'
import { Where, type Surface } from './blockkit/surface'
import { Dialog } from './dialog'
import { attempt, post, reason } from './server'
import { get, set, use } from './store'

export function Modal() {
  const view = use((a) => a.modal)
  return view ? <Form key={view.id} view={view} /> : null
}

function Form({ view }: { view: View }) {
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [failure, setFailure] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const pending = useRef(new Set<Promise<unknown>>())
  const body = useRef<HTMLDivElement>(null)
  const surface = useMemo<Surface>(
    () => ({ place: { view: view.id }, state: view.state, modal: view.id, errors, pending: pending.current }),
    [view, errors],
  )
  useEffect(() => {
    if (Object.keys(errors).length > 0) body.current?.querySelector<HTMLElement>('.input.invalid input, .input.invalid textarea')?.focus()
  }, [errors])
  const close = async () => {
    if (!(await attempt('close', { view: view.id })) && get().modal?.id === view.id) set({ modal: null })
  }
  const submit = async () => {
    if (busy) return
    setBusy(true)
    setFailure(null)
    body.current?.closest('dialog')?.dispatchEvent(new Event('flush'))
    try {
      await Promise.allSettled([...pending.current])
      const answer = await post('submit', { view: view.id })
      setErrors(answer.errors ?? {})
    } catch (e) {
      setFailure(reason(e))
    }
    setBusy(false)
  }
  const input = view.blocks.some((b) => b.type === 'input')
  return (
    <Dialog
      title={view.title ?? ''}
      class="modal"
      onClose={() => void close()}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="button" onClick={() => void close()}>
            {view.close ?? (input ? 'Cancel' : 'Close')}
          </button>
          {(view.submit || input) && (
            <button type="submit" class="button primary" aria-busy={busy}>
              {view.submit ?? 'Submit'}
            </button>
          )}
        </>
      }
    >
      <div ref={body} data-view={view.id} data-callback-id={view.callback_id}>
        {failure && (
          <p class="failure" role="alert">
            {failure}
          </p>
        )}
        <Where.Provider value={surface}>
          <Blocks of={view.blocks} />
        </Where.Provider>
      </div>
    </Dialog>
  )
}
