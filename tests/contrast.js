// How texts stand out from what is behind them, by the formula of WCAG 2; colours are [red, green, blue, alpha].
const colour = (words) => {
  const found = words.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
  if (!found) throw new Error(`A colour that nobody can read: ${words}`);
  return [+found[1], +found[2], +found[3], found[4] === undefined ? 1 : +found[4]];
};
const over = (top, ground) => {
  const alpha = top[3] + ground[3] * (1 - top[3]);
  if (!alpha) return [0, 0, 0, 0];
  const mixed = [0, 1, 2].map((n) => (top[n] * top[3] + ground[n] * ground[3] * (1 - top[3])) / alpha);
  return [...mixed, alpha];
};
const luminance = (rgb) => {
  const [red, green, blue] = rgb.slice(0, 3).map((one) => {
    const part = one / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};
