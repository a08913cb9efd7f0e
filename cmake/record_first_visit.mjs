// Writes cmake/first_visit.txt, the functions that a first visit runs: node cmake/record_first_visit.mjs [--afresh]
//
// Needs the built site (ninja -C build/web-release site), a gateway and Chromium, as the browser tests do. The program is instrumented by
// wasm-split, put into a copy of the site, and used as tests/e2e/support/first_visit.mjs says. Run it when first_visit.e2e.mjs says that
// something of the later part was needed early, or when much of the program has changed. What was recorded before stays as long as the
// program has it, because what runs when (a message of another tab, a late answer) is not the same each time; --afresh forgets it.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dist_path, kRoot } from '../tests/e2e/support/places.mjs';
import { functions_of, is_cluster, is_separable, key_of } from './wasm_names.mjs';

const kList = path.join(kRoot, 'cmake/first_visit.txt');
const kWasm = path.join(kRoot, 'build/web-release/binnacle.wasm');
const cache = fs.readFileSync(path.join(kRoot, 'build/web-release/CMakeCache.txt'), 'utf8');
const wasm_split = /^BINNACLE_WASM_SPLIT:\w+=(.+)$/m.exec(cache)?.[1];
if (!wasm_split || wasm_split.endsWith('NOTFOUND')) throw new Error('wasm-split was not found when build/web-release was configured');

// ---- the instrumented site
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'binnacle-record-'));
const site = path.join(folder, 'dist');
fs.cpSync(dist_path(), site, { recursive: true });
const assets = fs.readdirSync(path.join(site, 'assets'));
const program = assets.find((name) => /^binnacle\.\w+\.wasm$/.test(name));
for (const name of assets.filter((each) => each.startsWith(program) || /^(later|cluster)\./.test(each))) fs.rmSync(path.join(site, 'assets', name));
execFileSync(wasm_split, ['--instrument', '--all-features', kWasm, '-o', path.join(site, 'assets', program)], { stdio: 'inherit' });
for (const name of fs.readdirSync(site).filter((each) => each.startsWith('index.html'))) {
    if (name !== 'index.html') fs.rmSync(path.join(site, name));
}
const page = path.join(site, 'index.html');
fs.writeFileSync(page, fs.readFileSync(page, 'utf8').replace(/data-parts="[^"]*"/, 'data-parts="{}"'));
process.env.BINNACLE_DIST = site;

// ---- the visits
const { TestContext, launch_browser } = await import('../tests/e2e/support/test.mjs');
const { first_visits } = await import('../tests/e2e/support/first_visit.mjs');

const functions = functions_of(fs.readFileSync(kWasm));
const called = new Array(functions.length).fill(false);

// Runs in the page: the profile is a hash of 8 bytes and for each function a number, 0 for those that were not called.
function keep_instance() {
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const real = WebAssembly[name];
        WebAssembly[name] = async (...words) => {
            const result = await real.call(WebAssembly, ...words);
            const { exports } = result.instance ?? result;  // of bytes, or of a module
            if (exports?.__write_profile) globalThis.recorded = exports;
            return result;
        };
    }
}
function read_profile() {
    const memory = Object.values(globalThis.recorded).find((each) => each instanceof WebAssembly.Memory);
    const size = globalThis.recorded.__write_profile(0, 0);
    // Beyond what the program has asked for: it knows nothing of this memory, and its views are on the old one.
    const at = memory.buffer.byteLength;
    memory.grow(Math.ceil(size / 65536));
    globalThis.recorded.__write_profile(at, size);
    return [...new Uint32Array(memory.buffer.slice(at + 8, at + size))];
}

const browser = await launch_browser();
const kRounds = 2; // for what comes once sooner and once later
for (const visit of Array.from({ length: kRounds }, () => first_visits).flat()) {
    const context = new TestContext(browser);
    console.log(visit.name);
    try {
        await visit.run(context, {
            before: (tab) => tab.addInitScript(keep_instance),
            after: async (app) => {
                const profile = await app.page.evaluate(read_profile);
                if (profile.length !== functions.length) throw new Error(`${profile.length} functions were counted, the program has ${functions.length}`);
                profile.forEach((when, i) => { called[i] ||= when > 0; });
            },
        });
    } finally {
        await context.end();
    }
}
await browser.close();
fs.rmSync(folder, { recursive: true, force: true });

// ---- the list
const before = new Set(process.argv.includes('--afresh') ? [] : fs.readFileSync(kList, 'utf8').split('\n'));
const recorded = functions.filter((each, i) => (called[i] || before.has(key_of(each.name))) && is_separable(each) && !is_cluster(each));
const keys = [...new Set(recorded.map((each) => key_of(each.name)))].sort();
fs.writeFileSync(kList, `# The functions that a first visit runs, written by record_first_visit.mjs and read by split_wasm.mjs: these stay in the program's first part.\n${keys.join('\n')}\n`);
const kilobytes = (list) => (list.reduce((sum, { size }) => sum + size, 0) / 1000).toFixed(0);
console.log(`${recorded.length} of ${functions.length} functions, ${kilobytes(recorded)} of ${kilobytes(functions)} kB; ${keys.length} names`);
