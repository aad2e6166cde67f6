// Bundles test/*.test.ts and runs them with node's own test runner.
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const here = new URL('.', import.meta.url).pathname
const out = await mkdtemp(join(tmpdir(), 'page-test-'))
try {
  const tests = (await readdir(join(here, 'test'))).filter((name) => name.endsWith('.test.ts')).sort()
  await build({
    absWorkingDir: here,
    entryPoints: tests.map((name) => join('test', name)),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  })
  const run = spawnSync(process.execPath, ['--test', ...tests.map((name) => join(out, name.replace(/\.ts$/, '.mjs')))], {
    stdio: 'inherit',
  })
  process.exitCode = run.status ?? 1
} finally {
  await rm(out, { recursive: true, force: true })
}
