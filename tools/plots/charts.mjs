// The charts of docs/refresh.md, from the rows of the CSV files.

import { Drawing, linear, logarithmic } from './svg.mjs';

/** The contenders: their names in the CSV files, on the charts, and their colours. */
export const contenders = [
  { key: 'wixtokend', name: 'wixtokend', className: 'ours', colours: ['#0969da', '#58a6ff'] },
  {
    key: 'wixtokend economy',
    name: 'wixtokend, economy',
    className: 'economy',
    colours: ['#80b3f0', '#2f6fbd'],
  },
  {
    key: 'wixtokend max',
    name: 'wixtokend, max',
    className: 'max',
    colours: ['#0a3069', '#a5d0ff'],
  },
  {
    key: '5 min before',
    name: '5 min before the end',
    className: 'five',
    colours: ['#bc4c00', '#f0883e'],
  },
  {
    key: 'half-life re-rolled',
    name: 'half-life, re-rolled',
    className: 'half',
    colours: ['#8250df', '#bc8cff'],
  },
  {
    key: '80 % - 0..10 s',
    name: '80 % less 0–10 s',
    className: 'eighty',
    colours: ['#bf8700', '#e3b341'],
  },
  {
    key: 'plain EDF',
    name: 'plain earliest-first',
    className: 'edf',
    colours: ['#1a7f37', '#3fb950'],
  },
];

const series = Object.fromEntries(contenders.map(({ className, colours }) => [className, colours]));
const without = (...classes) => contenders.filter(({ className }) => !classes.includes(className));
export const rounded = (value) => {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value >= 10 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(2);
};

/** Mints per second over a day after all instances came at once, one panel for each contender. */
export function massStart(rows, peaks, start) {
  const shown = without('economy', 'max');
  const [left, right, top, panel, gap] = [70, 180, 58, 84, 12];
  const width = 900;
  const bottom = top + shown.length * (panel + gap) - gap;
  const steady = Number(peaks[0].steady_per_s);
  const drawing = new Drawing(
    width,
    bottom + 52,
    `Mints per second after a mass start (everything minted within ${start})`,
    'Per contender the mints per second of each minute over 24 hours, on a logarithmic scale.',
    series,
  );
  const x = linear(0, 24, left, width - right);
  const [least, most] = [steady / 9.26, steady * 200];
  const ticks = [1, 10, 100, 1000, 10000].filter((tick) => tick >= least * 0.99 && tick <= most);
  shown.forEach(({ key, name, className }, i) => {
    const base = top + i * (panel + gap) + panel;
    const y = logarithmic(least, most, base, base - panel);
    for (const tick of ticks) {
      drawing.line(left, y(tick), width - right, y(tick));
      drawing.text(left - 8, y(tick) + 4, tick.toLocaleString('en'), {
        anchor: 'end',
        className: 'small',
      });
    }
    const own = rows.filter((row) => row.contender === key && row.start === start);
    const points = own.map((row) => [x(Number(row.minute) / 60), y(Number(row.mints_per_s))]);
    drawing.area(points, base, className);
    drawing.line(left, y(steady), width - right, y(steady), 'mark');
    drawing.line(left, base, width - right, base, 'axis');
    const lives = peaks.filter((row) => row.contender === key && row.start === start);
    drawing.text(width - right + 14, base - panel + 18, name, { className: 'strong' });
    for (const [place, lifetime] of ['1', '2', '5'].entries()) {
      const row = lives.find((one) => one.lifetime === lifetime);
      if (!row) continue;
      const ratio = Number(row.peak_per_s) / steady;
      const nth = { 1: '1st', 2: '2nd', 5: '5th' }[lifetime];
      drawing.text(
        width - right + 14,
        base - panel + 36 + place * 15,
        `${nth} life: peak ${rounded(ratio)} ×`,
        { className: 'small' },
      );
    }
  });
  for (let hour = 0; hour <= 24; hour += 4) {
    drawing.line(x(hour), bottom, x(hour), bottom + 5, 'axis');
    drawing.text(x(hour), bottom + 19, String(hour), { anchor: 'middle', className: 'small' });
  }
  drawing.text(
    (left + width - right) / 2,
    bottom + 40,
    'hours since the start (a token lives 4 h)',
    { anchor: 'middle' },
  );
  drawing.text(20, (top + bottom) / 2, 'mints per second (log)', {
    anchor: 'middle',
    turned: true,
  });
  drawing.text(width - right + 14, bottom + 19, `- - -  steady demand, ${rounded(steady)}/s`, {
    className: 'small',
  });
  return drawing.toString();
}

