// The tables of docs/state-*.md, docs/streams-*.md and docs/events.md say which test shows what. A test that is renamed or deleted must be so there, too.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const docs = fs.readdirSync(path.join(root, 'docs')).filter((name) => /^((state|streams)-.*|events)\.md$/.test(name));

function sources() {
    const texts = [];
    const walk = (folder) => {
        for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
            if (['node_modules', 'out', 'corpus'].includes(entry.name)) continue;
            const at = path.join(folder, entry.name);
            if (entry.isDirectory()) walk(at);
            else if (/\.(cpp|hpp|mjs)$/.test(entry.name)) texts.push(fs.readFileSync(at, 'utf8'));
        }
    };
    walk(path.join(root, 'tests'));
    return texts.join('\n').replace(/\\(['"])/g, '$1');
}

// What a cell of a column "Test" names: what is `in backticks` or "in quotes" and has a space in it, else its parts between semicolons. A
// name may be shortened at its end. Cells that say in words why there is no test name none.
function names_in(cell) {
    const marked = [...cell.matchAll(/`([^`]+)`|"([^"]+)"/g)].map((match) => match[1] ?? match[2]);
    const names = marked.length > 0 ? marked.filter((name) => name.includes(' ')) : cell.split(/; ?/);
    return names.map((name) => name.replace(/ ?…$/, '').trim()).filter((name) => name && name !== 'the same' && !/^(left out|gap|none)\b/.test(name));
}

function named_tests(text) {
    const found = [];
    let column = -1;
    text.split('\n').forEach((line, index) => {
        if (!line.startsWith('|')) return void (column = -1);
        const cells = line.split('|').slice(1, -1).map((cell) => cell.trim());
        if (column < 0) column = cells.includes('Test') ? cells.indexOf('Test') : cells.length;
        else if (cells[column] && !/^-+$/.test(cells[column])) found.push(...names_in(cells[column]).map((name) => ({ line: index + 1, name })));
    });
    return found;
}

test('docs name tests that exist', () => {
    const all = sources();
    let count = 0;
    const missing = [];
    for (const doc of docs) {
        for (const { line, name } of named_tests(fs.readFileSync(path.join(root, 'docs', doc), 'utf8'))) {
            ++count;
            if (!all.includes(name)) missing.push(`docs/${doc}:${line}: ${name}`);
        }
    }
    assert.deepEqual(missing, []);
    assert.ok(count > 200, `only ${count} names were found: the tables are no longer understood`);
});
