"use strict";
// Sort and filter the flips. Without this script the page still shows all.

const flips = () => {
  const list = document.getElementById("flips"), bar = document.getElementById("flip-controls");
  if (!list || !bar) return;
  const rows = [...list.children], [show, category, order, find, count] = bar.querySelectorAll("select, input, output");
  const keys = {
    worst: (a, b) => a.dataset.gain - b.dataset.gain, best: (a, b) => b.dataset.gain - a.dataset.gain,
    id: (a, b) => (a.dataset.id < b.dataset.id ? -1 : 1),
  };
  const passes = (row) => (show.value === "all" || (show.value === "largest" ? "largest" in row.dataset
    : row.dataset.direction === show.value)) && (!category.value || row.dataset.category === category.value)
    && row.textContent.toLowerCase().includes(find.value.trim().toLowerCase());
  const draw = () => {
    for (const row of rows) row.hidden = !passes(row);
    list.append(...[...rows].sort(keys[order.value]));
    count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
  };
  for (const field of [show, category, order, find]) field.addEventListener("input", draw);
  bar.hidden = false;
  draw();
};

flips();
