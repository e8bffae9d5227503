/* Small helps on top of pages that work without it. */
"use strict";

const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

/* Colours: the cookie is what the server reads, so the next page arrives in the right ones. */
const THEMES = ["auto", "light", "dark"];

function prepareTheme(button) {
  const chosen = document.documentElement.dataset.bsTheme || "auto";
  const show = (theme) => {
    button.dataset.state = theme;
    button.setAttribute("aria-label", button.dataset[theme]);
    button.title = button.dataset[theme];
  };
  show(chosen);
  button.hidden = false;
  button.addEventListener("click", () => {
    const theme = THEMES[(THEMES.indexOf(button.dataset.state) + 1) % THEMES.length];
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${theme}; path=/; max-age=31536000; SameSite=Lax${secure}`;
    if (theme === "auto") delete document.documentElement.dataset.bsTheme;
    else document.documentElement.dataset.bsTheme = theme;
    each("[data-theme-switch]", () => show(theme));
  });
}

/* The menu of small screens; without JavaScript its link leads to the menu by :target. */
function prepareMenu(toggle) {
  const menu = document.getElementById(toggle.getAttribute("aria-controls"));
  const isOpen = () => menu.classList.contains("is-open");
  const set = (open) => {
    menu.classList.toggle("is-open", open);
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.setAttribute("role", "button");
  set(false);
  toggle.addEventListener("click", (event) => {
    event.preventDefault();
    set(!isOpen());
    if (isOpen()) menu.querySelector("a, button, summary")?.focus();
  });
  toggle.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      toggle.click();
    }
  });
  each("[data-menu-close]", (close) => close.addEventListener("click", (event) => {
    event.preventDefault();
    set(false);
    toggle.focus();
  }), menu);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen()) {
      set(false);
      toggle.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (isOpen() && !menu.contains(event.target) && !toggle.contains(event.target)) set(false);
  });
}

function prepareDropdown(details) {
  const close = (focus) => {
    if (!details.open) return;
    details.open = false;
    if (focus) details.querySelector("summary").focus();
  };
  document.addEventListener("click", (event) => { if (!details.contains(event.target)) close(false); });
  details.addEventListener("keydown", (event) => { if (event.key === "Escape") close(true); });
}

/* A second click must not send a form twice. The buttons come back when the page is shown again. */
function preventDoubleSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "repeatable" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => each("button:not([type=button]), input[type=submit]", (button) => {
    button.setAttribute("aria-disabled", "true");
    button.setAttribute("aria-busy", "true");
  }, form));
}

function allowSubmitAgain() {
  each("form[data-sent]", (form) => {
    delete form.dataset.sent;
    each("[aria-busy]", (button) => {
      button.removeAttribute("aria-disabled");
      button.removeAttribute("aria-busy");
    }, form);
  });
}

/* Leaving a page with unsaved entries is asked about. */
const isDirty = new WeakSet();

function prepareGuard(form) {
  form.addEventListener("input", () => isDirty.add(form));
  form.addEventListener("submit", () => isDirty.delete(form));
}

function guardLeaving(event) {
  const dirty = [...document.querySelectorAll("form[data-guard], form[data-autosave]")].some((form) => isDirty.has(form));
  if (dirty) event.preventDefault();
}

/* Autosave: htmx posts the form to the address in data-autosave; submitting it stays an ordinary submit. */
const RETRY_AFTER = 5000;

function differsFromServed(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) {
    const served = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(served, 0);
  }
  return "defaultValue" in field && field.type !== "file" && field.value !== field.defaultValue;
}

function prepareAutosave(form) {
  const line = form.querySelector("[data-autosave-status]");
  const say = (state, text) => {
    if (!line) return;
    line.dataset.state = state;
    line.textContent = text;
  };
  form.setAttribute("hx-post", form.dataset.autosave);
  form.setAttribute("hx-trigger", "input delay:800ms, change delay:200ms, autosave");
  form.setAttribute("hx-swap", "none");
  form.setAttribute("hx-sync", "this:queue last");
  form.setAttribute("hx-headers", JSON.stringify({ "X-Autosave": "1" }));
  let typedMeanwhile = false;
  let retry = 0;
  let isUnderWay = false;
  let isRefused = false;
  let pressed = null;
  /* The answer to a save under way says what the page has saved itself: a press waits for it. */
  form.addEventListener("submit", (event) => {
    if (!isUnderWay) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed = { button: event.submitter };
  });
  prepareGuard(form);
  form.addEventListener("input", () => { typedMeanwhile = true; });
  /* On a slow connection people type before this script has come. */
  form.addEventListener("htmx:afterProcessNode", (event) => {
    if (event.target !== form || ![...form.elements].some(differsFromServed)) return;
    isDirty.add(form);
    form.dispatchEvent(new Event("autosave"));
  });
  form.addEventListener("htmx:beforeRequest", (event) => {
    /* After a refusal only a press saves: whoever presses has read why. */
    if (isRefused) {
      event.preventDefault();
      return;
    }
    isUnderWay = true;
    typedMeanwhile = false;
    say("saving", line?.dataset.saving);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    const { successful, xhr } = event.detail;
    clearTimeout(retry);
    isUnderWay = false;
    isRefused = xhr.status === 409;
    if (successful && new URL(xhr.responseURL || location.href).pathname.startsWith("/accounts/")) {
      say("failed", line?.dataset.signedOut);
    } else if (successful) {
      if (!typedMeanwhile) isDirty.delete(form);
      const time = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });
      say("saved", line?.dataset.saved.replace("{time}", time.format(new Date())));
    } else {
      say("failed", xhr.status === 409 ? line?.dataset.conflict : line?.dataset.failed);
      if (xhr.status === 0 || xhr.status >= 500) {
        retry = setTimeout(() => form.dispatchEvent(new Event("autosave")), RETRY_AFTER);
      }
    }
    const press = pressed;
    pressed = null;
    if (press && !isRefused) form.requestSubmit(press.button);
  });
}

/* A file that the site will not take is named before minutes of sending. */
function prepareFiles(field) {
  const limits = field.dataset;
  const line = document.createElement("p");
  line.className = "invalid-feedback d-block";
  line.setAttribute("role", "alert");
  line.textContent = limits.tooLarge;
  const judge = () => {
    const sizes = [...field.files].map((file) => file.size);
    const isTooLarge = sizes.some((size) => size > Number(limits.mostBytes))
      || sizes.reduce((sum, size) => sum + size, 0) > Number(limits.mostBytesTogether);
    if (isTooLarge) field.after(line);
    else line.remove();
    field.classList.toggle("is-invalid", isTooLarge);
    return isTooLarge;
  };
  field.addEventListener("change", judge);
  field.form.addEventListener("submit", (event) => {
    if (!judge()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    field.focus();
  });
}

function prepareErrorSummary(summary) {
  summary.focus();
  each("a[href^='#']", (link) => link.addEventListener("click", (event) => {
    const field = document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.focus({ preventScroll: true });
    (field.closest("[id^='div_']") || field).scrollIntoView({ block: "center" });
  }), summary);
}

function prepareCopy(button) {
  const label = button.querySelector("[data-copy-label]");
  const words = label.textContent;
  if (!navigator.clipboard) return;
  button.hidden = false;
  label.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = words; }, 2000);
  });
}

each("[data-theme-switch]", prepareTheme);
each("[data-menu-toggle]", prepareMenu);
each("details[data-menu]", prepareDropdown);
each("input[type=file][data-most-bytes]:not([data-pieces])", prepareFiles);
each("form[data-guard]", prepareGuard);
each("form[data-autosave]", prepareAutosave);
each("[data-error-summary]", prepareErrorSummary);
each("[data-copy]", prepareCopy);
each("[data-print]", (button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});
/* Paper says when it was printed, in the zone of the body like every time of the site. */
const printedAt = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" });
addEventListener("beforeprint", () => each("[data-printed-at]", (time) => { time.textContent = printedAt.format(new Date()); }));
document.addEventListener("submit", preventDoubleSubmit);
addEventListener("pageshow", allowSubmitAgain);
addEventListener("beforeunload", guardLeaving);
