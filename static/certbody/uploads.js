/* Files are sent in pieces before their form is: with progress, cancel, and going on after a broken connection or a
   reload. Without this script the form sends them whole. */
"use strict";

const PIECE = 1024 * 1024;
const PAUSES = [1000, 2000, 4000, 8000, 15000];
const MEMORY = "certbody-upload";

class Interrupted extends Error {}
class Refused extends Error {
  constructor(message, isFinal = false) {
    super(message);
    /* sending the same file once more would be refused again */
    this.isFinal = isFinal;
  }
}

function call(method, url, { body = null, headers = {}, progress = null, item = null } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (progress) request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("load", () => {
      let facts = {};
      try { facts = JSON.parse(request.responseText); } catch { /* a page: signed out, or an outage */ }
      const isElsewhere = new URL(request.responseURL || url, location.href).pathname.startsWith("/accounts/");
      if (request.status >= 500 || request.status === 429) reject(new Interrupted());
      else resolve({ status: isElsewhere || request.status === 403 ? 401 : request.status, facts });
    });
    for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, () => reject(new Interrupted()));
    if (item) item.request = request;
    request.send(body);
  });
}

const pause = (milliseconds, item) => new Promise((resolve) => {
  const timer = setTimeout(resolve, milliseconds);
  item.wake = () => { clearTimeout(timer); resolve(); };
});

