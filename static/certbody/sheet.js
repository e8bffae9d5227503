/* The score sheet by keyboard. Without this file everything works by mouse, touch and tab. */
"use strict";

const sheet = () => document.querySelector("[data-sheet]");
const isTyping = (target) => target.matches("textarea, select, input:not([type=radio])");

document.addEventListener("keydown", (event) => {
  const page = sheet();
  if (!page) return;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    const link = page.querySelector(event.key === "ArrowUp" ? "[data-sheet-previous]" : "[data-sheet-next]");
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  const form = page.querySelector("[data-mark-form]");
  if (!form || !form.contains(event.target)) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[value=next]"));
    return;
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  const choice = form.querySelectorAll("input[name=answer]")[Number(event.key) - 1];
  if (choice) {
    event.preventDefault();
    choice.checked = true;
    choice.focus();
    if (choice.value === "sampled") form.querySelector("input[name=sampled]")?.focus();
  }
});

/* Counts are the mark of a sample: typing one chooses it. */
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-mark-form] input[type=number]")) return;
  const choice = event.target.form.querySelector("input[name=answer][value=sampled]");
  if (choice) choice.checked = true;
});

/* A refused mark comes back as a page with its reason: show it, whatever its status. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([403, 409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

/* What the mark would earn, before it is saved; nothing while the form does not say a mark yet. */
function markOf(form) {
  const answer = form.querySelector("input[name=answer]:checked")?.value;
  if (!answer) return undefined;
  if (answer === "excluded") return { excluded: "" };
  if (answer !== "sampled") return { met: answer === "met" || answer === "empty_met" };
  const [sampled, failed] = ["sampled", "failed"].map((name) => form.querySelector(`input[name=${name}]`).value);
  const areCounts = /^\d+$/.test(sampled) && /^\d+$/.test(failed) && Number(sampled) > 0 && Number(failed) <= Number(sampled);
  return areCounts ? { sampled, failed } : undefined;
}

function preview() {
  const form = sheet()?.querySelector("[data-mark-form]");
  const line = form?.querySelector("[data-clause-points]");
  if (!line) return;
  const mark = markOf(form);
  const earned = mark && scoring.pointsObtained(scoring.exact(line.dataset.clausePoints), mark);
  line.hidden = !earned;
  if (earned) line.querySelector("output").textContent = scoring.display(earned, 2);
}

/* More that do not conform than were sampled is said beside the field at once, in the server's words. */
function judgeCounts() {
  const failed = sheet()?.querySelector("input[name=failed][data-too-many]");
  if (!failed) return;
  const form = failed.form;
  const isMark = form.querySelector("input[name=answer]:checked")?.value === "sampled";
  const sampled = form.querySelector("input[name=sampled]").value;
  const isTooMany = isMark && sampled !== "" && failed.value !== "" && Number(failed.value) > Number(sampled);
  const lines = [...failed.parentElement.querySelectorAll(".invalid-feedback")];
  const said = lines.find((line) => line.textContent.trim() === failed.dataset.tooMany);
  failed.setCustomValidity(isTooMany ? failed.dataset.tooMany : "");
  if (isTooMany === Boolean(said)) return;
  failed.classList.toggle("is-invalid", isTooMany);
  if (!isTooMany) {
    said.remove();
    failed.removeAttribute("aria-invalid");
    return;
  }
  const line = document.createElement("p");
  line.className = "invalid-feedback d-block";
  line.setAttribute("role", "alert");
  line.textContent = failed.dataset.tooMany;
  failed.setAttribute("aria-invalid", "true");
  failed.after(line);
}

document.addEventListener("input", () => {
  judgeCounts();
  preview();
});

function focusForm() {
  const form = sheet()?.querySelector("[data-mark-form]");
  const start = form?.querySelector("input[name=answer]:checked") || form?.querySelector("input[name=answer]");
  start?.focus({ preventScroll: true });
  judgeCounts();
  preview();
}

document.addEventListener("htmx:afterSettle", focusForm);
focusForm();
