/* The public form, made better: the map is fetched only when somebody opens it, because it weighs more than all the rest. */

const box = document.querySelector("[data-map-opens]");

function stylesheet(address) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
}

function script(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });
}

async function openMap() {
  box.dataset.mapStyles.split(" ").forEach(stylesheet);
  await script(box.dataset.mapPmtiles);
  await import(box.dataset.mapOpens);
}

if (box) {
  box.hidden = false;
  box.addEventListener("toggle", () => openMap(), { once: true });
}

document.querySelectorAll("[data-needs-script]").forEach((element) => {
  element.hidden = false;
});

/* Speaking instead of typing is the phone's own: its keyboard has the microphone. We only point at it, where there is one. */
const dictate = document.querySelector("[data-dictate]");
if (dictate && matchMedia("(pointer: coarse)").matches) {
  dictate.hidden = false;
  dictate.querySelector("button").addEventListener("click", ({ currentTarget }) => {
    dictate.querySelector(".hint").hidden = false;
    currentTarget.setAttribute("aria-expanded", "true");
    document.getElementById(dictate.dataset.dictate).focus();
  });
}
