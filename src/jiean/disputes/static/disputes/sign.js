/* A signature drawn with a finger or a mouse: <form data-sign> with a canvas and a hidden field named "drawn".
 * Where scripts do not run, the canvas stays hidden and a photograph is uploaded instead.
 */

const LINE = 4;

for (const form of document.querySelectorAll("form[data-sign]")) {
  const pad = form.querySelector("canvas");
  const field = form.elements.drawn;
  const pen = pad.getContext("2d");
  let drawing = false;
  pad.hidden = false;
  form.querySelector("[data-sign-hint]").hidden = false;

  const wipe = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, pad.width, pad.height);
    field.value = "";
  };
  const spot = (event) => {
    const box = pad.getBoundingClientRect();
    return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
  };

  pad.addEventListener("pointerdown", (event) => {
    drawing = true;
    pad.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...spot(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    pen.lineTo(...spot(event));
    pen.lineWidth = LINE;
    pen.lineCap = "round";
    pen.strokeStyle = "#000";
    pen.stroke();
  });
  const lift = () => {
    if (drawing) field.value = pad.toDataURL("image/png");
    drawing = false;
  };
  pad.addEventListener("pointerup", lift);
  pad.addEventListener("pointercancel", lift);
  form.querySelector("[data-sign-clear]").addEventListener("click", wipe);
  wipe();
}
