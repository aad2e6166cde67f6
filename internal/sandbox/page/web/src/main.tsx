// Starts the page for the person in ?as=, and follows what happens to them.
import { render } from 'preact'
import './style/app.css'
import { App } from './app'
import { start } from './live'
import { set } from './store'
import { showTheme } from './theme'

showTheme()
const as = new URLSearchParams(location.search).get('as') ?? 'ana'
set({ me: as })
start(as)
const root = document.getElementById('app')!
root.textContent = ''
render(<App />, root)
