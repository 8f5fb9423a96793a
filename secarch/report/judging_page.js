"use strict";
// Judge one item after the other by keyboard; choices are kept in the browser and saved as label rows.

const panel = (box) => {
  const items = [...box.querySelectorAll("article")], part = (name) => box.querySelector(`[data-part="${name}"]`);
  const buttons = [...box.querySelectorAll("[data-choice]")], { artifact, kind } = box.dataset;
  const store = `secarch ${kind} ${artifact}`, chosen = new Map(); // item id -> label row; a skipped item has none
  let now = 0;
  try {
    const kept = JSON.parse(localStorage.getItem(store) || "{}");
    part("reviewer").value = kept.reviewer || "";
    for (const row of kept.rows || []) chosen.set(row.item_id, row);
    now = Math.max(0, items.findIndex((item) => !chosen.has(item.dataset.id)));
  } catch { /* a browser may keep nothing for local files; then choices last as long as the page */ }

  const labels = () => items.filter((item) => chosen.has(item.dataset.id)).map((item) =>
    JSON.stringify({ ...chosen.get(item.dataset.id), reviewer: part("reviewer").value.trim() || "reviewer" }) + "\n").join("");
  const fields = (item) => [...item.querySelectorAll("textarea")];
  const editing = (item) => Boolean(item) && !item.querySelector("[data-part=edit]")?.hidden;
  const draw = () => {
    items.forEach((item, n) => {
      item.hidden = n !== now;
      const label = chosen.get(item.dataset.id), open = label?.decision === "edit" || item.dataset.editing === "yes";
      const edit = item.querySelector("[data-part=edit]");
      if (edit) edit.hidden = !open;
      if (label?.decision === "edit") for (const field of fields(item)) field.value = label.value[field.dataset.field];
    });
    const id = items[now]?.dataset.id, choice = chosen.get(id)?.decision;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.choice === choice));
      button.disabled = now >= items.length;
    }
    part("note").value = chosen.get(id)?.note || "";
    part("progress").value = `${Math.min(now + 1, items.length)} of ${items.length}, ${chosen.size} judged`;
    part("end").hidden = now < items.length;
    part("labels").value = labels();
    part("save").disabled = chosen.size === 0;
    try {
      localStorage.setItem(store, JSON.stringify({ reviewer: part("reviewer").value, rows: [...chosen.values()] }));
    } catch { /* as above */ }
  };
  const go = (to) => { now = Math.max(0, Math.min(items.length, to)); draw(); };
  const record = (item, decision, value) => {
    chosen.set(item.dataset.id, {
      artifact, item_id: item.dataset.id, item_sha256: item.dataset.sha256, kind: item.dataset.kind || kind, decision, value,
      note: part("note").value.trim(), reviewer: "", at: new Date().toISOString(),
    });
    delete item.dataset.editing;
  };
  const choose = (button) => {
    const item = items[now], decision = button.dataset.choice;
    if (!item) return;
    if (decision === "edit") {
      const edited = fields(item).some((field) => field.value !== field.defaultValue && field.value.trim());
      if (!editing(item) || !edited) {
        item.dataset.editing = "yes";
        draw();
        fields(item)[0]?.focus();
        return;
      }
      record(item, "edit", Object.fromEntries(fields(item).map((field) => [field.dataset.field, field.value.trim()])));
    } else if (decision === "skip") { chosen.delete(item.dataset.id); delete item.dataset.editing; }
    else record(item, decision, Number(button.dataset.value));
    if (document.activeElement?.tagName === "TEXTAREA") box.focus();
    go(now + 1);
  };
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([labels()], { type: "application/x-ndjson" }));
    link.download = `${kind}.jsonl`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const leave = (item) => {
    for (const field of fields(item)) field.value = field.defaultValue;
    delete item.dataset.editing;
    if (chosen.get(item.dataset.id)?.decision === "edit") chosen.delete(item.dataset.id);
    draw();
    box.focus();
  };
  box.addEventListener("keydown", (event) => {
    const inside = ["INPUT", "TEXTAREA"].includes(event.target.tagName), item = items[now];
    const edit = buttons.find((button) => button.dataset.choice === "edit");
    if (inside && event.key === "Escape" && item?.contains(event.target)) leave(item);
    else if (inside && event.key === "Enter" && (event.ctrlKey || event.metaKey) && edit) choose(edit);
    else if (inside || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "ArrowLeft") go(now - 1);
    else if (event.key === "ArrowRight") go(now + 1);
    else {
      const button = buttons.find((one) => one.dataset.key === event.key.toLowerCase());
      if (!button) return;
      choose(button);
    }
    event.preventDefault();
  });
  for (const button of buttons) button.addEventListener("click", () => choose(button));
  part("back").addEventListener("click", () => go(now - 1));
  part("save").addEventListener("click", save);
  part("reviewer").addEventListener("input", draw);
  part("note").addEventListener("change", () => {
    const row = chosen.get(items[now]?.dataset.id);
    if (row) { row.note = part("note").value.trim(); draw(); }
  });
  part("panel").hidden = false;
  draw();
  box.focus({ preventScroll: true });
};

for (const box of document.querySelectorAll(".judging")) panel(box);
