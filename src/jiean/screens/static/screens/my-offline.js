/* My day without a network: shows the day this telephone kept, takes taps into the outbox, and goes back when the station answers. */

import { openDay, show } from "./deeds.js";

const LOOK_MS = 5_000;
const digits = new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" });

const keptAt = await openDay();
document.querySelector("[data-nothing]").hidden = keptAt !== null;
document.querySelector("[data-kept]").hidden = keptAt === null;
if (keptAt !== null) document.querySelector("[data-kept-at]").textContent = digits.format(keptAt);
await show();
document.body.dataset.shown = "yes";

async function goBack() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.replace("/my");
}

addEventListener("online", goBack);
setInterval(goBack, LOOK_MS);
