// Builds the React Flow page (production, minified) and serves a folder with brotli, as a good host does.
import { build } from 'esbuild';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import zlib from 'node:zlib';
import { kRoot } from '../../e2e/support/places.mjs';

const kPeers = path.join(kRoot, 'tests/bench/peers');
const kOut = path.join(kRoot, 'tests/bench/out/peers');
const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm',
                 '.svg': 'image/svg+xml', '.ttf': 'font/ttf', '.webmanifest': 'application/manifest+json', '.txt': 'text/plain' };

export async function build_peer() {
  fs.rmSync(kOut, { recursive: true, force: true });
  await build({ entryPoints: [path.join(kPeers, 'flow.jsx')], outdir: kOut, bundle: true, minify: true, format: 'esm', target: 'es2022', jsx: 'automatic',
                define: { 'process.env.NODE_ENV': '"production"' }, legalComments: 'none', logLevel: 'error' });
  fs.copyFileSync(path.join(kPeers, 'index.html'), path.join(kOut, 'index.html'));
  fs.copyFileSync(path.join(kRoot, 'assets/sample-workflows/online-shop.json'), path.join(kOut, 'online-shop.json'));
  return kOut;
}

// `bytes`: what went out, per path, as it was encoded (bodies only).
export async function serve(dir) {
  const cache = new Map(), bytes = {};
  const compressed = (file) => {
    if (!cache.has(file)) {
      const packed = `${file}.br`;
      const plain = fs.readFileSync(file);
      cache.set(file, fs.existsSync(packed) ? fs.readFileSync(packed) : zlib.brotliCompressSync(plain, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } }));
    }
    return cache.get(file);
  };
  const server = http.createServer((request, response) => {
    const target = new URL(request.url, 'http://x').pathname;
    const file = path.join(dir, target.endsWith('/') ? `${target}index.html` : target);
    if (!file.startsWith(dir) || !fs.existsSync(file) || !fs.statSync(file).isFile()) {
      response.writeHead(404, { 'Content-Type': 'text/plain' });
      return response.end('not found');
    }
    const body = compressed(file);
    bytes[target] = body.length;
    response.writeHead(200, { 'Content-Type': kTypes[path.extname(file)] || 'application/octet-stream', 'Content-Encoding': 'br', 'Content-Length': body.length,
                              'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, bytes, compressed, close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
}
