// The requests that the page makes of its server.
import type { Inspection, Option, Posts, State } from './api'
import { get, toast } from './store'

/** Refusal is what the server answered instead, as a sentence for the person. */
export class Refusal extends Error {}

async function answer<T>(response: Promise<Response>): Promise<T> {
  let r: Response
  try {
    r = await response
  } catch {
    throw new Refusal('The sandbox does not answer. Is it still running in the terminal?')
  }
  const text = await r.text()
  let body: { error?: string } = {}
  try {
    body = JSON.parse(text) as { error?: string }
  } catch {
    if (!r.ok) throw new Refusal(text.trim() || `The sandbox answered ${r.status}.`)
  }
  if (!r.ok) throw new Refusal(body.error ?? `The sandbox answered ${r.status}.`)
  return body as T
}

export interface Answers { suggest: { options: Option[] }; submit: { errors?: Record<string, string> } }

export function post<N extends keyof Posts>(name: N, body: Omit<Posts[N], 'as'>): Promise<N extends keyof Answers ? Answers[N] : object> {
  const personal = !['phone', 'speed', 'fault', 'process', 'step'].includes(name)
  return answer(
    fetch(`/api/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(personal ? { as: get().me, ...body } : body),
    }),
  )
}

/** attempt posts, and says at the edge of the page if it was refused. */
export async function attempt<N extends keyof Posts>(name: N, body: Omit<Posts[N], 'as'> | Posts[N]): Promise<boolean> {
  try {
    await post(name, body as Omit<Posts[N], 'as'>)
    return true
  } catch (e) {
    toast(reason(e))
    return false
  }
}

export const reason = (e: unknown): string => (e instanceof Error ? e.message : String(e))

export const fetchState = (as: string): Promise<State> => answer(fetch(`/api/state?${new URLSearchParams({ as })}`))

export const inspect = (channel: string, ts: string): Promise<Inspection> =>
  answer(fetch(`/api/inspect?${new URLSearchParams({ as: get().me, channel, ts })}`))

export async function scenario(): Promise<string> {
  const r = await fetch('/api/scenario')
  if (!r.ok) throw new Refusal(`The sandbox answered ${r.status}.`)
  return r.text()
}

/** copy puts a text on the clipboard and says so. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast(`${what} copied.`, false)
  } catch {
    toast(`The browser does not let the page copy. Select the text instead.`)
  }
}