/** The share of tokens that lapse, per outage, in one panel for each capacity. */
export function outages(rows) {
  const shown = without('economy');
  const minutes = ['5', '30', '45', '60', '90'];
  const [left, right, top, panel, gap] = [70, 20, 96, 190, 66];
  const width = 900;
  const drawing = new Drawing(
    width,
    top + 2 * panel + gap + 56,
    'Share of tokens that lapse in an outage of the upstream',
    'Grouped bars: per length of the outage and contender the share of instances that were without a usable token.',
    series,
  );
  drawing.legend(
    left,
    54,
    shown.map(({ name, className }) => ({ name, className })),
  );
  const group = (width - left - right) / minutes.length;
  const bar = (group - 22) / shown.length;
  for (const [i, capacity] of ['2', '1.2'].entries()) {
    const base = top + i * (panel + gap) + panel;
    const y = linear(0, 100, base, base - panel);
    drawing.text(left, base - panel - 14, `upstream capacity ${capacity} × the steady demand`, {
      className: 'strong',
    });
    for (let tick = 0; tick <= 100; tick += 25) {
      drawing.line(left, y(tick), width - right, y(tick));
      drawing.text(left - 8, y(tick) + 4, `${tick} %`, { anchor: 'end', className: 'small' });
    }
    minutes.forEach((length, place) => {
      const from = left + place * group + 11;
      shown.forEach(({ key, className }, number) => {
        const row = rows.find(
          (one) => one.contender === key && one.capacity === capacity && one.outage_min === length,
        );
        if (!row) return;
        const lapsed = Number(row.lapsed_share) * 100;
        drawing.rect(from + number * bar + 1, y(lapsed), bar - 2, base - y(lapsed), className);
        const label = lapsed === 0 ? '0' : rounded(lapsed).replace(/\.0$/, '');
        drawing.text(from + (number + 0.5) * bar, y(lapsed) - 4, label, {
          anchor: 'middle',
          className: 'tiny',
        });
      });
      drawing.text(from + (group - 22) / 2, base + 19, `${length} min`, { anchor: 'middle' });
    });
    drawing.line(left, base, width - right, base, 'axis');
    drawing.text(20, base - panel / 2, 'instances that lapsed', { anchor: 'middle', turned: true });
  }
  drawing.text((left + width - right) / 2, top + 2 * panel + gap + 42, 'length of the outage', {
    anchor: 'middle',
  });
  return drawing.toString();
}

