/* One key plans the shift's patrols: p, wherever the form stands, but never while somebody writes. */

document.addEventListener("keydown", (event) => {
  if (event.key !== "p" || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  document.getElementById("plan-patrol")?.click();
});
