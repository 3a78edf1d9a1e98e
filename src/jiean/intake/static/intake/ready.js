/* Lets this browser open the report page without a network later on; sends what was written without one, and says what is left. */

import { Outbox, toTheStation } from "../design/outbox.js";

navigator.serviceWorker?.register("/sw.js").catch(() => {});

const outbox = new Outbox(toTheStation);
if ((await outbox.items()).length) {
  await outbox.send();
  document.getElementById("outbox").hidden = false;
}
