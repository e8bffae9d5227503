/* The application review by keyboard. Without this file everything works by mouse, touch and tab. */
"use strict";

const REVIEW_KEYS = "certbody-review-keys";
const ITEM = "[data-review-item]";
const items = () => [...document.querySelectorAll(ITEM)];
const isTyping = (target) => target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
const isWaiting = (item) => !("recorded" in item.dataset);
const areOn = () => document.querySelector("[data-review-switch]")?.checked;

/* Open an item and stand at its answer, so that the next key answers it. */
function goTo(item) {
  if (!item) return;
  const details = item.querySelector("details");
  if (details) details.open = true;
  (item.querySelector("input[type=radio]:checked, input[type=radio]") || item).focus();
  item.scrollIntoView({ block: "nearest" });
}

function answer(item, number) {
  const choice = item.querySelectorAll("input[type=radio]")[number - 1];
  if (!choice) return false;
  item.querySelector("details").open = true;
  choice.checked = true;
  choice.focus();
  return true;
}

function toggleHelp() {
  const button = document.querySelector("[data-review-help]");
  const help = document.getElementById("review-keys-help");
  help.hidden = !help.hidden;
  button.setAttribute("aria-expanded", String(!help.hidden));
  if (!help.hidden) button.focus();
}

/* Letters and digits act on the item in which the reader stands, and on nothing while somebody writes. From anywhere
   else on the page J leads to the first item that waits for an answer. */
function onKey(event) {
  const item = event.target.closest?.(ITEM);
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && item) {
    event.preventDefault();
    item.querySelector("[data-review-form]")?.requestSubmit(item.querySelector("[data-review-form] button"));
    return;
  }
  if (!areOn() || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const all = items();
  const place = all.indexOf(item);
  const key = event.key.toLowerCase();
  let done = true;
  if (key === "?") toggleHelp();
  else if (!item && key === "j") goTo(all.find(isWaiting) || all[0]);
  else if (!item) done = false;
  else if (key === "j") goTo(all[place + 1]);
  else if (key === "k") goTo(all[place - 1]);
  else if (key === "n") item.querySelector("textarea")?.focus();
  else done = /^[1-4]$/.test(key) && answer(item, Number(key));
  if (done) event.preventDefault();
}

function prepareKeys() {
  const box = document.querySelector("[data-review-keys]");
  if (!box || !document.querySelector("[data-review-form]")) return;
  const choice = box.querySelector("[data-review-switch]");
  try {
    choice.checked = localStorage.getItem(REVIEW_KEYS) !== "off";
  } catch { /* a browser that stores nothing keeps the keys on for this page */ }
  choice.addEventListener("change", () => {
    try {
      localStorage.setItem(REVIEW_KEYS, choice.checked ? "on" : "off");
    } catch { /* the choice then holds for this page */ }
  });
  box.querySelector("[data-review-help]").addEventListener("click", toggleHelp);
  box.hidden = false;
  document.addEventListener("keydown", onKey);
}

/* A refused record comes back as a page with its reason: show it, whatever its status. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([403, 409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

/* After a record the reader stands at the next item; after a refused one at what is wrong. */
document.addEventListener("htmx:afterSwap", (event) => {
  const id = event.detail.elt?.id || "";
  const item = id.startsWith("item-") && document.getElementById(id);
  if (!item) return;
  const refusal = document.getElementById("review-refusal");
  if (refusal?.textContent.trim()) {
    refusal.scrollIntoView({ block: "center" });
    return;
  }
  if (item.querySelector("details[open]")) {
    (item.querySelector("[aria-invalid=true], .is-invalid") || item).focus();
    return;
  }
  const all = items();
  const after = [...all.slice(all.indexOf(item) + 1), ...all];
  goTo(after.find(isWaiting) || document.getElementById("decision"));
});

prepareKeys();
