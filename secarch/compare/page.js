"use strict";
// Sort and filter the flips; judge answers blinded and save the choices. Without this script the page still shows all.

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

const blind = () => {
  const box = document.getElementById("blind");
  if (!box) return;
  const items = [...box.querySelectorAll("article")], at = (name) => document.getElementById(`blind-${name}`);
  const values = { first: 1, second: -1, equal: 0 }, store = `secarch ${box.dataset.artifact}`;
  const chosen = new Map(); // item id -> label row; a skipped item has none
  let now = 0;
  try {
    const kept = JSON.parse(localStorage.getItem(store) || "{}");
    at("reviewer").value = kept.reviewer || "";
    for (const row of kept.rows || []) chosen.set(row.item_id, row);
  } catch { /* a browser may keep nothing for local files; then choices last as long as the page */ }

  const labels = () => items.filter((item) => chosen.has(item.dataset.id)).map((item) =>
    JSON.stringify({ ...chosen.get(item.dataset.id), reviewer: at("reviewer").value.trim() || "reader" }) + "\n").join("");
  const draw = () => {
    items.forEach((item, n) => { item.hidden = n !== now; });
    const id = items[now]?.dataset.id, choice = chosen.get(id)?.decision;
    for (const button of box.querySelectorAll("[data-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.choice === choice));
      button.disabled = now >= items.length;
    }
    at("note").value = chosen.get(id)?.note || "";
    at("progress").value = `${Math.min(now + 1, items.length)} of ${items.length}, ${chosen.size} judged`;
    at("end").hidden = now < items.length;
    at("labels").value = labels();
    at("save").disabled = chosen.size === 0;
    try {
      localStorage.setItem(store, JSON.stringify({ reviewer: at("reviewer").value, rows: [...chosen.values()] }));
    } catch { /* as above */ }
  };
  const go = (to) => { now = Math.max(0, Math.min(items.length, to)); draw(); };
  const choose = (decision) => {
    const item = items[now];
    if (!item) return;
    if (decision === "skip") chosen.delete(item.dataset.id);
    else {
      chosen.set(item.dataset.id, {
        artifact: box.dataset.artifact, item_id: item.dataset.id, item_sha256: item.dataset.sha256,
        kind: "blind_preference", decision, value: values[decision], note: at("note").value.trim(), reviewer: "",
        at: new Date().toISOString(),
      });
    }
    go(now + 1);
  };
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([labels()], { type: "application/x-ndjson" }));
    link.download = "labels.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const pressed = { a: "first", b: "second", e: "equal", s: "skip" };
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || ["INPUT", "TEXTAREA"].includes(event.target.tagName)) return;
    if (event.key === "ArrowLeft") go(now - 1);
    else if (event.key in pressed) choose(pressed[event.key]);
    else return;
    event.preventDefault();
  });
  for (const button of box.querySelectorAll("[data-choice]")) {
    button.addEventListener("click", () => choose(button.dataset.choice));
  }
  at("back").addEventListener("click", () => go(now - 1));
  at("save").addEventListener("click", save);
  at("reviewer").addEventListener("input", draw);
  at("note").addEventListener("change", () => {
    const row = chosen.get(items[now]?.dataset.id);
    if (row) { row.note = at("note").value.trim(); draw(); }
  });
  at("panel").hidden = false;
  draw();
};

flips();
blind();
