const NAMESPACE = 'http://www.w3.org/2000/svg';
const PAD_PX = 16;
const HEAD_PX = 30;
const LINE_PX = 16;
const FOOT_PX = 22;
/** Widths of a letter of the title and of the smaller words, about. */
const TITLE_LETTER_PX = 7.4;
const LETTER_PX = 5.8;
const SCALE = 2;
/** What a chart's elements get from style sheets; each exists as an attribute of the same name, which need not say its default. */
const PAINTED: Readonly<Record<string, string | null>> = {
  fill: null,
  'fill-opacity': '1',
  stroke: 'none',
  'stroke-width': null,
  'stroke-dasharray': 'none',
  'stroke-linejoin': 'miter',
  'stroke-opacity': '1',
  opacity: '1',
  'font-size': null,
  'font-weight': '400',
  'text-anchor': 'start',
  'shape-rendering': 'auto',
  visibility: 'visible',
};
const COLOURS = new Set(['fill', 'stroke']);
const TEXT_ONLY = new Set(['font-size', 'font-weight', 'text-anchor']);
const STROKE_ONLY = /^stroke-/;
const FONT = "'Inter Variable', Inter, system-ui, sans-serif";

export interface Caption {
  title: string;
  /** Of the y axis. */
  quantity: string;
  /** Of the x axis. */
  xLabel: string;
  /** What marks mean that are not named at their ends: a name and a colour token of the theme. */
  keys?: readonly ChartKey[];
}

export interface ChartKey {
  name: string;
  token: string;
}

export interface ChartImage {
  markup: string;
  width: number;
  height: number;
}

/**
 * A chart as an SVG file of its own: every colour, width and font of the window's theme is written on the element that has it,
 * with the title above, the quantity at its right and the x axis named below.
 */
export function chartSvg(chart: SVGSVGElement, caption: Caption): ChartImage {
  const box = chart.getBoundingClientRect();
  const width = Math.ceil(box.width) + 2 * PAD_PX;
  const { title, quantity, xLabel, keys = [] } = caption;
  // In a narrow drawing title and quantity would lie over each other.
  const narrow = title.length * TITLE_LETTER_PX + quantity.length * LETTER_PX > width - 3 * PAD_PX;
  const headPx = HEAD_PX + (narrow ? LINE_PX : 0);
  const keysPx = keys.length > 0 ? LINE_PX : 0;
  const bottom = headPx + Math.ceil(box.height);
  const height = bottom + keysPx + FOOT_PX + PAD_PX / 2;
  const copy = chart.cloneNode(true) as SVGSVGElement;
  inlineStyles(chart, copy);
  const page = svgElement('svg', { xmlns: NAMESPACE, width, height, viewBox: `0 0 ${width} ${height}` });
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => plainColour(style.getPropertyValue(`--${name}`).trim());
  page.setAttribute('font-family', FONT);
  const words = (text: string, x: number, y: number, more: Record<string, string | number>) => {
    const element = svgElement('text', { x, y, 'font-size': 11, fill: token('text-2'), ...more });
    element.textContent = text;
    return element;
  };
  const content = svgElement('g', { transform: `translate(${PAD_PX} ${headPx})` });
  content.append(...copy.childNodes);
  page.append(
    svgElement('rect', { width, height, fill: token('panel') }),
    words(title, PAD_PX, 20, { 'font-size': 13, 'font-weight': 600, fill: token('text') }),
    narrow
      ? words(quantity, PAD_PX, 20 + LINE_PX, {})
      : words(quantity, width - PAD_PX, 20, { 'text-anchor': 'end' }),
    content,
    words(xLabel, width - PAD_PX, height - 10, { 'text-anchor': 'end' }),
  );
  let x = PAD_PX;
  for (const key of keys) {
    page.append(
      svgElement('rect', { x, y: bottom + 5, width: 8, height: 8, fill: token(key.token) }),
      words(key.name, x + 12, bottom + 13, {}),
    );
    x += 12 + key.name.length * LETTER_PX + 14;
  }
  return { markup: new XMLSerializer().serializeToString(page), width, height };
}

/** The same as PNG, twice as large, in the window's own font. */
export async function chartPng(image: ChartImage): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = image.width * SCALE;
  canvas.height = image.height * SCALE;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gives no canvas to draw on.');
  const url = URL.createObjectURL(new Blob([await withFont(image.markup)], { type: 'image/svg+xml' }));
  try {
    const drawn = new Image();
    drawn.src = url;
    await drawn.decode();
    context.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  } finally {
    URL.revokeObjectURL(url);
  }
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The image could not be written.')))),
  );
}

function inlineStyles(original: Element, copy: Element): void {
  const style = getComputedStyle(original);
  const isText = original instanceof SVGTextContentElement;
  const isShape = original instanceof SVGGeometryElement || isText;
  const hasStroke = style.stroke !== 'none';
  for (const [name, usual] of Object.entries(PAINTED)) {
    copy.removeAttribute(name);
    // A group's own opacity counts; its colours are those of the elements in it.
    if (!isShape && name !== 'opacity') continue;
    if ((TEXT_ONLY.has(name) && !isText) || (STROKE_ONLY.test(name) && !hasStroke)) continue;
    const value = style.getPropertyValue(name);
    if (value && value !== usual) copy.setAttribute(name, COLOURS.has(name) ? plainColour(value) : value);
  }
  copy.removeAttribute('class');
  copy.removeAttribute('style');
  for (let i = 0; i < original.children.length; i++) inlineStyles(original.children[i]!, copy.children[i]!);
}

const known = new Map<string, string>();

/** A colour in the notation that every reader of SVG knows; `color-mix` computes to one that few do. */
function plainColour(value: string): string {
  if (value === 'none' || value === '' || /^(#|rgb\()/.test(value)) return value;
  let plain = known.get(value);
  if (!plain) {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    if (!context) return value;
    context.fillStyle = value;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    plain = a === 255 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${(a! / 255).toFixed(3)})`;
    known.set(value, plain);
  }
  return plain;
}

function svgElement(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

let fontFace: Promise<string> | undefined;

/** An image may load nothing: the window's font is put into it. Without it, the system's own is drawn. */
async function withFont(markup: string): Promise<string> {
  fontFace ??= latinFontFace().catch(() => '');
  const face = await fontFace;
  return face ? markup.replace('>', `><style>${face}</style>`) : markup;
}

async function latinFontFace(): Promise<string> {
  const rules = [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].map((rule) => [sheet, rule] as const),
  );
  for (const [sheet, rule] of rules) {
    if (!(rule instanceof CSSFontFaceRule) || !/Inter Variable/.test(rule.style.fontFamily)) continue;
    // The file that holds Latin letters is the one whose range begins at 0.
    if (!/U\+0+-/i.test(rule.style.getPropertyValue('unicode-range'))) continue;
    const file = /url\("?([^")]+)"?\)/.exec(rule.style.getPropertyValue('src'))?.[1];
    if (!file) continue;
    const bytes = await (await fetch(new URL(file, sheet.href ?? document.baseURI))).blob();
    const data = await new Promise<string>((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(bytes);
    });
    return `@font-face{font-family:'Inter Variable';font-weight:100 900;src:url(${data}) format('woff2')}`;
  }
  return '';
}