/** How long callers waited who found nothing usable once the upstream was back: median to p99. */
export function waits(rows) {
  const shown = without('economy', 'max');
  const cases = [
    ['60', '2'],
    ['60', '1.2'],
    ['90', '2'],
    ['90', '1.2'],
  ];
  const [left, right, top, row, gap] = [270, 90, 66, 20, 20];
  const width = 900;
  const block = shown.length * row + gap;
  const bottom = top + cases.length * block;
  const drawing = new Drawing(
    width,
    bottom + 52,
    'How long callers wait after an outage, if they find nothing usable',
    'Per outage, capacity and contender: a bar from the median wait to the 99th percentile, logarithmic.',
    series,
  );
  const x = logarithmic(0.05, 5, left, width - right);
  for (const tick of [0.05, 0.1, 0.2, 0.5, 1, 2, 5]) {
    drawing.line(x(tick), top, x(tick), bottom - gap + 6, tick === 2 ? 'mark' : 'grid');
    drawing.text(x(tick), bottom + 6, `${tick} s`, { anchor: 'middle', className: 'small' });
  }
  drawing.text(x(2), top - 8, 'aim: p99 ≤ 2 s', { anchor: 'middle', className: 'small' });
  drawing.text(x(5), top - 8, 'gave up', { anchor: 'middle', className: 'small' });
  cases.forEach(([minutes, capacity], i) => {
    const from = top + i * block;
    drawing.text(20, from + 16, `${minutes} min`, { className: 'strong' });
    drawing.text(20, from + 32, `capacity ${capacity} ×`, { className: 'small' });
    shown.forEach(({ key, name, className }, number) => {
      const y = from + (number + 0.5) * row;
      drawing.text(left - 12, y + 4, name, { anchor: 'end' });
      const one = rows.find(
        (each) =>
          each.contender === key && each.capacity === capacity && each.outage_min === minutes,
      );
      if (!one) return;
      if (Number(one.waited) === 0) {
        drawing.text(left + 6, y + 4, 'nobody waited', { className: 'small' });
        return;
      }
      const [middle, most] = [x(Number(one.wait_p50_s)), x(Number(one.wait_p99_s))];
      drawing.rect(middle, y - 3, Math.max(most - middle, 0), 6, className, 'rx="3"');
      drawing.circle(middle, y, 5, className);
      drawing.circle(most, y, 5, className);
      drawing.text(most + 12, y + 4, Number(one.waited).toLocaleString('en'), {
        className: 'small',
      });
    });
    if (i > 0) drawing.line(20, from - gap / 2, width - 20, from - gap / 2, 'grid');
  });
  drawing.text(
    (left + width - right) / 2,
    bottom + 36,
    'wait from median to 99th percentile (log); beside it how many callers waited after the first mint',
    { anchor: 'middle' },
  );
  return drawing.toString();
}

/** Mints per instance and day, and what they buy. */
export function price(prices, rows) {
  const [left, right, top, row] = [180, 272, 54, 36];
  const width = 900;
  const bottom = top + contenders.length * row;
  const drawing = new Drawing(
    width,
    bottom + 52,
    'The price: mints per instance and day, and the outage that they outlast',
    'Bars of mints per instance and day, each with the longest outage tried without a lapsed token.',
    series,
  );
  const x = linear(0, 14, left, width - right);
  for (let tick = 0; tick <= 14; tick += 2) {
    drawing.line(x(tick), top, x(tick), bottom);
    drawing.text(x(tick), bottom + 18, String(tick), { anchor: 'middle', className: 'small' });
  }
  contenders.forEach(({ key, name, className }, i) => {
    const y = top + i * row + 7;
    const mints = Number(prices.find((one) => one.contender === key)?.mints_per_day ?? 0);
    drawing.rect(left, y, x(mints) - left, row - 14, className, 'rx="2"');
    drawing.text(left - 12, y + 16, name, { anchor: 'end' });
    drawing.text(x(mints) + 8, y + 16, mints.toFixed(1), { className: 'strong' });
    const outlasted = rows
      .filter(
        (one) => one.contender === key && one.capacity === '2' && Number(one.lapsed_share) === 0,
      )
      .reduce((most, one) => Math.max(most, Number(one.outage_min)), 0);
    drawing.text(
      width - right + 24,
      y + 16,
      outlasted === 0 ? 'lapses within 5 min' : `no lapse in ${outlasted} min without upstream`,
      { className: 'label' },
    );
  });
  drawing.line(left, top, left, bottom, 'axis');
  drawing.text((left + width - right) / 2, bottom + 40, 'mints per instance and day', {
    anchor: 'middle',
  });
  drawing.text(width - right + 24, bottom + 18, 'tried: 5, 30, 45, 60, 90 min; capacity 2 ×', {
    className: 'small',
  });
  return drawing.toString();
}
