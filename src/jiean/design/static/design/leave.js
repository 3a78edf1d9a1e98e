/* Signing out: what staff's outboxes hold in this browser is wiped, after a question where something was not sent yet. */

import { wipeStaff, waitingOfStaff } from "./outbox.js";

document.querySelector("form[data-leave]").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const waiting = await waitingOfStaff();
  if (waiting && !window.confirm(form.dataset.leave.replace("{n}", waiting))) return;
  await wipeStaff();
  form.submit();
});
