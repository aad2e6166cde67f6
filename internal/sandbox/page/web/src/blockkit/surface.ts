// Where blocks stand, and how their controls tell the server what was chosen.
import { createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import type { Block, Chosen, Place, Values } from '../api'
import { post, reason } from '../server'
import { toast } from '../store'
import { written } from './richtext'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Element = { type: string; action_id: string; [key: string]: any }

export interface Surface {
  place: Place
  state: Values | undefined
  /** the modal, whose controls are filled in and told of with the whole */
  modal?: string
  /** what is wrong with a field, by block_id */
  errors?: Record<string, string>
  /** what is being told to the server; a form waits for it before it is submitted */
  pending?: Set<Promise<unknown>>
}

export const Where = createContext<Surface>({ place: { view: '' }, state: undefined })

export interface ControlProps {
  block: Block
  el: Element
  /** names and describes the control, where an input block does */
  labelled?: { id: string; labelId?: string; describedBy?: string; invalid: boolean; required: boolean }
}

const fields: Record<string, [value: string, initial: string]> = {
  plain_text_input: ['value', 'initial_value'], number_input: ['value', 'initial_value'], email_text_input: ['value', 'initial_value'],
  url_text_input: ['value', 'initial_value'], rich_text_input: ['rich_text_value', 'initial_value'], datepicker: ['selected_date', 'initial_date'], timepicker: ['selected_time', 'initial_time'],
  datetimepicker: ['selected_date_time', 'initial_date_time'], static_select: ['selected_option', 'initial_option'],
  external_select: ['selected_option', 'initial_option'], radio_buttons: ['selected_option', 'initial_option'],
  checkboxes: ['selected_options', 'initial_options'], users_select: ['selected_user', 'initial_user'],
  conversations_select: ['selected_conversation', 'initial_conversation'], channels_select: ['selected_channel', 'initial_channel'],
  multi_static_select: ['selected_options', 'initial_options'], multi_external_select: ['selected_options', 'initial_options'],
  multi_users_select: ['selected_users', 'initial_users'], multi_conversations_select: ['selected_conversations', 'initial_conversations'],
  multi_channels_select: ['selected_channels', 'initial_channels'],
}

/** stated is what the server holds as chosen in a control, or as the app preset it; a rich text as one would type it. */
function stated(s: Surface, block: Block, el: Element): unknown {
  const [value, initial] = fields[el.type] ?? ['value', 'initial_value']
  const entry = s.state?.[block.block_id]?.[el.action_id]
  const said = (entry ? entry[value] : el[initial]) ?? null
  return said !== null && value === 'rich_text_value' ? written(said as Block) : said
}

/** tell sends a choice: an act in a message or the Home tab, an entry in a form. */
export async function tell(s: Surface, block: Block, el: Element, value: Chosen): Promise<boolean> {
  const of = { block_id: block.block_id, action_id: el.action_id, value }
  const told = s.modal && el.type !== 'button' && el.type !== 'overflow' ? post('fill', { view: s.modal, ...of }) : post('act', { place: s.place, ...of })
  s.pending?.add(told)
  try {
    await told
    return true
  } catch (e) {
    toast(reason(e))
    return false
  } finally {
    s.pending?.delete(told)
  }
}

export interface Choice<T> {
  shown: T
  /** shows a value at once, tells the server of it, and goes back if that is refused */
  choose: (shown: T, told: Chosen) => Promise<boolean>
  busy: boolean
}

/** useChoice is what a control shows: what the person chose last, or else what the server says. */
export function useChoice<T>(block: Block, el: Element): Choice<T> {
  const surface = useContext(Where)
  const said = stated(surface, block, el) as T
  const [shown, show] = useState<T>(said)
  const [busy, setBusy] = useState(0)
  const key = JSON.stringify(said)
  const last = useRef(key)
  useEffect(() => {
    if (last.current === key) return
    last.current = key
    if (busy === 0) show(said)
  }, [key, busy])
  return {
    shown,
    busy: busy > 0,
    choose: async (value, told) => {
      const before = shown
      show(value)
      setBusy((n) => n + 1)
      const ok = await tell(surface, block, el, told)
      setBusy((n) => n - 1)
      if (!ok) show(before)
      return ok
    },
  }
}
