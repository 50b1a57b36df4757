// Shows a question that depends on another answer only once that answer is given. The server decides by itself.
"use strict";

const questions = [...document.querySelectorAll("[data-question]")];
const boxes = new Map(questions.map((box) => [box.dataset.question, box]));

function chosen(box) {
  return [...box.querySelectorAll("input:checked")]
    .filter((input) => input.name === box.dataset.question)
    .map((input) => input.value);
}

function isShown(box) {
  const earlier = boxes.get(box.dataset.if);
  if (!earlier) return true;
  if (earlier.hidden) return false;
  const given = chosen(earlier);
  // An answer that the page doesn't show, and that stays as it is, may be the one.
  if (!given.length && "kept" in earlier.dataset) return true;
  return given.some((code) => box.dataset.codes.split(" ").includes(code));
}

// In the order of the page, for a question may depend on one that depends on another.
function arrange() {
  for (const box of questions) box.hidden = !isShown(box);
}

if (questions.some((box) => box.dataset.if)) {
  for (const words of document.querySelectorAll("[data-condition]")) words.hidden = true;
  document.addEventListener("change", arrange);
  window.addEventListener("pageshow", arrange); // the browser may bring back what was chosen before
  arrange();
}
