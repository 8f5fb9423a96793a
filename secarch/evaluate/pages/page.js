"use strict";
// Filter and sort the questions. Without this script the page still shows all, failed first.

const questions = () => {
  const list = document.getElementById("questions"), bar = document.getElementById("question-controls");
  if (!list || !bar) return;
  const rows = [...list.children], [show, category, order, find, count] = bar.querySelectorAll("select, input, output");
  const keys = {
    given: (a, b) => a.dataset.place - b.dataset.place, score: (a, b) => a.dataset.score - b.dataset.score,
    id: (a, b) => (a.dataset.id < b.dataset.id ? -1 : 1),
  };
  const passes = (row) => (!show.value || row.dataset.state === show.value)
    && (!category.value || row.dataset.category === category.value)
    && row.textContent.toLowerCase().includes(find.value.trim().toLowerCase());
  const draw = () => {
    for (const row of rows) row.hidden = !passes(row);
    list.append(...[...rows].sort(keys[order.value]));
    list.scrollTop = 0;
    count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
  };
  for (const field of [show, category, order, find]) field.addEventListener("input", draw);
  bar.hidden = false;
  draw();
};

questions();
