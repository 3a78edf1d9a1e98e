/* Forms, made better where scripts run; everything here also works without it.
 *
 *   <form data-once>                      one submission, however often the button is tapped
 *   <form data-confirm="…">               asks once, in a sentence, before it is sent
 *   <input type="file" data-preview>      shows the chosen pictures
 *   [data-counter-for="id"]               counts characters
 *   <button data-locate="lon_id lat_id">  fills in the place, only after a tap; [data-locate-done], [data-locate-failed] say how it went
 *   [data-similar="/url"] data-watch="id id id"   re-fetches a fragment with these fields when they change
 *   <input data-hotkey="/">               the key that focuses it
 *   <select data-autosubmit>              sends its form when changed
 */

const SIMILAR_WAIT_MS = 500;

const closestForm = (event) => (event.target instanceof HTMLFormElement ? event.target : null);

document.addEventListener("submit", (event) => {
  const form = closestForm(event);
  if (!form) return;
  const sentence = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (sentence && !window.confirm(sentence)) return event.preventDefault();
  if (!("once" in form.dataset)) return;
  if (form.getAttribute("aria-busy") === "true") return event.preventDefault();
  form.setAttribute("aria-busy", "true");
  event.submitter?.setAttribute("aria-busy", "true");
}, true);

addEventListener("pageshow", () => {
  document.querySelectorAll("[aria-busy=true]").forEach((element) => element.removeAttribute("aria-busy"));
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("input[type=file][data-preview]")) showPictures(field);
  if (field.matches("[data-autosubmit]")) field.form.requestSubmit();
});

function showPictures(field) {
  let box = field.parentElement.querySelector(".previews");
  if (!box) {
    box = document.createElement("div");
    box.className = "previews";
    field.after(box);
  }
  box.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
  box.replaceChildren(
    ...[...field.files].map((file) => {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      return image;
    }),
  );
}

document.addEventListener("input", (event) => {
  if (!event.target.id) return;
  document.querySelectorAll(`[data-counter-for="${CSS.escape(event.target.id)}"]`).forEach((counter) => {
    const length = [...event.target.value].length;
    counter.querySelector("[data-count]").textContent = length;
    counter.classList.toggle("is-over", length > Number(counter.dataset.limit));
  });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-locate]");
  if (!button) return;
  const [lon, lat] = button.dataset.locate.split(" ").map((id) => document.getElementById(id));
  const say = (outcome) => {
    button.removeAttribute("aria-busy");
    document.querySelectorAll("[data-locate-done], [data-locate-failed]").forEach((element) => {
      element.hidden = !(outcome in element.dataset);
    });
  };
  button.setAttribute("aria-busy", "true");
  if (!navigator.geolocation) return say("locateFailed");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      lon.value = coords.longitude.toFixed(6);
      lat.value = coords.latitude.toFixed(6);
      lat.dispatchEvent(new Event("change", { bubbles: true }));
      say("locateDone");
    },
    () => say("locateFailed"),
    { enableHighAccuracy: true, timeout: 10_000 },
  );
});

function watchSimilar(box) {
  const fields = box.dataset.watch.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
  let timer = null;
  const ask = async () => {
    const body = new FormData(); // sent, not put into the address: what somebody writes is personal
    fields.forEach((field) => body.append(field.name, field.value));
    body.append("csrfmiddlewaretoken", fields[0].form.elements.csrfmiddlewaretoken.value);
    const answer = await fetch(box.dataset.similar, { method: "POST", body }).catch(() => null);
    if (answer?.ok) box.innerHTML = await answer.text();
  };
  fields.forEach((field) =>
    ["input", "change"].forEach((kind) =>
      field.addEventListener(kind, () => {
        clearTimeout(timer);
        timer = setTimeout(ask, SIMILAR_WAIT_MS);
      }),
    ),
  );
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select?.();
});

document.querySelectorAll("[data-similar]").forEach(watchSimilar);
document.querySelector("[data-focus]")?.focus();
