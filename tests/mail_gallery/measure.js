// Everything that is wrong with how a mail stands on a page this wide, by one look at each of its texts and elements.
// A fault is a line; figures say how much was looked at and what was found at worst.
(width) => {
  const SLACK = 0.5; // of a pixel, which browsers round away
  const faults = [];
  const worst = { contrast: Infinity, right: 0, texts: 0, elements: 0 };
  const told = (node) => `<${(node.tagName ? node : node.parentElement).tagName.toLowerCase()} class="${(node.tagName ? node : node.parentElement).className}"> ${node.textContent.trim().slice(0, 60)}`;

  const faded = ([red, green, blue, alpha], opacity) => [red, green, blue, alpha * opacity];

  // What a browser paints where nobody says anything: white, or nearly black where the page says that it knows the dark.
  const canvas = (() => {
    const probe = document.createElement("i");
    probe.style.cssText = "all: initial; background-color: Canvas !important";
    probe.style.setProperty("color-scheme", getComputedStyle(document.documentElement).colorScheme, "important");
    document.documentElement.append(probe);
    const found = colour(getComputedStyle(probe).backgroundColor);
    probe.remove();
    return found;
  })();

  const known = new Map();
  // The ground beneath the texts of an element, and how opaque all that holds it is.
  const beneath = (element) => {
    if (!element) return { ground: canvas, opacity: 1 };
    if (known.has(element)) return known.get(element);
    const style = getComputedStyle(element);
    const outer = beneath(element.parentElement);
    if (style.backgroundImage !== "none") faults.push(`a picture is behind text: ${told(element)}`);
    const opacity = outer.opacity * +style.opacity;
    const found = { ground: over(faded(colour(style.backgroundColor), opacity), outer.ground), opacity };
    known.set(element, found);
    return found;
  };
  const isLarge = (style) => {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
  };

  const outside = (node, box) => {
    worst.right = Math.max(worst.right, box.right);
    if (box.right > width + SLACK) faults.push(`reaches to ${Math.round(box.right)} of ${width}: ${told(node)}`);
    if (box.left < -SLACK) faults.push(`begins at ${Math.round(box.left)}: ${told(node)}`);
  };

  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const style = getComputedStyle(element);
    const { ground, opacity } = beneath(element);
    const found = contrast(over(faded(colour(style.color), opacity), ground), ground);
    const least = isLarge(style) ? 3 : 4.5;
    worst.texts += 1;
    worst.contrast = Math.min(worst.contrast, found);
    if (found < least) faults.push(`contrast ${found.toFixed(2)} of ${style.color} on ${ground.slice(0, 3).map(Math.round)}: ${told(node)}`);
    outside(node, box);
  }
  for (const element of document.body.querySelectorAll("*")) {
    if (!element.checkVisibility()) continue;
    worst.elements += 1;
    outside(element, element.getBoundingClientRect());
    const cuts = getComputedStyle(element).overflowX !== "visible";
    if (cuts && element.scrollWidth > element.clientWidth + 1) faults.push(`cuts off or scrolls: ${told(element)}`);
  }
  const scroll = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
  if (scroll > width) faults.push(`the page scrolls sideways: ${scroll} of ${width}`);
  return { faults, ...worst, contrast: Math.round(worst.contrast * 100) / 100 };
};