/* What the browser remembers of a file on its way; without storage a reload begins anew. */
function remembered(key, id) {
  try {
    if (id === null) localStorage.removeItem(key);
    else if (id) localStorage.setItem(key, id);
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function sizeInWords(bytes) {
  const unit = bytes >= 1024 * 1024 ? "megabyte" : "kilobyte";
  const number = unit === "megabyte" ? bytes / 1024 / 1024 : Math.max(bytes / 1024, 0.1);
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(number);
}

function prepareArriving(box) {
  const words = box.dataset;
  const input = document.getElementById(words.arriving);
  const form = input.form;
  const list = box.querySelector("[data-list]");
  const said = box.querySelector("[data-said]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "X-CSRFToken": token };
  const items = [];
  let isBusy = false;
  let pressed = null;

  const inWords = (key, facts = {}) => Object.entries(facts).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, value), words[`says${key}`],
  );
  const tell = (text) => { said.textContent = text; };
  const keyOf = (file) => [MEMORY, words.purpose, words.target, file.name, file.size, file.lastModified].join(":");

  function button(label, name, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm";
    made.textContent = label;
    const about = document.createElement("span");
    about.className = "visually-hidden";
    about.textContent = `: ${name}`;
    made.append(about);
    made.addEventListener("click", act);
    return made;
  }

  function say(item, text, isBad = false) {
    item.state.textContent = text;
    item.state.classList.toggle("is-bad", isBad);
    if (isBad) tell(`${item.file.name}: ${text}`);
  }

  function line(item) {
    item.line = document.createElement("li");
    const name = document.createElement("span");
    name.dataset.file = "";
    name.textContent = item.file.name;
    item.progress = document.createElement("progress");
    item.progress.max = 100;
    item.progress.setAttribute("aria-label", item.file.name);
    item.state = document.createElement("span");
    item.state.dataset.state = "";
    item.retry = button(words.buttonRetry, item.file.name, () => { item.isStopped = false; next(); });
    item.retry.hidden = true;
    item.cancel = button(words.buttonCancel, item.file.name, () => drop(item));
    item.line.append(name, item.progress, item.state, item.retry, item.cancel);
    list.append(item.line);
  }

  function show(item, sent) {
    const percent = Math.min(100, Math.floor((sent * 100) / item.file.size));
    item.progress.value = percent;
    say(item, inWords("Sending", { percent, size: sizeInWords(item.file.size) }));
  }

  async function begin(item) {
    const facts = { purpose: words.purpose, target: words.target, name: item.file.name, size: item.file.size };
    const answer = await call("POST", words.begin, { body: new URLSearchParams(facts), headers, item });
    if (answer.status !== 201) throw new Refused(answer.status === 401 ? "SignedOut" : answer.facts.error || "", answer.status === 422);
    item.id = answer.facts.id;
    item.offset = 0;
    remembered(item.key, item.id);
  }

  /* Where the server says that the file goes on; a file that it does not know any more begins anew. */
  async function resume(item) {
    const answer = await call("GET", `${words.begin}${item.id}/`, { item });
    if (answer.status === 401) throw new Refused("SignedOut");
    if (answer.status !== 200 || answer.facts.size !== item.file.size) await begin(item);
    else item.offset = answer.facts.offset;
    list.querySelectorAll("[data-stopped]").forEach((old) => { if (old.dataset.id === item.id) old.remove(); });
  }

  async function send(item) {
    if (item.id) await resume(item);
    else await begin(item);
    while (item.offset < item.file.size && !item.isCancelled) {
      const piece = item.file.slice(item.offset, item.offset + Math.min(PIECE, Number(words.piece)));
      const url = `${words.begin}${item.id}/piece/?offset=${item.offset}`;
      const answer = await call("POST", url, {
        body: piece, item, headers: { ...headers, "Content-Type": "application/octet-stream" },
        progress: (loaded) => show(item, item.offset + Math.min(loaded, piece.size)),
      });
      if (answer.status === 401) throw new Refused("SignedOut");
      if (answer.status === 404) await begin(item);
      else if (typeof answer.facts.offset === "number" && [200, 409].includes(answer.status)) item.offset = answer.facts.offset;
      else throw new Refused(answer.facts.error || "");
      item.failures = 0;
      show(item, item.offset);
    }
  }

  function finish(item) {
    const value = document.createElement("input");
    value.type = "hidden";
    value.name = words.name;
    value.value = item.id;
    item.line.append(value);
    item.isDone = true;
    item.progress.remove();
    item.cancel.firstChild.textContent = words.buttonRemove;
    say(item, inWords("Done", { size: sizeInWords(item.file.size) }));
    tell(`${item.file.name}: ${item.state.textContent}`);
  }

  function stop(item, text, isFinal = false) {
    item.isStopped = true;
    item.retry.hidden = isFinal;
    item.progress.hidden = isFinal;
    pressed = null;
    say(item, text, true);
  }

  async function work(item) {
    item.retry.hidden = true;
    item.failures = 0;
    while (!item.isCancelled && !item.isDone && !item.isStopped) {
      try {
        show(item, item.offset);
        await send(item);
        if (!item.isCancelled) finish(item);
      } catch (fault) {
        if (item.isCancelled) return;
        if (fault instanceof Refused) {
          stop(item, fault.message === "SignedOut" ? inWords("SignedOut") : fault.message || inWords("Failed"), fault.isFinal);
        } else if (!(fault instanceof Interrupted)) {
          throw fault;
        } else if (item.failures >= PAUSES.length) {
          stop(item, inWords("Stopped", { percent: Math.floor((item.offset * 100) / item.file.size) }));
        } else {
          say(item, inWords("Waiting"));
          await pause(PAUSES[item.failures], item);
          item.failures += 1;
        }
      }
    }
  }

  async function next() {
    if (isBusy) return;
    isBusy = true;
    try {
      for (let item = waiting(); item; item = waiting()) await work(item);
    } finally {
      isBusy = false;
    }
    if (pressed && items.every((item) => item.isDone)) form.requestSubmit(pressed.button);
  }

  const waiting = () => items.find((item) => !item.isDone && !item.isStopped);

  async function drop(item) {
    item.isCancelled = true;
    item.request?.abort();
    item.wake?.();
    items.splice(items.indexOf(item), 1);
    item.line.remove();
    remembered(item.key, null);
    tell(inWords("Cancelled", { name: item.file.name }));
    input.focus();
    if (item.id) await forget(`${words.begin}${item.id}/cancel/`);
    next();
  }

  /* Whatever is not taken back now is gone after a day. */
  const forget = (url) => call("POST", url, { headers }).catch(() => null);

  function add(files) {
    for (const file of files) {
      const key = keyOf(file);
      if (items.some((item) => item.key === key)) {
        tell(`${file.name}: ${inWords("Twice")}`);
        continue;
      }
      const item = { file, key, id: remembered(key), offset: 0 };
      items.push(item);
      line(item);
      if (file.size > Number(input.dataset.mostBytes)) stop(item, inWords("Large"), true);
      else if (file.size === 0) stop(item, inWords("Empty"), true);
    }
    next();
  }

  /* Lines that the page brought along: whole files keep their box, halves wait for the same file to be chosen again. */
  function prepareLine(old) {
    const name = old.querySelector("[data-file]").textContent;
    const url = old.dataset.here || old.dataset.stopped;
    old.append(button(old.dataset.here ? words.buttonRemove : words.buttonCancel, name, () => {
      old.remove();
      tell(inWords("Cancelled", { name }));
      input.focus();
      forget(url);
    }));
  }

  function prepareDrop(area) {
    area.hidden = false;
    for (const name of ["dragenter", "dragover"]) {
      area.addEventListener(name, (event) => { event.preventDefault(); area.dataset.over = ""; });
    }
    for (const name of ["dragleave", "drop"]) area.addEventListener(name, () => { delete area.dataset.over; });
    area.addEventListener("drop", (event) => { event.preventDefault(); add(event.dataTransfer.files); });
  }

  function prepareCamera(press) {
    if (!matchMedia("(pointer: coarse)").matches) return;
    const camera = document.createElement("input");
    camera.type = "file";
    camera.accept = "image/jpeg,image/png";
    camera.setAttribute("capture", "environment");
    press.hidden = false;
    press.addEventListener("click", () => camera.click());
    camera.addEventListener("change", () => {
      /* telephones call every photograph image.jpg */
      const time = new Date().toISOString().slice(0, 19).replace(/[T:]/g, "-");
      add([...camera.files].map((file) => new File([file], `photo-${time}.${file.type === "image/png" ? "png" : "jpg"}`, {
        type: file.type, lastModified: file.lastModified,
      })));
      camera.value = "";
    });
  }

  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  form.addEventListener("submit", (event) => {
    if (!waiting() || event.defaultPrevented) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed = { button: event.submitter };
    tell(inWords("Wait"));
  });
  addEventListener("online", () => {
    for (const item of items) {
      item.wake?.();
      if (item.isStopped && item.retry.isConnected) item.isStopped = false;
    }
    next();
  });
  addEventListener("beforeunload", (event) => { if (waiting()) event.preventDefault(); });
  list.querySelectorAll("[data-here], [data-stopped]").forEach(prepareLine);
  prepareDrop(box.querySelector("[data-drop]"));
  prepareCamera(box.querySelector("[data-camera]"));
}

document.querySelectorAll("[data-arriving]").forEach(prepareArriving);
