// Draws the plots of docs/refresh.md from the CSV files of wixtokend_load, and writes its tables.
//
//   node tools/plots/draw.mjs CSV_FOLDER DOCS_FOLDER
//
// Writes DOCS_FOLDER/images/refresh-*.svg, and in DOCS_FOLDER/refresh.md the text between
// `<!-- begin NAME -->` and `<!-- end NAME -->`, if the page is there.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { contenders, massStart, outages, price, rounded, waits } from './charts.mjs';

const [, , source, docs] = process.argv;
if (!source || !docs) {
  console.error('usage: node tools/plots/draw.mjs CSV_FOLDER DOCS_FOLDER');
  process.exit(2);
}

function rowsOf(name) {
  const [head, ...lines] = readFileSync(join(source, `${name}.csv`), 'utf8')
    .trim()
    .split('\n');
  const columns = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]]));
  });
}

const tables = {
  start: rowsOf('mass_start'),
  series: rowsOf('mass_start_series'),
  outages: rowsOf('outages'),
  prices: rowsOf('price'),
};

const images = join(docs, 'images');
mkdirSync(images, { recursive: true });
writeFileSync(
  join(images, 'refresh-mass-start.svg'),
  massStart(tables.series, tables.start, '1 minute'),
);
writeFileSync(join(images, 'refresh-outages.svg'), outages(tables.outages));
writeFileSync(join(images, 'refresh-waits.svg'), waits(tables.outages));
writeFileSync(join(images, 'refresh-price.svg'), price(tables.prices, tables.outages));

const table = (head, lines) =>
  [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
const percent = (value) => (Number(value) === 0 ? '0' : `${rounded(Number(value) * 100)} %`);
const shown = (...left) => contenders.filter(({ className }) => !left.includes(className));

function startTable() {
  const at = (key, start, lifetime) => {
    const row = tables.start.find(
      (one) => one.contender === key && one.start === start && one.lifetime === lifetime,
    );
    return row ? `${(Number(row.peak_per_s) / Number(row.steady_per_s)).toFixed(2)}` : '';
  };
  const lines = shown().map(({ key, name }) => [
    name,
    ...['1 minute', '10 minutes', 'auto'].flatMap((start) => [
      at(key, start, '1'),
      at(key, start, '2'),
    ]),
  ]);
  return table(
    ['peak over steady demand', '1 min: 1st life', '2nd', '10 min: 1st', '2nd', 'auto: 1st', '2nd'],
    lines,
  );
}

function outageTable(capacity) {
  const cell = (key, minutes) => {
    const row = tables.outages.find(
      (one) => one.contender === key && one.capacity === capacity && one.outage_min === minutes,
    );
    if (!row) return '';
    const dead = Number(row.dead_s_per_lapse);
    return dead === 0 ? '0' : `${percent(row.lapsed_share)}, ${rounded(dead / 60)} min`;
  };
  const minutes = ['5', '30', '45', '60', '90'];
  return table(
    [`${capacity} × capacity`, ...minutes.map((one) => `${one} min`)],
    shown().map(({ key, name }) => [name, ...minutes.map((one) => cell(key, one))]),
  );
}

function waitTable() {
  const cell = (key, minutes, capacity) => {
    const row = tables.outages.find(
      (one) => one.contender === key && one.capacity === capacity && one.outage_min === minutes,
    );
    if (!row || Number(row.waited) === 0) return '–';
    return `${Number(row.wait_p50_s).toFixed(2)} / ${Number(row.wait_p99_s).toFixed(2)} s`;
  };
  const cases = [
    ['60', '2'],
    ['60', '1.2'],
    ['90', '2'],
    ['90', '1.2'],
  ];
  return table(
    ['wait, p50 / p99', ...cases.map(([minutes, capacity]) => `${minutes} min, ${capacity} ×`)],
    shown().map(({ key, name }) => [
      name,
      ...cases.map(([minutes, capacity]) => cell(key, minutes, capacity)),
    ]),
  );
}

function priceTable() {
  const at = (key, minutes, column) => {
    const row = tables.outages.find(
      (one) => one.contender === key && one.capacity === '2' && one.outage_min === minutes,
    );
    return row ? rounded(Number(row[column])) : '';
  };
  return table(
    [
      '',
      'mints per instance and day',
      'requests/s into an outage of 60 min',
      'peak after one of 30 min, over its own steady demand',
    ],
    tables.prices.map((row) => [
      contenders.find(({ key }) => key === row.contender)?.name ?? row.contender,
      Number(row.mints_per_day).toFixed(2),
      at(row.contender, '60', 'requests_per_s_in_outage'),
      at(row.contender, '30', 'echo'),
    ]),
  );
}

const page = join(docs, 'refresh.md');
if (existsSync(page)) {
  const written = {
    start: startTable(),
    'outages-2': outageTable('2'),
    'outages-1.2': outageTable('1.2'),
    waits: waitTable(),
    price: priceTable(),
  };
  let text = readFileSync(page, 'utf8');
  for (const [name, content] of Object.entries(written)) {
    const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < 0) continue;
    text = `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
  }
  writeFileSync(page, text);
}
console.log(`drawn: ${images}/refresh-*.svg`);
