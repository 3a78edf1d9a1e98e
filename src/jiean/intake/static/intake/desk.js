/* The desk by keyboard: j and k walk the queue, Enter opens; on a report the key named in data-key presses its button.
 * Beside the entry, [data-caller="/url"] data-phone="id" shows the caller's own open matters. */

const typing = (target) => target.matches?.("input, textarea, select, [contenteditable]");

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(here + step, 0), rows.length - 1)].focus();
}

document.addEventListener("keydown", (event) => {
  if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else {
    const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!pressed) return;
    event.preventDefault();
    pressed.click();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
});

const beside = document.querySelector("[data-caller]");

async function showCaller(field) {
  const body = new FormData();
  body.append("phone", field.value);
  body.append("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
  const answer = await fetch(beside.dataset.caller, { method: "POST", body }).catch(() => null);
  if (answer?.ok) beside.innerHTML = await answer.text();
}

if (beside) document.getElementById(beside.dataset.phone).addEventListener("change", (event) => showCaller(event.target));
