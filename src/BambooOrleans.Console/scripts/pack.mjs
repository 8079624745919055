// Compresses what the server serves, once and for all, and holds the console to its size.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const out = fileURLToPath(new URL('../dist/', import.meta.url));
const bundleMax = 400 * 1024;
const compressible = /\.(js|css|html|svg|json|txt)$/;
let bundle = 0;
let layout = 0;

for (const name of readdirSync(out, { recursive: true }).map(String).sort()) {
  const path = join(out, name);
  if (!statSync(path).isFile() || !compressible.test(name)) {
    continue;
  }

  const content = readFileSync(path);
  const gzip = gzipSync(content, { level: 9 });
  writeFileSync(`${path}.gz`, gzip);
  writeFileSync(`${path}.br`, brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: content.length > 500_000 ? 9 : 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  }));
  if (/elk-worker/.test(name)) {
    layout += gzip.length;
  } else {
    bundle += gzip.length;
  }
}

const kilobytes = bytes => `${(bytes / 1024).toFixed(1)} KB`;
console.log(`console: ${kilobytes(bundle)} gzipped, and ${kilobytes(layout)} for the graph layout worker`);
if (bundle > bundleMax) {
  console.error(`the console has ${kilobytes(bundle)} gzipped without the graph layout worker; it may have ${kilobytes(bundleMax)}`);
  process.exit(1);
}
