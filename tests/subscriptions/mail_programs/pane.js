// What is wrong with a mail as it stands in the pane of a mail program: texts that are hard to read on what is really
// behind them, and whatever is wider than the pane or than the page. A page that is still moving is waited for.
async (pane) => {
  const frame = () => new Promise((go) => requestAnimationFrame(go));
  const moving = () => document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
  for (await frame(), await frame(); moving().length; await frame()) {
    await Promise.allSettled(moving().map((one) => one.finished));
  }
  const faults = [];
  const told = (element, text) => `<${element.tagName.toLowerCase()} class="${element.className}"> ${text.trim().slice(0, 60)}`;
  const ground = (element) => {
    if (!element) return [255, 255, 255, 1];
    const own = colour(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };

  const right = Math.min(pane.getBoundingClientRect().right, innerWidth);
  const walk = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let texts = 0;
  let least = Infinity;
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const behind = ground(element);
    const found = contrast(over(colour(getComputedStyle(element).color), behind), behind);
    texts += 1;
    least = Math.min(least, found);
    if (found < 4.5) faults.push(`contrast ${found.toFixed(2)} on ${behind.slice(0, 3).map(Math.round)}: ${told(element, node.data)}`);
    if (box.right > right + 1) faults.push(`${Math.round(box.right - right)} px too wide: ${told(element, node.data)}`);
  }
  if (pane.scrollWidth > pane.clientWidth + 1) faults.push(`the pane scrolls sideways: ${pane.scrollWidth} of ${pane.clientWidth}`);
  if (pane.getBoundingClientRect().right > innerWidth + 1) faults.push(`the pane is wider than the page: ${told(pane, "")}`);
  return { faults, texts, contrast: least };
};
