// What MSBuild runs: npm ci and the build, where their inputs changed, and never twice at once.
// Exit code 3: what is needed is not to be had (a newer Node.js, or the packages from the registry), so that a build may go on without.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const notToBeHad = 3;
const root = fileURLToPath(new URL('..', import.meta.url));
const obj = join(root, 'obj');
const lock = join(obj, 'building');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.log(`Node.js ${process.versions.node} is too old; 20.19 is needed`);
  process.exit(notToBeHad);
}

mkdirSync(obj, { recursive: true });
await acquire();
try {
  process.exitCode = build();
} finally {
  rmSync(lock, { recursive: true, force: true });
}

function build() {
  const packages = digest(['package.json', 'package-lock.json', '.npmrc']);
  const installed = join(root, 'node_modules', '.bamboo-stamp');
  if (!same(installed, packages)) {
    const result = npm(['ci', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', '--fetch-retries=1', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=2000', '--fetch-timeout=60000']);
    if (result.status !== 0) {
      const lines = result.output.split('\n').filter(line => line.includes('npm error') && !line.includes('log of this run')).slice(0, 3);
      console.log(`npm ci failed: ${lines.join(' ').replaceAll('npm error', '').replaceAll(/\s+/g, ' ').trim() || result.output.trim().slice(0, 300)}`);
      return notToBeHad;
    }

    writeFileSync(installed, packages);
  }

  const sources = digest(['package.json', 'package-lock.json', 'index.html', 'vite.config.ts', 'tsconfig.json', ...files('src'), ...files('public'), ...files('scripts')]);
  const built = join(obj, 'built');
  if (!same(built, sources) || !existsSync(join(root, 'dist', 'index.html'))) {
    const result = npm(['run', '--silent', 'build']);
    if (result.status !== 0) {
      console.log(result.output.trim());
      return 1;
    }

    console.log(result.output.trim().split('\n').at(-1));
  }

  // Newer than the inputs, for MSBuild to see.
  writeFileSync(built, sources);
  return 0;
}

function npm(args) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32', env: { ...process.env, NO_COLOR: '1', CI: '1', NODE_ENV: undefined } });
  return { status: result.error ? 1 : result.status, output: result.error ? `npm cannot be started: ${result.error.message}` : `${result.stdout}\n${result.stderr}` };
}

function files(folder) {
  return readdirSync(join(root, folder), { recursive: true }).map(name => join(folder, String(name))).filter(name => statSync(join(root, name)).isFile()).sort();
}

function digest(names) {
  const hash = createHash('sha256').update(process.versions.node);
  for (const name of names) {
    hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  }

  return hash.digest('hex');
}

function same(file, content) {
  return existsSync(file) && readFileSync(file, 'utf8') === content;
}

// A folder is made by one process only. One that a process left behind that died is taken over.
async function acquire() {
  for (let waited = 0; ; waited += 200) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (failure) {
      if (failure.code !== 'EEXIST') {
        throw failure;
      }
    }

    const owner = existsSync(join(lock, 'pid')) ? Number(readFileSync(join(lock, 'pid'), 'utf8')) : 0;
    if (owner > 0 ? !runs(owner) : waited > 5000) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }

    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

function runs(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    return failure.code === 'EPERM';
  }
}
