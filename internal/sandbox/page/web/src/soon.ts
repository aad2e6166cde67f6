// Puts off what can wait, so that no one thing holds up the page for long.

/** soon runs something when the page has nothing else to do, and returns how to call it off. */
export function soon(run: () => void): () => void {
  if ('requestIdleCallback' in window) {
    const id = requestIdleCallback(run, { timeout: 500 })
    return () => cancelIdleCallback(id)
  }
  const id = setTimeout(run, 30)
  return () => clearTimeout(id)
}

/** turn waits for the next turn of the event loop. */
export const turn = (): Promise<void> => new Promise((go) => setTimeout(go))
