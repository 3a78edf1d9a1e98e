/* Lets this browser open the report page without a network later on; sends what was written without one, and says what is left. */

import { Outbox } from "../design/outbox.js";
import { toTheStation } from "./send.js";

navigator.serviceWorker?.register(`/sw.js?lang=${document.documentElement.lang}`).catch(() => {});

const outbox = new Outbox(toTheStation);
if ((await outbox.items()).length) {
  await outbox.send();
  document.getElementById("outbox").hidden = false;
}
