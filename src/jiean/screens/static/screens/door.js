/* How a deed leaves the outbox: to the door it is for, as whoever is signed in. */

import { asked } from "../design/outbox.js";

/** The page's token against forged requests; none on a page kept without a network. */
export const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";

/** Do one deed at the station's door. Whoever must sign in first, or has an old page, keeps it. */
export async function toTheDoor(key, { door, step, fields }, pictures, times) {
  const sent = await asked(`${door}/${step}`, {
    method: "POST", body: JSON.stringify(fields),
    headers: { "Content-Type": "application/json", "Idempotency-Key": key, "X-CSRFToken": token(), ...times },
  });
  return sent.status === 401 || sent.told.code === "csrf" ? { status: 0, told: { code: sent.told.code } } : sent;
}
