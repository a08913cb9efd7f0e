// Splits the program in three: node cmake/split_wasm.mjs --wasm-split PATH --wasm binnacle.wasm --first-visit FILE --out FOLDER
//
//   FOLDER/binnacle.wasm   what a first visit runs, by FILE (cmake/first_visit.txt, written by record_first_visit.mjs), and what is too small to move
//   FOLDER/later.wasm      everything else: the page loads it once the first screen stands. New code is here until it is recorded
//   FOLDER/cluster.wasm    hub and cluster: a page that has a backend never downloads it
//   FOLDER/slots.json      which function is behind which placeholder, for messages
// With nothing recorded the later part stays empty.
//
// The input is linked with --profiling-funcs, for the functions' names; no output keeps them. A function that is called before its part was
// loaded goes through a placeholder (import namespace `placeholder.<part>`, named by its table slot): shell/boot.js loads the part then and
// there. All parts share memory and table. docs/decisions/0009-three-parts-of-wasm.md.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { functions_of, is_timed, is_cluster, is_separable, key_of } from './wasm_names.mjs';

// What clang 21 emits here; more of them (--all-features) would allow encodings that browsers do not read yet.
const kFeatures = ['simd', 'bulk-memory', 'bulk-memory-opt', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals', 'multivalue', 'call-indirect-overlong'];
const kFewest = 100; // functions in a part: fewer means that the names were not found

function fail(message) {
    console.error(`split_wasm: ${message}`);
    process.exit(1);
}

function parse_arguments(words) {
    const result = {};
    for (let i = 0; i < words.length; i += 2) result[words[i].replace(/^--/, '')] = words[i + 1];
    for (const name of ['wasm-split', 'wasm', 'first-visit', 'out']) if (!result[name]) fail(`--${name} is missing`);
    return result;
}

const args = parse_arguments(process.argv.slice(2));
const first_visit = new Set(fs.readFileSync(args['first-visit'], 'utf8').split('\n').filter((line) => line && !line.startsWith('#')));
const functions = functions_of(fs.readFileSync(args.wasm));
const parts = { cluster: [], later: [] };
const recorded = first_visit.size > 0;
for (const each of functions) {
    if (is_cluster(each)) parts.cluster.push(each.name);
    else if (recorded && is_separable(each) && !is_timed(each) && !first_visit.has(key_of(each.name))) parts.later.push(each.name);
}
for (const [name, list] of Object.entries(parts)) {
    if (list.length < kFewest && (recorded || name !== 'later')) fail(`only ${list.length} functions of ${args.wasm} are for the part "${name}"; was it linked with --profiling-funcs?`);
}
fs.mkdirSync(args.out, { recursive: true });
const at = (name) => path.join(args.out, name);
fs.writeFileSync(at('later.wasm'), Buffer.from([0, 97, 115, 109, 1, 0, 0, 0])); // an empty module
fs.writeFileSync(at('manifest'), Object.entries(parts).filter(([, list]) => list.length > 0).map(([name, list]) => `${name}\n${list.join('\n')}\n`).join('\n'));
execFileSync(args['wasm-split'], [...kFeatures.map((name) => `--enable-${name}`), '--multi-split', args.wasm, '--manifest', at('manifest'), '-o', at('binnacle.wasm'),
    '--out-prefix', `${args.out}/`, '--export-prefix=%', '--import-namespace=primary', '--placeholder-namespace-prefix=placeholder', '--placeholdermap', '--strip-debug'],
    { stdio: 'inherit' });
// "table 0", then "slot:name" a line.
const slots = fs.readFileSync(at('binnacle.wasm.placeholders'), 'utf8').split('\n').map((line) => /^(\d+):(.+)$/.exec(line)).filter(Boolean);
fs.writeFileSync(at('slots.json'), JSON.stringify(Object.fromEntries(slots.map(([, slot, name]) => [slot, name]))));
for (const name of ['binnacle', ...Object.keys(parts)]) {
    if (!WebAssembly.validate(fs.readFileSync(at(`${name}.wasm`)))) fail(`${name}.wasm is not valid`);
}
