/* How a report leaves the outbox: its words, then its pictures, to the station's own doors, as anybody. */

import { asked } from "../design/outbox.js";

/** Send one report: whoever is signed in here is not asked for. Pictures are added under the number it was given. */
export async function toTheStation(key, body, pictures = [], times = {}) {
  const sent = await asked("/api/v1/reports", {
    method: "POST", credentials: "omit", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "Idempotency-Key": key, ...times },
  });
  if (!pictures.length || ![200, 201, 202].includes(sent.status)) return sent;
  const form = new FormData();
  pictures.forEach((picture, at) => form.append("photos", picture, `${at + 1}`));
  const added = await asked(`/api/v1/reports/${sent.told.number}/photos`, {
    method: "POST", credentials: "omit", body: form,
    headers: { "X-Tracking-Code": sent.told.code, "Idempotency-Key": `${key}-p` },
  });
  if (added.status === 201) return sent;
  const later = sent.status === 202 && added.status === 404;  // kept outside the database: it can be added to once it is in
  if (later || [0, 408, 429].includes(added.status) || added.status >= 500) return { status: 0, told: sent.told };
  return { ...sent, told: { ...sent.told, pictures: added.told.detail ?? "" } };
}
