/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** A class of the page's style sheet. */
  readonly style: string;
  /** Ascending in x. */
  readonly points: readonly (readonly [xMs: number, y: number])[];
}

/** An instant that something happened at. */
export interface Marker {
  readonly timeMs: number;
  readonly style: string;
  /** What is told when it is pointed at. */
  readonly title: string;
}

export interface ChartOptions {
  readonly title: string;
  /** What the y axis counts. */
  readonly unit: string;
  readonly series: readonly Series[];
  readonly markers: readonly Marker[];
  readonly fromMs: number;
  readonly toMs: number;
}

const size = { width: 960, height: 340, left: 64, right: 16, top: 40, bottom: 48 } as const;
const plotWidth = size.width - size.left - size.right;
const plotHeight = size.height - size.top - size.bottom;

/** Draw lines over time as SVG text, with axes, a title and markers; colours are the page's. */
export function lineChart({ title, unit, series, markers, fromMs, toMs }: ChartOptions): string {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y));
  const ticks = ticksOf(Math.min(...values), Math.max(...values));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const x = (timeMs: number) => round(size.left + ((timeMs - fromMs) / (toMs - fromMs)) * plotWidth);
  const y = (value: number) => round(size.top + (1 - (value - low) / (high - low || 1)) * plotHeight);
  const bottom = size.top + plotHeight;
  return [
    `<svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escapeText(title)}">`,
    `<text class="title" x="${size.left}" y="22">${escapeText(title)}</text>`,
    ...ticks.map(
      (tick) =>
        `<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${y(tick)}" y2="${y(tick)}"/><text class="tick" x="${size.left - 8}" y="${y(tick) + 4}" text-anchor="end">${labelOf(tick, ticks)}</text>`,
    ),
    ...monthStarts(fromMs, toMs).map(
      (timeMs) =>
        `<line class="axis" x1="${x(timeMs)}" x2="${x(timeMs)}" y1="${bottom}" y2="${bottom + 5}"/><text class="tick" x="${x(timeMs)}" y="${bottom + 18}" text-anchor="middle">${monthOf(timeMs)}</text>`,
    ),
    `<line class="axis" x1="${size.left}" x2="${size.width - size.right}" y1="${bottom}" y2="${bottom}"/>`,
    `<line class="axis" x1="${size.left}" x2="${size.left}" y1="${size.top}" y2="${bottom}"/>`,
    `<text class="label" x="${size.left + plotWidth / 2}" y="${size.height - 8}" text-anchor="middle">end of the window (UTC)</text>`,
    `<text class="label" transform="translate(14 ${size.top + plotHeight / 2}) rotate(-90)" text-anchor="middle">${escapeText(unit)}</text>`,
    ...markers.map(
      (marker) =>
        `<g class="${marker.style}"><title>${escapeText(marker.title)}</title><line x1="${x(marker.timeMs)}" x2="${x(marker.timeMs)}" y1="${size.top}" y2="${bottom}"/><circle cx="${x(marker.timeMs)}" cy="${size.top}" r="4"/></g>`,
    ),
    ...series.map(
      ({ name, style, points }) =>
        `<polyline class="line ${style}" data-series="${escapeText(name)}" points="${points.map(([timeMs, value]) => `${x(timeMs)},${y(value)}`).join(" ")}"><title>${escapeText(name)}</title></polyline>`,
    ),
    "</svg>",
  ].join("\n");
}

/** Round values that enclose two others, some five steps apart. */
export function ticksOf(low: number, high: number): readonly number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const span = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = power * ([1, 2, 5].find((factor) => power * factor >= span / 5) ?? 10);
  const [first, last] = [Math.floor(low / step), Math.ceil(high / step)];
  const count = Math.max(1, last - first);
  return Array.from({ length: count + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function labelOf(tick: number, ticks: readonly number[]): string {
  const step = ticks.length > 1 ? ticks[1]! - ticks[0]! : 1;
  return tick.toFixed(Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
}

function monthStarts(fromMs: number, toMs: number): readonly number[] {
  const starts: number[] = [];
  const first = new Date(fromMs);
  for (let i = 0; ; i++) {
    const startMs = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + i);
    if (startMs > toMs) break;
    if (startMs >= fromMs) starts.push(startMs);
  }
  // Of less than a month, the first day stands for it.
  return starts.length === 0 ? [fromMs] : starts;
}

function monthOf(timeMs: number): string {
  const date = new Date(timeMs);
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
