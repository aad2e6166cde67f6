// Starts the page for the person in ?as=, and follows what happens to them.
import { render } from 'preact'
import './style/app.css'
import { App } from './app'
import { start } from './live'
import { inTurn } from './soon'
import { set } from './store'
import { recallTheme, showTheme } from './theme'

showTheme()
inTurn(recallTheme)
const as = new URLSearchParams(location.search).get('as') ?? 'ana'
set({ me: as })
start(as)
const root = document.getElementById('app')!
root.textContent = ''
render(<App />, root)
