// Plain SVG charts: text in, text out. Colours follow the reader's light or dark scheme.

const light = { ground: '#ffffff', ink: '#1f2328', faint: '#59636e', line: '#d1d9e0' };
const dark = { ground: '#0d1117', ink: '#f0f6fc', faint: '#9198a1', line: '#3d444d' };

const escape = (text) =>
  String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const short = (number) => String(Math.round(number * 10) / 10);
const scheme = (palette) =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

/** One drawing. Colours of series are classes: `series` maps a class to its light and dark colour. */
export class Drawing {
  constructor(width, height, title, description, series) {
    this.width = width;
    this.height = height;
    this.parts = [];
    this.head = { title, description, series };
  }

  add(text) {
    this.parts.push(text);
  }

  line(x1, y1, x2, y2, className = 'grid') {
    this.add(
      `<line class="${className}" x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}"/>`,
    );
  }

  rect(x, y, width, height, className, extra = '') {
    this.add(
      `<rect class="${className}" x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" ${extra}/>`,
    );
  }

  circle(x, y, radius, className) {
    this.add(`<circle class="${className}" cx="${short(x)}" cy="${short(y)}" r="${radius}"/>`);
  }

  text(x, y, content, { anchor = 'start', className = 'label', turned = false } = {}) {
    const turn = turned ? ` transform="rotate(-90 ${short(x)} ${short(y)})"` : '';
    this.add(
      `<text class="${className}" x="${short(x)}" y="${short(y)}" text-anchor="${anchor}"${turn}>${escape(content)}</text>`,
    );
  }

  /** The area under a line of [x, y] points, and the line itself. */
  area(points, base, className) {
    // Points on a straight line say nothing.
    const kept = points.filter(
      ([, y], i) =>
        i === 0 || i === points.length - 1 || points[i - 1][1] !== y || points[i + 1][1] !== y,
    );
    const path = kept.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`).join('');
    const [first] = kept[0];
    const [last] = kept[kept.length - 1];
    this.add(
      `<path class="${className} fill" d="${path}L${short(last)} ${short(base)}L${short(first)} ${short(base)}Z"/>`,
    );
    this.add(`<path class="${className} stroke" d="${path}"/>`);
  }

  /** A row of squares with names. */
  legend(x, y, entries) {
    let at = x;
    for (const { name, className } of entries) {
      this.rect(at, y - 9, 11, 11, className, 'rx="2"');
      this.text(at + 16, y, name);
      at += 16 + name.length * 6.3 + 20;
    }
  }

  toString() {
    const { title, description, series } = this.head;
    const colours = (which) =>
      Object.entries(series)
        .map(([name, pair]) => `--${name}:${pair[which]}`)
        .join(';');
    const classes = Object.keys(series)
      .map(
        (name) =>
          `.${name}{fill:var(--${name})}.${name}.stroke{fill:none;stroke:var(--${name});stroke-width:1.3}.${name}.fill{fill-opacity:.22}`,
      )
      .join('\n');
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${this.width} ${this.height}" width="${this.width}" height="${this.height}" role="img" aria-label="${escape(title)}">
<title>${escape(title)}</title>
<desc>${escape(description)}</desc>
<style>
svg{${scheme(light)};${colours(0)};font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
@media (prefers-color-scheme:dark){svg{${scheme(dark)};${colours(1)}}}
.ground{fill:var(--ground)}
.grid{stroke:var(--line);stroke-width:1}
.axis{stroke:var(--faint);stroke-width:1}
.mark{stroke:var(--ink);stroke-width:1;stroke-dasharray:4 3}
.title{font-size:15px;font-weight:600;fill:var(--ink)}
.label{font-size:12px;fill:var(--ink)}
.small{font-size:11px;fill:var(--faint);paint-order:stroke;stroke:var(--ground);stroke-width:3px}
.tiny{font-size:9.5px;fill:var(--ink)}
.strong{font-size:12px;font-weight:600;fill:var(--ink)}
${classes}
</style>
<rect class="ground" width="100%" height="100%" rx="6"/>
<text class="title" x="20" y="28">${escape(title)}</text>
${this.parts.join('\n')}
</svg>
`;
  }
}

/** From a value to a place on an axis. */
export const linear = (from, to, start, end) => (value) =>
  start + ((value - from) / (to - from)) * (end - start);
export const logarithmic = (from, to, start, end) => (value) =>
  start + (Math.log(Math.max(value, from) / from) / Math.log(to / from)) * (end - start);
