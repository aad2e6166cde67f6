// Puts off what can wait, so that no one thing holds up the page for long.
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'

/** soon runs something when the page has nothing else to do, and returns how to call it off. */
export function soon(run: () => void): () => void {
  if ('requestIdleCallback' in window) {
    const id = requestIdleCallback(run, { timeout: 500 })
    return () => cancelIdleCallback(id)
  }
  const id = setTimeout(run, 30)
  return () => clearTimeout(id)
}

let waiting: (() => void)[] = []

/** inTurn runs things one after the other, each in a task of its own, between which the browser draws and answers; it returns how to call it off. */
export function inTurn(run: () => void): () => void {
  waiting.push(run)
  if (waiting.length === 1) setTimeout(next)
  return () => (waiting = waiting.filter((w) => w !== run))
}

function next(): void {
  const run = waiting.shift()
  if (waiting.length > 0) setTimeout(next)
  run?.()
}

/** turn waits for a task of one's own. */
export const turn = (): Promise<void> => new Promise((go) => inTurn(go))

/** useTurn is false when a component is drawn first, and true once it is its turn to draw what takes long. */
export function useTurn(): boolean {
  const [mine, setMine] = useState(false)
  useLayoutEffect(() => inTurn(() => setMine(true)), [])
  return mine
}

/** Turn draws what is in it in its turn. */
export const Turn = ({ children }: { children: ComponentChildren }): ComponentChildren => useTurn() && children
