() => {
  // Contrast by WCAG 2.2 (1.4.3): the worst of each kind of element, over all that is behind it.
  document.querySelectorAll('details').forEach(d => { d.open = true });
  const rgba = s => { const n = s.match(/[\d.]+/g).map(Number); return [n[0], n[1], n[2], n[3] ?? 1] };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => { const [r, g, b] = c.map(v => { v /= 255;
    return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 }); return .2126*r + .7152*g + .0722*b };
  const ground = e => { const all = []; for (; e; e = e.parentElement)
    all.unshift(rgba(getComputedStyle(e).backgroundColor));
    return all.reduce((below, c) => over(c, below), [255, 255, 255, 1]) };
  const worst = {}; const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let t; (t = walk.nextNode());) {
    const e = t.parentElement;
    if (!t.data.trim() || ['SCRIPT', 'STYLE', 'TITLE'].includes(e.tagName) || !e.checkVisibility()) continue;
    const style = getComputedStyle(e), below = ground(e);
    const ink = over(rgba(e.closest('svg') ? style.fill : style.color), below);
    const [a, b] = [light(ink), light(below)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
    const name = `${e.tagName.toLowerCase()}.${e.className}`;
    if (!(worst[name]?.ratio <= ratio)) worst[name] = {ratio, text: t.data.trim().slice(0, 40)};
  }
  const cut = [...document.querySelectorAll('table')].filter(t => {
    const box = t.closest('.scroll'); return !box && t.scrollWidth > innerWidth }).length;
  return {width: document.documentElement.scrollWidth, inner: innerWidth, worst, cut,
    dead: [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href').slice(1))
      .filter(id => !document.getElementById(id)),
    links: [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))};
}
